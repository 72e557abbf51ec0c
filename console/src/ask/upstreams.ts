// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, post, remove } from '../api/client';
import type { Upstream, UpstreamCheck, UpstreamDraft, UpstreamHealth, UpstreamRow, UpstreamTexts, UpstreamUse, UpstreamWhole, UpstreamWish } from '../api/records';
import type { ListOf } from '../api/types';

const LOOK_AGAIN_MS = 3_000;

export function upstreamPath(id: string): string {
  return `/upstreams/${encodeURIComponent(id)}`;
}

/** Looked at again and again: how they do is no event. */
export function useUpstreams() {
  return useQuery({
    queryKey: ['upstreams', 'list'],
    queryFn: async ({ signal }) => (await ask<ListOf<UpstreamRow>>('/upstreams', { signal, background: true })).data,
    refetchInterval: ({ state }) => (state.data?.data.length ? LOOK_AGAIN_MS : false),
  });
}

/** An upstream with its operations, and the version that a change must name. */
export function useUpstream(id: string) {
  return useQuery({
    queryKey: ['upstreams', 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await ask<UpstreamWhole>(upstreamPath(id), { signal });
      return { whole: answer.data, etag: answer.etag ?? '' };
    },
  });
}

export function useUpstreamHealth(id: string) {
  return useQuery({
    queryKey: ['upstreams', 'health', id],
    queryFn: async ({ signal }) => (await ask<UpstreamHealth>(`${upstreamPath(id)}/health`, { signal, background: true })).data,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Who would miss it. Asked anew each time. */
export function useUpstreamUse(id: string) {
  return useQuery({
    queryKey: ['upstreams', 'use', id],
    queryFn: async ({ signal }) => (await ask<UpstreamUse>(`${upstreamPath(id)}/use`, { signal })).data,
    gcTime: 0,
  });
}

/** Its description and overlay as they were given: megabytes, perhaps. */
export async function upstreamTexts(id: string): Promise<UpstreamTexts> {
  return (await ask<UpstreamTexts>(`${upstreamPath(id)}/texts`)).data;
}

export function useUpstreamTexts(id: string) {
  return useQuery({
    queryKey: ['upstreams', 'texts', id],
    queryFn: () => upstreamTexts(id),
    staleTime: Infinity,
    gcTime: 0,
  });
}

/** What it would mean: of a new one, or of a change when there is an `id`. */
export function useCheckUpstream(id: string | null) {
  return useMutation({
    mutationFn: (wish: UpstreamWish) => post<UpstreamCheck>(id === null ? '/upstreams/check' : `${upstreamPath(id)}/check`, wish),
  });
}

export function useDraftOverlay() {
  return useMutation({ mutationFn: (openapi: string) => post<UpstreamDraft>('/upstreams/draft', { openapi }) });
}

/** Operations and permissions come and go with an upstream: nearly all that is known is old. */
function useForgetUpstreams() {
  const client = useQueryClient();
  return () => Promise.all(['upstreams', 'permissions', 'tokens', 'roles', 'events', 'session']
    .map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useSaveUpstream(id: string | null) {
  const forget = useForgetUpstreams();
  return useMutation({
    mutationFn: ({ wish, etag }: { wish: UpstreamWish; etag: string }) => (id === null
      ? ask<UpstreamCheck>('/upstreams', { method: 'POST', body: wish })
      : ask<UpstreamCheck>(upstreamPath(id), { method: 'PATCH', body: wish, ifMatch: etag })),
    onSuccess: forget,
  });
}

export function useUpstreamAct(id: string) {
  const forget = useForgetUpstreams();
  return useMutation({
    mutationFn: (act: 'suspend' | 'resume') => post<{ upstream: Upstream }>(`${upstreamPath(id)}/${act}`),
    onSuccess: forget,
  });
}

export function useDeleteUpstream(id: string) {
  const client = useQueryClient();
  const forget = useForgetUpstreams();
  return useMutation({
    mutationFn: () => remove(upstreamPath(id)),
    onSuccess: () => {
      for (const what of ['one', 'health', 'texts', 'use']) client.removeQueries({ queryKey: ['upstreams', what, id] });
      void forget(); // nobody waits for the page of what is gone
    },
  });
}
