// SPDX-License-Identifier: Apache-2.0
//
// The operations of an upstream: what each needs, and those that nobody may call. There may
// be a thousand: they are looked through here, and shown a part at a time.
import { useState } from 'react';
import { Box, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { Ban } from 'lucide-react';
import type { UpstreamOperation } from '../../api/records';
import { sentence } from '../../parts/FormFields';
import { SearchField } from '../../parts/SearchField';
import { counted, figures } from '../../words/number';
import classes from './Operations.module.css';

const PART = 100;

type Which = 'all' | UpstreamOperation['access'];

function Needs({ operation }: { operation: UpstreamOperation }) {
  if (operation.access === 'refused') {
    return (
      <Group gap={6} wrap="nowrap" c="var(--th-refused)" align="flex-start">
        <Ban size={14} aria-hidden style={{ flexShrink: 0, marginTop: 3 }} />
        <Text size="sm">{sentence(operation.needs).replace(/\.$/, '')}</Text>
      </Group>
    );
  }
  if (operation.access === 'open') return <Text size="sm" c="dimmed">Any good token</Text>;
  return <Text size="sm" className="wrap-anywhere">{operation.needs}</Text>;
}

function fits(operation: UpstreamOperation, words: string[]): boolean {
  const text = `${operation.method} ${operation.path} ${operation.summary} ${operation.needs}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export function Operations({ operations, hasKey = false }: { operations: UpstreamOperation[]; hasKey?: boolean }) {
  const [which, setWhich] = useState<Which>('all');
  const [text, setText] = useState('');
  const [most, setMost] = useState(PART);
  const count = (access: Which) => operations.filter((one) => one.access === access).length;
  const kinds: [Which, string][] = [['permissions', 'With permissions'], ['open', 'Any token'], ['refused', 'Refused']];
  const shown = operations.filter((one) => (which === 'all' || one.access === which) && fits(one, text.toLowerCase().split(/\s+/)));
  const begin = () => setMost(PART);
  return (
    <Stack gap="sm">
      <Group gap="sm" justify="space-between">
        <SegmentedControl size="xs" aria-label="Which operations" value={which} onChange={(value) => { setWhich(value as Which); begin(); }}
          data={[{ value: 'all', label: `All ${figures(operations.length)}` },
            ...kinds.filter(([kind]) => count(kind) > 0).map(([kind, words]) => ({ value: kind, label: `${words} ${figures(count(kind))}` }))]} />
        <SearchField label="Search operations" hint="Path, permission or summary" hasKey={hasKey} value={text} onSearch={(next) => { setText(next); begin(); }} />
      </Group>
      {shown.length === 0 ? <Text size="sm" c="dimmed" role="status">No operation fits.</Text> : (
        <Box component="ul" aria-label="Operations" className={`${classes.list} panel`}>
          {shown.slice(0, most).map((operation) => (
            <li key={`${operation.method} ${operation.path}`} className={classes.row}>
              <span className={`mono ${classes.method}`}>{operation.method}</span>
              <Box style={{ minWidth: 0 }}>
                <Text size="sm" className="mono wrap-anywhere">{operation.path}</Text>
                {operation.summary && <Text size="xs" c="dimmed" lineClamp={1}>{operation.summary}</Text>}
              </Box>
              <Needs operation={operation} />
            </li>
          ))}
        </Box>
      )}
      {shown.length > most && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">The first {figures(most)} of {counted(shown.length, 'operation')}</Text>
          <Button size="xs" variant="default" onClick={() => setMost(most + 5 * PART)}>Show more</Button>
        </Group>
      )}
    </Stack>
  );
}
