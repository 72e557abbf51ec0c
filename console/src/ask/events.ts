// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { ask, get } from '../api/client';
import type { Query } from '../api/client';
import type { HistoryEvent, ListOf } from '../api/types';

const LOOK_EVERY_MS = 3_000;
const KEPT = 500;

const PAGE_SIZE = 50; // the server's own

/**
 * A page of events. A search that has to look at very many answers with what it has found in a
 * moment, maybe nothing, and where to go on: until the page is full, or there are no more.
 */
async function getPage(query: Query, signal: AbortSignal): Promise<ListOf<HistoryEvent>> {
  const wanted = Number(query.pageSize ?? PAGE_SIZE);
  const page = await get<ListOf<HistoryEvent>>('/events', query, signal);
  while (page.next !== null && page.data.length < wanted) {
    const more = await get<ListOf<HistoryEvent>>('/events', { ...query, pageSize: wanted - page.data.length, after: page.next }, signal);
    page.data.push(...more.data);
    page.next = more.next;
    page.total = more.total ?? (more.next === null && !query.after ? page.data.length : null);
  }
  return page;
}

export function useEvents(query: Query, isEnabled = true) {
  return useQuery({
    queryKey: ['events', 'list', query],
    queryFn: ({ signal }) => getPage(query, signal),
    placeholderData: keepPreviousData,
    enabled: isEnabled,
  });
}

export function useEventKinds() {
  return useQuery({
    queryKey: ['events', 'kinds'],
    queryFn: async ({ signal }) => (await get<{ data: string[] }>('/events/kinds', {}, signal)).data,
    staleTime: Infinity,
  });
}

/**
 * What comes in after the newest event that is shown, newest first. Looking does not count
 * as use of the session: a page that is left open does not keep somebody logged in.
 */
export function useNewerEvents(filters: Query, newest: number | undefined, isLive: boolean): HistoryEvent[] {
  const [newer, setNewer] = useState<HistoryEvent[]>([]);
  const view = JSON.stringify([filters, newest]);
  useEffect(() => {
    setNewer([]);
    if (!isLive || newest === undefined) return undefined;
    const stop = new AbortController();
    let last = newest;
    const look = async () => {
      try {
        const { data } = (await ask<ListOf<HistoryEvent>>('/events', {
          query: { ...filters, newerThan: last, pageSize: KEPT }, background: true, open: true, signal: stop.signal,
        })).data;
        if (data.length === 0 || stop.signal.aborted) return;
        last = Math.max(last, ...data.map((event) => event.id));
        setNewer((before) => [...data, ...before].slice(0, KEPT));
      } catch {
        /* the next look tells; an ended session is noticed by whoever works with it */
      }
    };
    const timer = window.setInterval(() => void look(), LOOK_EVERY_MS);
    return () => {
      stop.abort();
      window.clearInterval(timer);
    };
  }, [view, isLive]);
  return newer;
}

/** The filtered events as a file, at most 100,000. */
export function useExportEvents() {
  return useMutation({
    mutationFn: async ({ filters, format }: { filters: Query; format: 'csv' | 'jsonl' }) =>
      (await ask<Blob>('/events/export', { query: { ...filters, format }, wantsFile: true })).data,
  });
}
