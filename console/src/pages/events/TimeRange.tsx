// SPDX-License-Identifier: Apache-2.0
//
// From when to when: a step back from now, or two moments in the reader's time.
import { useState } from 'react';
import { Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { CalendarClock } from 'lucide-react';
import { localTime } from '../../words/time';
import { SubmitButton } from '../../parts/SubmitButton';

const HOUR_MS = 3_600_000;
const STEPS: [string, number][] = [
  ['Last hour', HOUR_MS], ['Last 24 hours', 24 * HOUR_MS], ['Last 7 days', 7 * 24 * HOUR_MS], ['Last 30 days', 30 * 24 * HOUR_MS],
];

/** A moment as a `datetime-local` field has it: local, to the minute. */
function asTyped(moment: string): string {
  if (!moment) return '';
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function asMoment(typed: string): string {
  return typed ? new Date(typed).toISOString() : '';
}

function inWords(from: string, to: string): string {
  if (from && to) return `${localTime(from)} to ${localTime(to)}`;
  if (from) return `Since ${localTime(from)}`;
  return to ? `Until ${localTime(to)}` : 'Any time';
}

function Fields({ from, to, onChoose }: { from: string; to: string; onChoose: (from: string, to: string) => void }) {
  const [typedFrom, setFrom] = useState(asTyped(from));
  const [typedTo, setTo] = useState(asTyped(to));
  const fault = typedFrom && typedTo && typedTo <= typedFrom ? 'The end must be after the beginning.' : null;
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      if (!fault) onChoose(asMoment(typedFrom), asMoment(typedTo));
    }}>
      <Stack gap="sm">
        <TextInput type="datetime-local" label="From" value={typedFrom} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput type="datetime-local" label="To" value={typedTo} error={fault} onChange={(event) => setTo(event.currentTarget.value)} />
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={() => onChoose('', '')}>Any time</Button>
          <SubmitButton size="xs">Show</SubmitButton>
        </Group>
      </Stack>
    </form>
  );
}

export function TimeRange({ from, to, onChange }: { from: string; to: string; onChange: (from: string, to: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const choose = (nextFrom: string, nextTo: string) => {
    setOpen(false);
    onChange(nextFrom, nextTo);
  };
  const words = inWords(from, to);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus width={264}>
      <Popover.Target>
        <Button variant="default" fw={400} leftSection={<CalendarClock size={16} aria-hidden />} aria-label={`Time range: ${words}`}
          onClick={() => setOpen(!isOpen)}>{words}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Time range">
        <Stack gap="md">
          <Group gap={6}>
            {STEPS.map(([name, ms]) => (
              <Button key={name} size="xs" variant="default" onClick={() => choose(new Date(Date.now() - ms).toISOString(), '')}>{name}</Button>
            ))}
          </Group>
          <Fields key={`${from} ${to}`} from={from} to={to} onChoose={choose} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
