// SPDX-License-Identifier: Apache-2.0
//
// What a list shows is in the address bar: search, filters, sort and place. So Back works,
// and a view can be sent to a colleague.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { Query } from '../api/client';

export interface ListState {
  /** What goes to the server. */
  query: Query;
  sort: string;
  page: number;
  isFiltered: boolean;
  value: (name: string) => string;
  /** Several values of one filter, kept with commas. */
  values: (name: string) => string[];
  /** Sets filters; begins at the first page. `replace`: no step for Back (typing). */
  set: (changes: Record<string, string | string[]>, replace?: boolean) => void;
  sortBy: (key: string) => void;
  clear: () => void;
  toNext: (next: string) => void;
  toPrevious: () => void;
}

/** Where the pages of a view began, as far as this window has walked them. */
const walked = new Map<string, string[]>();

export function useListState({ sort = '', filters = [], pageSize = 50 }: {
  sort?: string; filters?: string[]; pageSize?: number;
} = {}): ListState {
  const [params, setParams] = useSearchParams();
  const names = useMemo(() => ['q', ...filters], [filters.join()]);
  const shownSort = params.get('sort') ?? sort;
  const page = Math.max(1, Number(params.get('page') ?? '1') || 1);
  const view = [...names.map((name) => params.get(name) ?? ''), shownSort, location.pathname].join('\n');

  const change = useCallback((edit: (next: URLSearchParams) => void, replace = false) => {
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete('after');
      next.delete('page');
      edit(next);
      return next;
    }, { replace });
  }, [setParams]);

  const query: Query = { sort: shownSort, pageSize, after: params.get('after') };
  for (const name of names) query[name] = params.get(name);
  return {
    query, page, sort: shownSort,
    isFiltered: names.some((name) => params.get(name)),
    value: (name) => params.get(name) ?? '',
    values: (name) => (params.get(name) ?? '').split(',').filter(Boolean),
    set: (changes, replace) => change((next) => {
      for (const [name, value] of Object.entries(changes)) {
        const text = Array.isArray(value) ? value.join(',') : value;
        if (text) next.set(name, text);
        else next.delete(name);
      }
    }, replace),
    sortBy: (key) => change((next) => {
      const turned = shownSort === key ? `-${key}` : key;
      if (turned === sort) next.delete('sort');
      else next.set('sort', turned);
    }),
    clear: () => change((next) => names.forEach((name) => next.delete(name))),
    toNext: (cursor) => {
      const starts = walked.get(view) ?? [];
      starts[page] = cursor;
      walked.set(view, starts);
      change((next) => {
        next.set('after', cursor);
        next.set('page', String(page + 1));
      });
    },
    toPrevious: () => change((next) => {
      const start = walked.get(view)?.[page - 2];
      if (page > 2 && start) {
        next.set('after', start);
        next.set('page', String(page - 1));
      }
    }),
  };
}
