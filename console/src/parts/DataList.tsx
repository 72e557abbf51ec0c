// SPDX-License-Identifier: Apache-2.0
//
// A list from the server: a table that becomes cards under 768 px. Rows keep their height
// while they are on the way, arrows walk them, columns sort, and long lists come in pages.
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import { Anchor, Box, Button, Group, Skeleton, Stack, Table, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { ListOf } from '../api/types';
import { counted, figures } from '../words/number';
import { Fault } from './Fault';
import type { ListState } from './useListState';
import classes from './DataList.module.css';

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The server's name of this order. */
  sort?: string;
  width?: number | string;
  isRight?: boolean;
  /** Left out of the cards on small screens. */
  isWideOnly?: boolean;
  /** On a card: beside the name, without its title; or over the whole width. */
  card?: 'head' | 'whole';
}

/** What comes from a query hook, or is made from one. */
export interface RowsOf<T> {
  data: ListOf<T> | undefined;
  error: unknown;
  isError: boolean;
  isPending: boolean;
  isFetching: boolean;
  isPlaceholderData: boolean;
  refetch: () => unknown;
}

interface Props<T> {
  /** What the list is, for screen readers: "API tokens". */
  label: string;
  /** One of them, for the count: "token". */
  one: string;
  many?: string;
  rows: RowsOf<T>;
  /** The first column is the row's name, and its link. */
  columns: Column<T>[];
  rowKey: (row: T) => string;
  rowPath?: (row: T) => string | undefined;
  state: ListState;
  /** Shown when there is nothing at all; with filters set, clearing them is offered instead. */
  empty: ReactNode;
  rowHeight?: number;
}

const SKELETON_ROWS = 8;

function SortHead<T>({ column, state }: { column: Column<T>; state: ListState }) {
  const isUp = state.sort === column.sort;
  const isDown = state.sort === `-${column.sort}`;
  const order = isUp ? 'ascending' : isDown ? 'descending' : undefined;
  return (
    <Table.Th w={column.width} aria-sort={order} ta={column.isRight ? 'right' : undefined}>
      {column.sort
        ? (
          <UnstyledButton onClick={() => state.sortBy(column.sort!)} className={classes.sort}>
            {column.title}
            {isUp && <ArrowUp size={14} aria-hidden />}
            {isDown && <ArrowDown size={14} aria-hidden />}
          </UnstyledButton>
        )
        : column.title}
    </Table.Th>
  );
}

