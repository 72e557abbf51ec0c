// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { ask } from '../api/client';
import type { State } from '../api/types';

/** What the server says to anybody: is it set up, which version, whose. */
export function useServerState() {
  return useQuery({
    queryKey: ['state'],
    queryFn: async () => (await ask<State>('/state', { open: true })).data,
    staleTime: Infinity,
  });
}
