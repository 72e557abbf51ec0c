// SPDX-License-Identifier: Apache-2.0
import { Box, Group, Tabs, Text } from '@mantine/core';
import type { Kind } from '../api/types';
import { firstRequests } from '../words/first-requests';
import { CopyButton } from './CopyField';

/** A first signed request with this token's ID filled in, ready to run. */
export function FirstRequests({ id, kind, file }: { id: string; kind: Kind; file: string }) {
  const samples = firstRequests({ id, kind, file, server: location.origin });
  return (
    <Tabs defaultValue={samples[0]!.name} keepMounted={false}>
      <Tabs.List>
        {samples.map((sample) => <Tabs.Tab key={sample.name} value={sample.name}>{sample.name}</Tabs.Tab>)}
      </Tabs.List>
      {samples.map((sample) => (
        <Tabs.Panel key={sample.name} value={sample.name} pt="sm">
          <Group justify="space-between" mb="xs" wrap="nowrap">
            <Text size="xs" c="dimmed">Needs {sample.needs}. Run it where <span className="mono">{file}</span> is.</Text>
            <CopyButton text={sample.text} what="first request" />
          </Group>
          <Box component="pre" tabIndex={0} className="mono" m={0} p="sm" aria-label={`First request, ${sample.name}`} role="region"
            style={{ background: 'var(--th-quiet)', border: '1px solid var(--th-line)', borderRadius: 6, overflow: 'auto', maxHeight: 320, fontSize: 12, lineHeight: '18px' }}>
            {sample.text}
          </Box>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
