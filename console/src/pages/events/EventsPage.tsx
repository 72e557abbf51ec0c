// SPDX-License-Identifier: Apache-2.0
//
// Event History: what happened, by whom, to what; filtered, searched, followed, exported.
import { useState } from 'react';
import { Button, Group, Menu, MultiSelect, Pill, Switch, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Download } from 'lucide-react';
import { useLocation, useSearchParams } from 'wouter';
import type { Query } from '../../api/client';
import { useSession } from '../../api/session';
import type { HistoryEvent } from '../../api/types';
import { useEventKinds, useEvents, useExportEvents, useNewerEvents } from '../../ask/events';
import { ACTOR, DETAILS, EVENT, OBJECT, WHEN } from '../../parts/EventColumns';
import { DataList } from '../../parts/DataList';
import type { RowsOf } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { tellFailure } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { SearchField } from '../../parts/SearchField';
import { useListState } from '../../parts/useListState';
import type { ListState } from '../../parts/useListState';
import { download } from '../../words/download';
import { counted } from '../../words/number';
import { todayUtc } from '../../words/time';
import { EventDrawer } from './EventDrawer';
import { TimeRange } from './TimeRange';

const FILTERS = ['kind', 'actor', 'object', 'from', 'to'];
const COLUMNS = [EVENT, WHEN, ACTOR, OBJECT, DETAILS];
const FORMATS = [['csv', 'As CSV', 'text/csv'], ['jsonl', 'As JSON lines', 'application/jsonl']] as const;

function Export({ filters }: { filters: Query }) {
  const exporting = useExportEvents();
  return (
    <Menu position="bottom-end" width={264}>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} aria-hidden />} loading={exporting.isPending}>Export</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>What the filters show, at most 100,000 events</Menu.Label>
        {FORMATS.map(([format, words, type]) => (
          <Menu.Item key={format} onClick={() => exporting.mutate({ filters, format }, {
            onSuccess: (file) => download(`events-${todayUtc()}.${format}`, file, type),
            onError: tellFailure,
          })}>{words}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Filters({ state, objectName }: { state: ListState; objectName: string }) {
  const kinds = useEventKinds();
  const object = state.value('object');
  const chosen = state.values('kind');
  return (
    <Group mb="md" gap="sm">
      <SearchField label="Search names and details" value={state.value('q')} width={240} onSearch={(q) => state.set({ q }, true)} />
      <MultiSelect aria-label="Kinds of event" placeholder={chosen.length === 0 ? 'All kinds of event' : undefined} clearable searchable hidePickedOptions
        w={{ base: '100%', xs: chosen.length > 0 ? 'auto' : 216 }} miw={216} maw={480} data={[...new Set([...(kinds.data ?? []), ...chosen])]} value={chosen}
        onChange={(kind) => state.set({ kind })} clearButtonProps={{ 'aria-label': 'All kinds of event' }} nothingFoundMessage="No such kind" />
      <SearchField label="By whom" value={state.value('actor')} width={168} hasKey={false} onSearch={(actor) => state.set({ actor }, true)} />
      <TimeRange from={state.value('from')} to={state.value('to')} onChange={(from, to) => state.set({ from, to })} />
      {object && (
        <Pill withRemoveButton size="lg" onRemove={() => state.set({ object: '' })}
          removeButtonProps={{ 'aria-label': `Show events of all things, not of ${objectName} alone`, 'aria-hidden': false, tabIndex: 0 }}>
          Only {objectName}
        </Pill>
      )}
    </Group>
  );
}

/** Puts what has come in meanwhile before the first page. */
function useFollowed(rows: RowsOf<HistoryEvent>, filters: Query, isLive: boolean): [RowsOf<HistoryEvent>, number] {
  const newest = rows.data?.data[0]?.id ?? (rows.data ? 0 : undefined);
  const newer = useNewerEvents(filters, rows.isPlaceholderData ? undefined : newest, isLive);
  if (!rows.data || newer.length === 0) return [rows, 0];
  return [{ ...rows, data: { ...rows.data, data: [...newer, ...rows.data.data] } }, newer.length];
}

export default function EventsPage() {
  const { may } = useSession();
  const [, go] = useLocation();
  const [params] = useSearchParams();
  const [isLive, setLive] = useState(false);
  const state = useListState({ filters: FILTERS });
  const isNarrow = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const { sort: _, ...query } = state.query;
  const { pageSize: __, after: ___, ...filters } = query;
  const canFollow = state.page === 1 && !filters.to;
  const [rows, newCount] = useFollowed(useEvents(query), filters, isLive && canFollow);
  const addressOf = (id: string | null) => {
    const next = new URLSearchParams(params);
    if (id) next.set('event', id);
    else next.delete('event');
    return `/events${next.size ? `?${next}` : ''}`;
  };
  const shown = rows.data?.data.find((event) => String(event.id) === params.get('event'));
  const object = filters.object ? rows.data?.data.find((event) => event.object?.id === filters.object)?.object : null;
  return (
    <>
      <PageHead title="Event History" hint={may('Audit Event History:View') ? undefined : 'What you did, and what happened to your own tokens.'}>
        <Switch label="Live" checked={isLive} disabled={!canFollow} onChange={(event) => setLive(event.currentTarget.checked)}
          title={canFollow ? 'Shows new events as they come' : 'New events come on the first page, with no end in time'} />
        <Export filters={filters} />
      </PageHead>
      <Filters state={state} objectName={object?.name || String(filters.object ?? '').slice(0, 13)} />
      <Text size="sm" c="dimmed" role="status" mb={newCount > 0 ? 'xs' : 0}>
        {newCount > 0 ? `${counted(newCount, 'new event')} since you opened this.` : ''}
      </Text>
      <DataList label="Event History" one="event" rows={rows} columns={isNarrow ? [EVENT, WHEN, ACTOR, OBJECT] : COLUMNS} state={state} rowHeight={64}
        rowKey={(event) => String(event.id)} rowPath={(event) => addressOf(String(event.id))}
        empty={<EmptyState words="Nothing has happened yet. Whatever people and tokens change will be on record here." />} />
      <EventDrawer event={shown} onClose={() => go(addressOf(null))} onFilter={(changes) => {
        const next = new URLSearchParams(params);
        ['event', 'after', 'page'].forEach((name) => next.delete(name));
        Object.entries(changes).forEach(([name, value]) => next.set(name, value));
        go(`/events?${next}`);
      }} />
    </>
  );
}
