// SPDX-License-Identifier: Apache-2.0
//
// For how many days both tokens work; with the moment at which the old one ends.
import type { ReactNode } from 'react';
import { Box, Button, Group, NumberInput, Text } from '@mantine/core';
import { localTime, utcTime } from '../../words/time';

const DAY_MS = 86_400_000;
const USUAL: [string, number][] = [['At once', 0], ['1 day', 1], ['7 days', 7], ['14 days', 14], ['30 days', 30]];

export function overlapFault(days: number | string, most: number): string | null {
  return typeof days === 'number' && Number.isInteger(days) && days >= 0 && days <= most ? null
    : `Choose 0 to ${most} days.`;
}

/** The earlier of both ends: of the overlap, and of the old token's last day. */
function endOf(days: number, from: string, until: string): number {
  return Math.min(Date.parse(from) + days * DAY_MS, Date.parse(`${until}T00:00:00Z`) + DAY_MS);
}

function EndInWords({ days, from, until }: { days: number; from: string; until: string }) {
  const end = endOf(days, from, until);
  if (end <= Date.now()) return <>The old token ends at once: change the key in the client right away.</>;
  const moment = new Date(end).toISOString();
  return <>The old token ends {localTime(moment)} ({utcTime(moment)}).</>;
}

export function OverlapField({ value, onChange, most, from, until, error }: {
  value: number;
  onChange: (days: number) => void;
  most: number;
  /** When the token is, or was, rolled. */
  from: string;
  /** The old token's expiry date. */
  until: string;
  error?: ReactNode;
}) {
  const isRight = overlapFault(value, most) === null;
  return (
    <Box>
      <Group gap="sm" align="flex-end">
        <NumberInput label="Days in which both work" w={200} min={0} max={most} clampBehavior="strict" allowDecimal={false}
          allowNegative={false} value={value} error={!!error} classNames={{ input: 'figures' }}
          onChange={(days) => onChange(typeof days === 'number' ? days : Number.NaN)} />
        <Group gap={4} role="group" aria-label="Usual overlaps">
          {USUAL.map(([words, days]) => (
            <Button key={words} size="xs" h={36} px={10} aria-pressed={value === days}
              variant={value === days ? 'light' : 'default'} onClick={() => onChange(days)}>{words}</Button>
          ))}
        </Group>
      </Group>
      {error && <Text size="xs" c="var(--mantine-color-error)" mt={6} role="alert">{error}</Text>}
      <Text size="sm" c="dimmed" mt={6} aria-live="polite">
        {isRight ? <EndInWords days={value} from={from} until={until} /> : '\u00a0'}
      </Text>
    </Box>
  );
}
