// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery } from '@tanstack/react-query';
import { post } from '../api/client';
import type { CallsNeed, Explained } from '../api/explained';

/** A request as somebody describes it; texts that are empty are left out. */
export interface Described {
  tokenId: string;
  method: string;
  uri: string;
  query: string;
  body: string;
  address: string;
  at: string;
}

function bodyOf(described: Described): Record<string, string> {
  return Object.fromEntries(Object.entries(described).filter(([, value]) => value !== ''));
}

/** Would this be let in? Asked anew each time: tokens change. `null`: nothing is described. */
export function useExplanation(what: Described | { requestId: string } | null) {
  return useQuery({
    queryKey: ['explain', what],
    queryFn: () => post<Explained>('/explain', what && 'requestId' in what ? what : bodyOf(what!)),
    enabled: what !== null,
    staleTime: 0,
    gcTime: 0,
  });
}

/** The least permissions for the calls in a text. */
export function useCallsNeed() {
  return useMutation({
    mutationFn: (wanted: { text: string; prefix?: string }) => post<CallsNeed>('/permissions/for', wanted),
  });
}
