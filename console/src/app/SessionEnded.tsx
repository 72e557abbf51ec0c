// SPDX-License-Identifier: Apache-2.0
//
// The session ended in mid-work. The page stays as it is behind this dialog; after the
// log-in, what was asked is asked again.
import { useState } from 'react';
import { Button, Modal, Stack, Text } from '@mantine/core';
import { takeSession } from '../api/client';
import { useEnter, useLeave, useSession } from '../api/session';
import type { Session } from '../api/types';
import { LoginForm } from '../pages/login/LoginForm';

export function SessionEnded() {
  const { session } = useSession();
  const enter = useEnter();
  const leave = useLeave();
  const [half, setHalf] = useState<Session | null>(null);
  const entered = (next: Session) => {
    if (next.state === 'active') {
      enter(next);
    } else {
      takeSession(next);
      setHalf(next);
    }
  };
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} closeOnEscape={false}
      closeOnClickOutside={false} title="Your session has ended" size="sm" zIndex={1000}
      overlayProps={{ backgroundOpacity: 0.6, blur: 8 }}>
      <Stack gap="md">
        <Text size="sm">Log in again and go on where you were. Nothing is lost.</Text>
        <LoginForm session={half} email={session.user.email} onEntered={entered} />
        <Button variant="subtle" color="gray" c="dimmed" onClick={() => leave()}>
          Leave this page and log in as somebody else
        </Button>
      </Stack>
    </Modal>
  );
}
