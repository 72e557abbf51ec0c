// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { DateText, Named } from '../api/types';

export interface Rights {
  permissions: string[];
  approvedAddresses: string[];
  groups: Named[];
}

/** What a token has and has not used (docs/admin-api.md). */
export interface Suggestion {
  days: number;
  since: DateText;
  /** All of these days are known. */
  isWhole: boolean;
  isUsed: boolean;
  used: Rights;
  unused: Rights;
}

export function useSuggestion(id: string, days: number) {
  return useQuery({
    queryKey: ['tokens', 'suggestion', id, days],
    queryFn: ({ signal }) => get<Suggestion>(`/tokens/${encodeURIComponent(id)}/suggestion`, { days }, signal),
    placeholderData: keepPreviousData,
  });
}
