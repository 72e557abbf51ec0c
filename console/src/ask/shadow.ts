// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post } from '../api/client';
import type { Rights } from './suggest';

/** Calls of one operation that would have failed, for one reason. */
export interface Miss {
  method: string;
  path: string;
  why: 'permission' | 'address' | 'group' | 'fewer devices';
  /** The permission, the address, the device group. */
  what: string | null;
  count: number;
  firstAt: string;
  lastAt: string;
}

/** A tightened set that is tried out beside a token (docs/admin-api.md, "Shadow"). */
export interface Shadow {
  state: 'running' | 'ended' | 'stopped';
  startedBy: string;
  startedAt: string;
  endsAt: string;
  stoppedAt: string | null;
  set: Rights;
  /** What the token has and the set lacks. */
  without: Rights;
  calls: number;
  wouldHaveFailed: number;
  wouldHaveToldLess: number;
  notListed: number;
  misses: Miss[];
}

export interface ShadowAnswer {
  days: { usual: number; most: number };
  shadow: Shadow | null;
}

export interface ShadowWish {
  permissions: string[];
  groups: string[];
  approvedAddresses: string[];
  days: number;
}

const READ_AGAIN_MS = 10_000; // as often as the server writes down what was counted

const pathOf = (id: string) => `/tokens/${encodeURIComponent(id)}/shadow`;
const keyOf = (id: string) => ['tokens', 'shadow', id];

export function useShadow(id: string) {
  return useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => get<ShadowAnswer>(pathOf(id), undefined, signal),
    refetchInterval: (query) => (query.state.data?.shadow?.state === 'running' ? READ_AGAIN_MS : false),
  });
}

function useTake(id: string) {
  const client = useQueryClient();
  return (answer: ShadowAnswer) => {
    client.setQueryData(keyOf(id), answer);
    return client.invalidateQueries({ queryKey: ['tokens', 'events', id] });
  };
}

export function useStartShadow(id: string) {
  const take = useTake(id);
  return useMutation({ mutationFn: (wish: ShadowWish) => post<ShadowAnswer>(pathOf(id), wish), onSuccess: take });
}

export function useStopShadow(id: string) {
  const take = useTake(id);
  return useMutation({
    mutationFn: async () => (await ask<ShadowAnswer>(pathOf(id), { method: 'DELETE' })).data,
    onSuccess: take,
  });
}
