// SPDX-License-Identifier: Apache-2.0
//
// A date: typed as YYYY-MM-DD, or picked in a calendar.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ActionIcon, Popover, TextInput } from '@mantine/core';
import type { TextInputProps } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { CalendarDays } from 'lucide-react';
import { isDate } from '../words/time';

export interface DateBounds {
  first: string;
  last: string;
}

interface Props extends Omit<TextInputProps, 'value' | 'onChange' | 'error'> {
  value: string;
  onChange: (date: string) => void;
  bounds: DateBounds;
  /** Where the calendar opens when no date is typed. */
  today: string;
  error?: ReactNode;
  /** The calendar's name for those who cannot see it. */
  calendar?: string;
}

export function DateField({ value, onChange, bounds, today, calendar = 'Calendar', ...more }: Props) {
  const [isOpen, setOpen] = useState(false);
  const pick = (date: string) => {
    onChange(date);
    setOpen(false);
  };
  return (
    <TextInput value={value} placeholder="YYYY-MM-DD" maxLength={10} inputMode="numeric" autoComplete="off" classNames={{ input: 'figures' }}
      onChange={(event) => onChange(event.currentTarget.value.trim())} {...more}
      rightSection={(
        <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus position="bottom-start" shadow="md">
          <Popover.Target>
            <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={calendar} onClick={() => setOpen(!isOpen)}>
              <CalendarDays size={18} aria-hidden />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown aria-label={calendar}>
            <DatePicker value={isDate(value) ? value : null} defaultDate={isDate(value) ? value : today}
              weekendDays={[]} minDate={bounds.first} maxDate={bounds.last} onChange={(date) => date && pick(date)}
              ariaLabels={{
                nextMonth: 'Next month', previousMonth: 'Previous month', nextYear: 'Next year',
                previousYear: 'Previous year', nextDecade: 'Next decade', previousDecade: 'Previous decade',
              }} />
          </Popover.Dropdown>
        </Popover>
      )} />
  );
}
