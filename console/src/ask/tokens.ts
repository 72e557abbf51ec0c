// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post, remove } from '../api/client';
import type { Query } from '../api/client';
import type { BulkAct, BulkToken, CheckedAddress, CheckedKey, HistoryEvent, ListOf, MadeToken, NewToken, NewTokenPage, Refusal,
  Roll, RollPage, Token, TokenUse } from '../api/types';

export function useTokens(query: Query) {
  return useQuery({
    queryKey: ['tokens', 'list', query],
    queryFn: ({ signal }) => get<ListOf<Token>>('/tokens', query, signal),
    placeholderData: keepPreviousData,
  });
}

/** The tokens that will die first, for the calendar above the list. */
export function useComingExpiries() {
  return useQuery({
    queryKey: ['tokens', 'list', 'coming'],
    queryFn: ({ signal }) =>
      get<ListOf<Token>>('/tokens', { label: 'Active,Expires soon', sort: 'expiresOn', pageSize: 100 }, signal),
  });
}

/** A token with the version that an edit must name. */
export function useToken(id: string) {
  return useQuery({
    queryKey: ['tokens', 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await ask<Token>(`/tokens/${encodeURIComponent(id)}`, { signal });
      return { token: answer.data, etag: answer.etag };
    },
  });
}

export function useTokenUse(id: string) {
  return useQuery({
    queryKey: ['tokens', 'use', id],
    queryFn: ({ signal }) => get<TokenUse>(`/tokens/${encodeURIComponent(id)}/use`, {}, signal),
  });
}

export function useTokenRefusals(id: string) {
  return useQuery({
    queryKey: ['tokens', 'refusals', id],
    queryFn: ({ signal }) =>
      get<{ data: Refusal[] }>(`/tokens/${encodeURIComponent(id)}/refusals`, {}, signal),
  });
}

export function useTokenEvents(id: string, query: Query) {
  return useQuery({
    queryKey: ['tokens', 'events', id, query],
    queryFn: ({ signal }) =>
      get<ListOf<HistoryEvent>>(`/tokens/${encodeURIComponent(id)}/events`, query, signal),
    placeholderData: keepPreviousData,
  });
}

/** What the page of a new token needs. Asked anew each time: the challenge is good for an hour. */
export function useNewTokenPage() {
  return useQuery({
    queryKey: ['tokens', 'new'],
    queryFn: ({ signal }) => get<NewTokenPage>('/tokens/new', {}, signal),
    staleTime: Infinity,
    gcTime: 0,
  });
}

export function checkKey(publicKey: string, proof: string | null): Promise<CheckedKey> {
  return post<CheckedKey>('/tokens/check-key', { publicKey, proof });
}

export async function checkAddresses(text: string): Promise<CheckedAddress[]> {
  return (await post<{ data: CheckedAddress[] }>('/tokens/check-addresses', { text })).data;
}

function useForgetTokens() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['tokens'] });
}

export function useMakeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: NewToken) => post<MadeToken>('/tokens', wanted),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens', 'list'] }),
  });
}

export type TokenEdit = Partial<Pick<Token, 'title' | 'description' | 'expiresOn' | 'approvedAddresses' | 'limits'>>;

export function useEditToken(id: string) {
  const forget = useForgetTokens();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: TokenEdit; etag: string }) =>
      ask<Token>(`/tokens/${encodeURIComponent(id)}`, { method: 'PATCH', body: edit, ifMatch: etag }),
    onSuccess: forget,
  });
}

export function useTokenAct(id: string) {
  const forget = useForgetTokens();
  return useMutation({
    mutationFn: (act: 'suspend' | 'resume') =>
      post<Token>(`/tokens/${encodeURIComponent(id)}/${act}`),
    onSuccess: forget,
  });
}

/** Which tokens an act on all that the filters find would be on. */
export function useBulkPreview(act: BulkAct, filter: Query) {
  return useQuery({
    queryKey: ['tokens', 'bulk', act, filter],
    queryFn: ({ signal }) => get<{ tokens: BulkToken[]; count: number }>('/tokens/bulk', { ...filter, act }, signal),
    gcTime: 0,
    staleTime: 0,
  });
}

/** Does it to exactly these; refused when one was changed, or, of all that were found, when the filters find others by now. */
export function useBulk(act: BulkAct, filter: Query) {
  const forget = useForgetTokens();
  return useMutation({
    mutationFn: ({ tokens, isAllFound }: { tokens: string[]; isAllFound: boolean }) => ask<{ count: number }>('/tokens/bulk', {
      method: 'POST', query: isAllFound ? filter : {}, body: { act, tokens, isAllFound },
    }),
    onSuccess: forget,
  });
}

export const rollPath = (id: string) => `/tokens/${encodeURIComponent(id)}/roll`;

/** What the page of a roll needs, and the version of the old token. */
export function useRollPage(id: string) {
  return useQuery({
    queryKey: ['tokens', 'roll', id],
    queryFn: async ({ signal }) => {
      const answer = await ask<RollPage>(rollPath(id), { signal });
      return { page: answer.data, etag: answer.etag ?? '' };
    },
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
}

export function useRollToken(id: string, etag: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: Roll) =>
      (await ask<MadeToken>(rollPath(id), { method: 'POST', body: wanted, ifMatch: etag })).data,
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: ['tokens', 'list'] }),
      client.invalidateQueries({ queryKey: ['tokens', 'one', id] }),
    ]),
  });
}

/** Moves the end of an overlap, or, with null, calls the roll off. */
export function useOverlap(id: string, etag: string) {
  const forget = useForgetTokens();
  return useMutation({
    mutationFn: (overlapDays: number | null) => ask<Token>(rollPath(id), overlapDays === null
      ? { method: 'DELETE', ifMatch: etag } : { method: 'PATCH', body: { overlapDays }, ifMatch: etag }),
    onSuccess: forget,
  });
}

export function useDeleteToken(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => remove(`/tokens/${encodeURIComponent(id)}`),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['tokens', 'one', id] });
      return client.invalidateQueries({ queryKey: ['tokens', 'list'] });
    },
  });
}
