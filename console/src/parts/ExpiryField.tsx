// SPDX-License-Identifier: Apache-2.0
//
// The expiry date: typed as YYYY-MM-DD, picked in a calendar, or by a range; with the exact
// moment of death in UTC and in the reader's time.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ActionIcon, Box, Button, Group, Popover, Text, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { CalendarDays } from 'lucide-react';
import { dateAfter, isDate, worksThrough } from '../words/time';

const RANGES: [string, number, number][] = [
  ['30 days', 30, 0], ['60 days', 60, 0], ['90 days', 90, 0], ['6 months', 0, 6], ['1 year', 0, 12],
];

export interface ExpiryBounds {
  first: string;
  last: string;
}

/** What is wrong with a typed date, or null. */
export function expiryFault(text: string, bounds: ExpiryBounds): string | null {
  if (!isDate(text)) return 'Enter a date as YYYY-MM-DD.';
  if (text < bounds.first || text > bounds.last) {
    return `Choose a date from ${bounds.first} to ${bounds.last}.`;
  }
  return null;
}

export function ExpiryField({ value, onChange, onBlur, bounds, error }: {
  value: string; onChange: (date: string) => void; onBlur: () => void; bounds: ExpiryBounds; error?: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const today = dateAfter(bounds.first, -1);
  const pick = (date: string) => {
    onChange(date);
    setOpen(false);
  };
  const isRight = expiryFault(value, bounds) === null;
  return (
    <Box>
      <Group gap="sm" align="flex-end">
        <TextInput label="Expiration date" w={200} value={value} placeholder="YYYY-MM-DD" error={!!error} maxLength={10}
          inputMode="numeric" autoComplete="off" classNames={{ input: 'figures' }}
          onChange={(event) => onChange(event.currentTarget.value.trim())} onBlur={onBlur}
          rightSection={(
            <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus position="bottom-start" shadow="md">
              <Popover.Target>
                <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label="Calendar" onClick={() => setOpen(!isOpen)}>
                  <CalendarDays size={18} aria-hidden />
                </ActionIcon>
              </Popover.Target>
              <Popover.Dropdown aria-label="Calendar">
                <DatePicker value={isDate(value) ? value : null} defaultDate={isDate(value) ? value : today}
                  weekendDays={[]} minDate={bounds.first} maxDate={bounds.last} onChange={(date) => date && pick(date)}
                  ariaLabels={{
                    nextMonth: 'Next month', previousMonth: 'Previous month', nextYear: 'Next year',
                    previousYear: 'Previous year', nextDecade: 'Next decade', previousDecade: 'Previous decade',
                  }} />
              </Popover.Dropdown>
            </Popover>
          )} />
        <Group gap={4} role="group" aria-label="Ranges">
          {RANGES.map(([words, days, months]) => {
            const counted = dateAfter(today, days, months);
            const date = counted > bounds.last ? bounds.last : counted;
            return (
              <Button key={words} size="xs" h={36} px={10} aria-pressed={value === date}
                variant={value === date ? 'light' : 'default'} onClick={() => pick(date)}>{words}</Button>
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
