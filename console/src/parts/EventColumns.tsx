// SPDX-License-Identifier: Apache-2.0
//
// Events as rows: in Event History, and on the page of whatever they are about.
import { Anchor, Box, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { HistoryEvent } from '../api/types';
import { useEvents } from '../ask/events';
import { DataList } from './DataList';
import type { Column, RowsOf } from './DataList';
import { EmptyState } from './EmptyState';
import { ChangesInShort } from './EventDetails';
import { Time } from './Time';
import { useListState } from './useListState';
import type { ListState } from './useListState';

const PAGES: Record<string, string> = {
  token: '/tokens', user: '/users', role: '/roles', group: '/groups', device: '/devices', upstream: '/upstreams',
};

/** Where the thing that an event is about can be seen. */
export function objectPath(object: HistoryEvent['object']): string | undefined {
  const page = object && PAGES[object.kind];
  return page && object.id ? `${page}/${encodeURIComponent(object.id)}` : undefined;
}

const KINDS: Record<string, string> = {
  token: 'API token', user: 'User', role: 'User role', group: 'Device group', device: 'Device', licence: 'Licence',
  account: 'Account', setting: 'Setting', import: 'Import', upstream: 'Upstream',
};

export function objectKind(kind: string): string {
  return KINDS[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1);
}

function ObjectCell({ object }: { object: HistoryEvent['object'] }) {
  if (!object) return <>–</>;
  const path = objectPath(object);
  const name = object.name || object.id;
  return (
    <Box style={{ minWidth: 0 }}>
      {path ? <Anchor component={Link} href={path} size="sm" truncate display="block">{name}</Anchor>
        : <Text size="sm" truncate>{name}</Text>}
      <Text size="xs" c="dimmed">{objectKind(object.kind)}</Text>
    </Box>
  );
}

/** “User logged in: logged in” says it twice. */
function saysAlready({ kind, action }: HistoryEvent): boolean {
  return !!action && kind.toLowerCase().endsWith(action.toLowerCase());
}

export const EVENT: Column<HistoryEvent> = {
  key: 'kind', title: 'Event', width: 196, cell: (event) => (
    <Box>
      <Text size="sm" fw={500} className="row-title">{event.kind}</Text>
      {event.action && !saysAlready(event) && <Text size="xs" c="dimmed">{event.action}</Text>}
    </Box>
  ),
};

export const WHEN: Column<HistoryEvent> = {
  key: 'at', title: 'When', width: 188, card: 'head', cell: (event) => <Time at={event.at} isFull />,
};

export const ACTOR: Column<HistoryEvent> = {
  key: 'actor', title: 'By', width: 180, cell: (event) => (
    <Box>
      <Text size="sm" truncate title={event.actor.name}>{event.actor.name || event.actor.kind}</Text>
      <Text size="xs" c="dimmed" className="mono" fz={12}>{event.address ?? ''}</Text>
    </Box>
  ),
};

export const OBJECT: Column<HistoryEvent> = {
  key: 'object', title: 'What', width: 184, cell: (event) => <ObjectCell object={event.object} />,
};

export const DETAILS: Column<HistoryEvent> = {
  key: 'details', title: 'Details', cell: (event) => <ChangesInShort details={event.details} />,
};

export function EventRows({ label, rows, state }: {
  label: string; rows: RowsOf<HistoryEvent>; state: ListState;
}) {
  return (
    <DataList label={label} one="event" rows={rows} columns={[EVENT, WHEN, ACTOR, DETAILS]} state={state} rowHeight={64}
      rowKey={(event) => String(event.id)} empty={<EmptyState words="No events yet." />} />
  );
}

/** The events about one thing, for a tab of its page. */
export function EventsOf({ id, what }: { id: string; what: string }) {
  const state = useListState({ pageSize: 25 });
  const { sort: _, q: __, ...query } = state.query;
  return <EventRows label={`Events of this ${what}`} rows={useEvents({ ...query, object: id })} state={state} />;
}
