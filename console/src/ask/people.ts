// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { ListOf } from '../api/types';

/** People to choose from, by what was typed. */
export function usePeopleToChoose(q: string, isEnabled: boolean) {
  return useQuery({
    queryKey: ['users', 'choose', q],
    queryFn: ({ signal }) =>
      get<ListOf<{ uid: string; name: string; email: string }>>('/users', { q, pageSize: 20 }, signal),
    enabled: isEnabled,
    placeholderData: keepPreviousData,
  });
}

/** The name of one person, for a filter that is already set. */
export function usePerson(uid: string, isEnabled: boolean) {
  return useQuery({
    queryKey: ['users', 'name', uid],
    queryFn: ({ signal }) =>
      get<{ uid: string; name: string; email: string }>(`/users/${encodeURIComponent(uid)}`, {}, signal),
    enabled: isEnabled && uid !== '',
  });
}
