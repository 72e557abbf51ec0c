// SPDX-License-Identifier: Apache-2.0
//
// The expiry date: typed as YYYY-MM-DD, picked in a calendar, or by a range; with the exact
// moment of death in UTC and in the reader's time.
import type { ReactNode } from 'react';
import { Box, Button, Group, Text } from '@mantine/core';
import type { DateBounds } from './DateField';
import { DateField } from './DateField';
import { dateAfter, isDate, worksThrough } from '../words/time';

const RANGES: [string, number, number][] = [
  ['30 days', 30, 0], ['60 days', 60, 0], ['90 days', 90, 0], ['6 months', 0, 6], ['1 year', 0, 12],
];

/** What is wrong with a typed date, or null. */
export function expiryFault(text: string, bounds: DateBounds): string | null {
  if (!isDate(text)) return 'Enter a date as YYYY-MM-DD.';
  if (text < bounds.first || text > bounds.last) {
    return `Choose a date from ${bounds.first} to ${bounds.last}.`;
  }
  return null;
}

export function ExpiryField({ value, onChange, onBlur, bounds, error }: {
  value: string; onChange: (date: string) => void; onBlur: () => void; bounds: DateBounds; error?: ReactNode;
}) {
  const today = dateAfter(bounds.first, -1);
  const isRight = expiryFault(value, bounds) === null;
  return (
    <Box>
      <Group gap="sm" align="flex-end">
        <DateField label="Expiration date" w={200} value={value} onChange={onChange} onBlur={onBlur} bounds={bounds} today={today} error={!!error} />
        <Group gap={4} role="group" aria-label="Ranges">
          {RANGES.map(([words, days, months]) => {
            const counted = dateAfter(today, days, months);
            const date = counted > bounds.last ? bounds.last : counted;
            return (
              <Button key={words} size="xs" h={36} px={10} aria-pressed={value === date}
                variant={value === date ? 'light' : 'default'} onClick={() => onChange(date)}>{words}</Button>
            );
          })}
        </Group>
      </Group>
      {error && <Text size="xs" c="var(--mantine-color-error)" mt={6} role="alert">{error}</Text>}
      <Text size="sm" c="dimmed" mt={6} aria-live="polite">
        {isRight ? `The token ${worksThrough(value)}.` : '\u00a0'}
      </Text>
    </Box>
  );
}
