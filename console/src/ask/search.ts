// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Found } from '../api/types';

/** At most five of each kind of thing that one may see. */
export function useSearch(text: string) {
  return useQuery({
    queryKey: ['search', text],
    queryFn: ({ signal }) => get<Found>('/search', { q: text }, signal),
    enabled: text !== '',
    placeholderData: keepPreviousData,
  });
}
