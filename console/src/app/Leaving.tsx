// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { onLeaving } from '../parts/useUnsaved';

/** Asks before a link or Back leads away from something unsaved. */
export function Leaving() {
  const [go, setGo] = useState<(() => void) | null>(null);
  useEffect(() => onLeaving((leave) => setGo(() => leave)), []);
  const stay = () => setGo(null);
  return (
    <Modal opened={go !== null} onClose={stay} title="Leave without saving?" size="sm">
      <Stack gap="md">
        <Text size="sm">What you have typed on this page would be lost.</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => { stay(); go?.(); }}>Leave</Button>
          <Button data-autofocus onClick={stay}>Stay</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
