// SPDX-License-Identifier: Apache-2.0
//
// 30 days of use: what was permitted stands above the line, what was refused hangs below
// it, so that the two are told apart without colours.
import { useState } from 'react';
import { Box, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { UseDay } from '../../api/types';
import { figures } from '../../words/number';
import { dayInWords } from '../../words/time';
import { reasonInWords } from '../../words/verdicts';

const UP = 120;
const DOWN = 48;
const GAP = 20; // the line with the dates
const LEFT = 48;

function refusedOf(day: UseDay): number {
  return Object.values(day.refused).reduce((sum, count) => sum + count, 0);
}

/** A round number at or above the most: 1, 2 or 5 times a power of ten. */
function ceiling(most: number): number {
  if (most <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((value) => value >= most)!;
}

function reasonsOf(days: UseDay[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const day of days) {
    for (const [reason, count] of Object.entries(day.refused)) sums.set(reason, (sums.get(reason) ?? 0) + count);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

function dayWords(day: UseDay): string {
  const refused = Object.entries(day.refused).filter(([, count]) => count > 0)
    .map(([reason, count]) => `${figures(count)} ${reasonInWords(reason).toLowerCase()}`);
  return `${dayInWords(day.date)}: ${figures(day.permitted)} permitted, ${figures(refusedOf(day))} refused${refused.length ? ` (${refused.join(', ')})` : ''}`;
}

function Scale({ top, width }: { top: number; width: number }) {
  return (
    <g fontSize="11" fill="var(--mantine-color-dimmed)" textAnchor="end">
      {[top, top / 2].map((value) => {
        const y = UP - (value / top) * (UP - 8);
        return (
          <g key={value}>
            <line x1={LEFT} x2={width} y1={y} y2={y} stroke="var(--th-line)" />
            <text x={LEFT - 8} y={y + 4}>{figures(value)}</text>
          </g>
        );
      })}
      <text x={LEFT - 8} y={UP + 4}>0</text>
    </g>
  );
}

function Bars({ days, width, chosen, onChoose }: {
  days: UseDay[]; width: number; chosen: number | null; onChoose: (day: number | null) => void;
}) {
  const top = ceiling(Math.max(...days.map((day) => day.permitted), 0));
  const mostRefused = Math.max(...days.map(refusedOf), 0);
  const step = (width - LEFT) / days.length;
  const bar = Math.max(2, step * 0.68);
  const below = mostRefused > 0 ? DOWN : 0;
  return (
    <svg width={width} height={UP + GAP + below} role="img" style={{ display: 'block', overflow: 'visible' }}
      aria-label="Requests a day over the last 30 days; the numbers are in the table" onMouseLeave={() => onChoose(null)}>
      <Scale top={top} width={width} />
      <line x1={LEFT} x2={width} y1={UP} y2={UP} stroke="var(--mantine-color-default-border)" />
      {days.map((day, index) => {
        const x = LEFT + index * step + (step - bar) / 2;
        const up = day.permitted === 0 ? 0 : Math.max(2, (day.permitted / top) * (UP - 8));
        const refused = refusedOf(day);
        const down = refused === 0 ? 0 : Math.max(2, (refused / mostRefused) * (DOWN - 8));
        return (
          <g key={day.date} onMouseEnter={() => onChoose(index)} opacity={chosen === null || chosen === index ? 1 : 0.45}>
            <rect x={LEFT + index * step} y={0} width={step} height={UP + GAP + below} fill="transparent" />
            <rect x={x} y={UP - up} width={bar} height={up} rx="1.5" fill="var(--th-bar)" />
            <rect x={x} y={UP + GAP} width={bar} height={down} rx="1.5" fill="var(--th-refused)" />
          </g>
        );
      })}
      <g fontSize="11" fill="var(--mantine-color-dimmed)">
        <text x={LEFT} y={UP + 14}>{days[0] && dayInWords(days[0].date)}</text>
        <text x={width} y={UP + 14} textAnchor="end">Today</text>
      </g>
    </svg>
  );
}

function AsTable({ days }: { days: UseDay[] }) {
  const used = days.filter((day) => day.permitted > 0 || refusedOf(day) > 0).reverse();
  return (
    <Table.ScrollContainer minWidth={400} maxHeight={320} type="native" tabIndex={0} role="region" aria-label="Requests a day">
      <Table verticalSpacing={6} borderColor="var(--th-line)">
        <Table.Thead>
          <Table.Tr><Table.Th>Day (UTC)</Table.Th><Table.Th ta="right">Permitted</Table.Th><Table.Th ta="right">Refused</Table.Th><Table.Th>Why</Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {used.map((day) => (
            <Table.Tr key={day.date}>
              <Table.Td>{dayInWords(day.date)}</Table.Td>
              <Table.Td ta="right">{figures(day.permitted)}</Table.Td>
              <Table.Td ta="right">{figures(refusedOf(day))}</Table.Td>
              <Table.Td>{Object.entries(day.refused).map(([reason, count]) => `${reasonInWords(reason)} ${figures(count)}`).join(', ')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Key({ colour, words }: { colour: string; words: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      <span style={{ width: 10, height: 10, borderRadius: 2, background: colour, display: 'inline-block' }} aria-hidden />
      <Text size="sm">{words}</Text>
    </Group>
  );
}

export function UseChart({ days }: { days: UseDay[] }) {
  const { ref, width } = useElementSize();
  const [chosen, setChosen] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const permitted = days.reduce((sum, day) => sum + day.permitted, 0);
  const reasons = reasonsOf(days);
  const refused = reasons.reduce((sum, [, count]) => sum + count, 0);
  if (permitted + refused === 0) {
    return <Text c="dimmed">Nobody has used this token in the last 30 days.</Text>;
  }
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="md">
          <Key colour="var(--th-bar)" words={`${figures(permitted)} permitted`} />
          {refused > 0 && <Key colour="var(--th-refused)" words={`${figures(refused)} refused`} />}
        </Group>
        <Button size="xs" variant="default" onClick={() => setTable(!isTable)}>{isTable ? 'As a chart' : 'As a table'}</Button>
      </Group>
      <Box ref={ref} mih={UP + GAP}>
        {isTable ? <AsTable days={days} /> : width > 0 && <Bars days={days} width={width} chosen={chosen} onChoose={setChosen} />}
      </Box>
      <Text size="sm" c="dimmed" mih={20}>
        {chosen !== null && !isTable ? dayWords(days[chosen]!)
          : refused > 0 ? `Refused: ${reasons.map(([reason, count]) => `${reasonInWords(reason).toLowerCase()} ${figures(count)}`).join(', ')}.` : ''}
      </Text>
    </Stack>
  );
}