/** ↑ ↓ Home End walk through the rows' links. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = event.key === 'ArrowDown' ? at + 1 : event.key === 'ArrowUp' ? at - 1
    : event.key === 'Home' ? 0 : event.key === 'End' ? links.length - 1 : -1;
  if (at < 0 || to < 0 || to >= links.length) return;
  event.preventDefault();
  links[to]!.focus();
}

function RowName<T>({ column, row, path }: { column: Column<T>; row: T; path?: string }) {
  if (!path) return <>{column.cell(row)}</>;
  return (
    <Anchor component={Link} href={path} data-row-link underline="never" c="inherit" className={classes.link}>
      {column.cell(row)}
    </Anchor>
  );
}

function Rows<T>({ rows, columns, rowKey, rowPath, label, state, rowHeight = 56 }: Props<T>) {
  const [, go] = useLocation();
  const data = rows.data?.data;
  const open = (event: MouseEvent, path: string | undefined) => {
    if (!path || (event.target as HTMLElement).closest('a,button,input,label')) return;
    if (!window.getSelection()?.isCollapsed) return;
    go(path);
  };
  return (
    <Box className="panel" style={{ overflow: 'hidden', position: 'relative' }}>
      <Table.ScrollContainer minWidth={720} type="native" tabIndex={-1}>
        <Table layout="fixed" verticalSpacing={0} horizontalSpacing="sm" highlightOnHover={!!rowPath}
          highlightOnHoverColor="var(--th-quiet)" borderColor="var(--th-line)" aria-busy={rows.isFetching}>
          <caption className={classes.caption}>{label}</caption>
          <Table.Thead>
            <Table.Tr h={40}>
              {columns.map((column) => <SortHead key={column.key} column={column} state={state} />)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody onKeyDown={walk} style={{ opacity: rows.isPlaceholderData ? 0.6 : 1 }}>
            {data?.map((row) => {
              const path = rowPath?.(row);
              return (
                <Table.Tr key={rowKey(row)} h={rowHeight} onClick={(event) => open(event, path)}
                  style={{ cursor: path ? 'pointer' : undefined }}>
                  {columns.map((column, index) => (
                    <Table.Td key={column.key} ta={column.isRight ? 'right' : undefined}>
                      {index === 0 ? <RowName column={column} row={row} path={path} /> : column.cell(row)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            }) ?? Array.from({ length: SKELETON_ROWS }, (_, index) => (
              <Table.Tr key={index} h={rowHeight}>
                {columns.map((column) => (
                  <Table.Td key={column.key}><Skeleton h={16} w={`${60 + ((index * 7) % 30)}%`} /></Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Box>
  );
}

function Cards<T>({ rows, columns, rowKey, rowPath, label }: Props<T>) {
  const [name, ...others] = columns;
  const head = others.filter((column) => column.card === 'head');
  const rest = others.filter((column) => column.card !== 'head' && !column.isWideOnly);
  const data = rows.data?.data;
  if (!data) {
    return <Stack gap="sm">{[1, 2, 3, 4].map((n) => <Skeleton key={n} h={132} radius="md" />)}</Stack>;
  }
  return (
    <Stack component="ul" gap="sm" p={0} m={0} aria-label={label} onKeyDown={walk}
      style={{ listStyle: 'none', opacity: rows.isPlaceholderData ? 0.6 : 1 }}>
      {data.map((row) => (
        <Box component="li" key={rowKey(row)} className="panel" p="md">
          <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm" className={classes.head}>
            <Box style={{ minWidth: 0, flex: 1 }}><RowName column={name!} row={row} path={rowPath?.(row)} /></Box>
            {head.map((column) => (
              <Box key={column.key} className={classes.aside}><VisuallyHidden>{column.title}: </VisuallyHidden>{column.cell(row)}</Box>
            ))}
          </Group>
          <dl className={classes.facts}>
            {rest.map((column) => (
              <div key={column.key} className={column.card === 'whole' ? classes.whole : undefined}>
                <dt>{column.title}</dt>
                <dd>{column.cell(row)}</dd>
              </div>
            ))}
          </dl>
        </Box>
      ))}
    </Stack>
  );
}

function Place<T>({ rows, state, one, many }: Props<T>) {
  const list = rows.data;
  if (!list) return null;
  const size = Number(state.query.pageSize);
  const first = (state.page - 1) * size + 1;
  const last = first + list.data.length - 1;
  const isWhole = state.page === 1 && !list.next;
  const words = list.data.length === 0 ? '' : isWhole ? counted(list.data.length, one, many)
    : `${figures(first)} to ${figures(last)}${list.total === null ? '' : ` of ${figures(list.total)}`}`;
  return (
    <Group justify="space-between" mt="sm" mih={30}>
      <Text size="sm" c="dimmed" className="figures" role="status">{words}</Text>
      {!isWhole && (
        <Group gap="xs">
          <Button size="xs" variant="default" disabled={state.page === 1} onClick={state.toPrevious}
            leftSection={<ChevronLeft size={14} aria-hidden />}>Previous</Button>
          <Button size="xs" variant="default" disabled={!list.next} rightSection={<ChevronRight size={14} aria-hidden />}
            onClick={() => { state.toNext(list.next!); window.scrollTo(0, 0); }}>Next</Button>
        </Group>
      )}
    </Group>
  );
}

export function DataList<T>(props: Props<T>) {
  const { rows, state, empty } = props;
  const isNarrow = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  if (rows.isError && !rows.data) return <Fault error={rows.error} onRetry={() => rows.refetch()} />;
  if (rows.data?.data.length === 0 && !rows.isPlaceholderData) {
    if (!state.isFiltered && state.page === 1) return <>{empty}</>;
    return (
      <Stack align="center" gap="md" py={56} className="panel">
        <Text c="dimmed" role="status">Nothing fits the search and the filters.</Text>
        <Button variant="default" onClick={state.clear}>Show all</Button>
      </Stack>
    );
  }
  return (
    <Box>
      {rows.isError && <Box mb="sm"><Fault error={rows.error} onRetry={() => rows.refetch()} /></Box>}
      {isNarrow ? <Cards {...props} /> : <Rows {...props} />}
      <Place {...props} />
      <VisuallyHidden role="status">{rows.isPending ? 'Loading' : ''}</VisuallyHidden>
    </Box>
  );
}
