// SPDX-License-Identifier: Apache-2.0
//
// Permissions as a grid: feature by View, Manage and other actions. What is granted, what
// comes along with Manage, what is not granted and what does not exist are told apart; each
// row can show the operations it opens.
import { useMemo, useState } from 'react';
import { Box, Button, Checkbox, Group, Stack, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { Check, ChevronDown, ChevronRight, Minus, X } from 'lucide-react';
import type { GridAction, GridRow } from '../api/types';
import { counted } from '../words/number';
import { namesOf, opensOf, unusedOf, withChange } from '../words/permissions';
import { SearchField } from './SearchField';
import classes from './PermissionGrid.module.css';

interface Props {
  rows: GridRow[];
  value: ReadonlySet<string>;
  /** Missing: the grid is read-only. */
  onChange?: (value: Set<string>) => void;
  /** Granted, but not in force: the role has lost it. */
  lost?: ReadonlySet<string>;
  /** Where one cannot change anything it is shorter to leave out what is not granted. */
  isGrantedOnly?: boolean;
}

type CellState = 'granted' | 'implied' | 'lost' | 'open';

function stateOf(row: GridRow, name: string, value: ReadonlySet<string>, lost?: ReadonlySet<string>): CellState {
  if (lost?.has(name)) return 'lost';
  if (!value.has(name)) return 'open';
  return name === row.view?.name && row.manage && value.has(row.manage.name) ? 'implied' : 'granted';
}

const WORDS: Record<CellState, string> = {
  granted: 'granted', implied: 'granted, comes with Manage', lost: 'granted, but the user role has lost it',
  open: 'not granted',
};

function Sign({ state }: { state: CellState }) {
  return (
    <span className={`${classes.sign} ${classes[state]}`} title={WORDS[state]}>
      {state === 'open' ? null : state === 'lost' ? <X size={12} strokeWidth={3} aria-hidden /> : <Check size={12} strokeWidth={3} aria-hidden />}
      <VisuallyHidden>{WORDS[state]}</VisuallyHidden>
    </span>
  );
}

function Impossible() {
  return (
    <span className={classes.impossible} title="There is no such permission">
      <Minus size={14} aria-hidden /><VisuallyHidden>does not exist</VisuallyHidden>
    </span>
  );
}

function Cell({ row, action, word, props, label }: {
  row: GridRow; action: GridAction | null; word: string; props: Props; label?: string;
}) {
  if (!action) return <Impossible />;
  const state = stateOf(row, action.name, props.value, props.lost);
  if (!props.onChange) {
    return <span className={classes.readonly}><Sign state={state} />{label && <Text span size="sm">{label}</Text>}</span>;
  }
  return (
    <Checkbox checked={state !== 'open'} label={label} variant={state === 'implied' ? 'outline' : 'filled'}
      aria-label={`${row.feature}: ${word}`} title={state === 'implied' ? 'Comes with Manage' : undefined}
      onChange={(event) => props.onChange!(withChange(props.value, row, action.name, event.currentTarget.checked))} />
  );
}

function OpenedOperations({ operations, id }: { operations: string[]; id: string }) {
  return (
    <tr id={id}>
      <td colSpan={5} className={classes.opened}>
        <Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: 'none' }}>
          {operations.map((operation) => (
            <Text component="li" key={operation} size="xs" className="mono wrap-anywhere">{operation}</Text>
          ))}
        </Stack>
      </td>
    </tr>
  );
}

function Row({ row, props }: { row: GridRow; props: Props }) {
  const [isOpen, setOpen] = useState(false);
  const opens = useMemo(() => opensOf(row), [row]);
  const unused = unusedOf(row);
  const id = `opens-${row.feature.replace(/\W+/g, '-')}`;
  const opener = opens.length > 0 && (
    <UnstyledButton onClick={() => setOpen(!isOpen)} aria-expanded={isOpen} aria-controls={isOpen ? id : undefined}
      className={classes.opens} aria-label={`${counted(opens.length, 'operation')} of ${row.feature}`}>
      {counted(opens.length, 'operation')}
      {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
    </UnstyledButton>
  );
  return (
    <>
      <tr>
        <th scope="row">
          {row.feature}
          {unused.length > 0 && <Text size="xs" c="dimmed">No longer used: {unused.join(', ')}</Text>}
          <div className={classes.narrow}>{opener}</div>
        </th>
        <td><Cell row={row} action={row.view} word="View" props={props} /></td>
        <td><Cell row={row} action={row.manage} word="Manage" props={props} /></td>
        <td>
          {row.other.length === 0 ? <Impossible /> : (
            <Stack gap={6}>
              {row.other.map((action) => (
                <Cell key={action.name} row={row} action={action} word={action.action} label={action.action} props={props} />
              ))}
            </Stack>
          )}
        </td>
        <td className={classes.wide}>{opener}</td>
      </tr>
      {isOpen && <OpenedOperations operations={opens} id={id} />}
    </>
  );
}

function Legend({ hasLost }: { hasLost: boolean }) {
  const states: CellState[] = hasLost ? ['granted', 'implied', 'lost', 'open'] : ['granted', 'implied', 'open'];
  const words = { granted: 'Granted', implied: 'Comes with Manage', lost: 'Lost by the role', open: 'Not granted' };
  return (
    <Group gap="md" mt="sm" aria-hidden>
      {states.map((state) => (
        <Group key={state} gap={6}><Sign state={state} /><Text size="xs" c="dimmed">{words[state]}</Text></Group>
      ))}
      <Group gap={6}><Impossible /><Text size="xs" c="dimmed">Does not exist</Text></Group>
    </Group>
  );
}

export function PermissionGrid(props: Props) {
  const { rows, value, onChange, lost, isGrantedOnly } = props;
  const [wanted, setWanted] = useState('');
  const text = wanted.trim().toLowerCase();
  const all = useMemo(() => namesOf(rows), [rows]);
  const shown = rows.filter((row) => {
    const names = namesOf([row]);
    if (isGrantedOnly && !names.some((name) => value.has(name))) return false;
    return !text || row.feature.toLowerCase().includes(text) || names.some((name) => name.toLowerCase().includes(text))
      || opensOf(row).some((operation) => operation.toLowerCase().includes(text));
  });
  const count = all.filter((name) => value.has(name)).length;
  return (
    <Box>
      <Group justify="space-between" mb="xs" gap="xs">
        <Text size="sm" c="dimmed" className="figures" role="status">
          {onChange ? `${count} of ${all.length} permissions` : counted(count, 'permission')}
        </Text>
        <SearchField label="Filter permissions" value="" onSearch={setWanted} hasKey={false} width={240} />
      </Group>
      <Box className={classes.frame} tabIndex={-1}>
        <table className={classes.grid}>
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col">View</th>
              <th scope="col">Manage</th>
              <th scope="col">Other actions</th>
              <th scope="col" className={classes.wide}>Opens</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => <Row key={row.feature} row={row} props={props} />)}
            {shown.length === 0 && (
              <tr><td colSpan={5}><Text size="sm" c="dimmed" py="md">No permission is named like that.</Text></td></tr>
            )}
          </tbody>
        </table>
      </Box>
      {onChange && (
        <Group gap="xs" mt="sm">
          <Button size="xs" variant="default" onClick={() => onChange(new Set(all))}>Select all</Button>
          <Button size="xs" variant="default" onClick={() => onChange(new Set())}>Clear</Button>
        </Group>
      )}
      {!onChange && <Legend hasLost={!!lost && lost.size > 0} />}
    </Box>
  );
}
