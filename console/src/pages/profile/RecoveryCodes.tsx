// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Alert, Box, Button, Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { Download, TriangleAlert } from 'lucide-react';
import { CopyButton } from '../../parts/CopyField';
import { useUnsaved } from '../../parts/useUnsaved';
import { download } from '../../words/download';

/** Ten codes, shown once. Close asks again while they have been neither copied nor saved. */
export function RecoveryCodes({ codes, email, onClose }: { codes: string[]; email: string; onClose: () => void }) {
  const [isTaken, setTaken] = useState(false);
  const [isAsking, setAsking] = useState(false);
  useUnsaved(!isTaken);
  const text = `${codes.join('\n')}\n`;
  const save = () => {
    download('tokenhouse-recovery-codes.txt', `Recovery codes of ${email} for Tokenhouse at ${location.origin}\nEach works once.\n\n${text}`);
    setTaken(true);
  };
  return (
    <Modal opened onClose={() => (isTaken ? onClose() : setAsking(true))} title="Recovery codes" size="md" closeOnClickOutside={false}>
      <Stack gap="md">
        <Alert variant="light" icon={<TriangleAlert size={18} aria-hidden />} title="They are shown once"
          styles={{
            root: { background: 'var(--th-soon-back)' }, icon: { color: 'var(--th-soon)' }, title: { color: 'var(--th-soon)' },
            message: { color: 'var(--mantine-color-text)' },
          }}>
          Each lets you log in once when your authenticator is not at hand. Keep them where you would keep a key, not on the same phone.
        </Alert>
        <Box className="panel mono" p="md" role="group" aria-label="Recovery codes" style={{ background: 'var(--th-quiet)' }}>
          <SimpleGrid cols={2} spacing="md" verticalSpacing={6}>
            {codes.map((code) => <Text key={code} inherit span>{code}</Text>)}
          </SimpleGrid>
        </Box>
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Button size="xs" leftSection={<Download size={14} aria-hidden />} onClick={save}>Download</Button>
            <CopyButton text={text} what="recovery codes" onCopied={() => setTaken(true)} />
          </Group>
          <Button variant="default" onClick={() => (isTaken ? onClose() : setAsking(true))}>Close</Button>
        </Group>
      </Stack>
      {isAsking && (
        <Modal opened onClose={() => setAsking(false)} title="Close without the recovery codes?" size="sm" zIndex={300}>
          <Stack gap="md">
            <Text size="sm">They were neither copied nor downloaded. Nobody can show them again; you can make new ones.</Text>
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>Close without them</Button>
              <Button data-autofocus onClick={() => setAsking(false)}>Go back</Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </Modal>
  );
}
