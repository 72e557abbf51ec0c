// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post } from '../api/client';
import type { Output } from '../api/records';
import type { ListOf } from '../api/types';

const LOOK_AGAIN_MS = 2_000;

/** What is wanted; what is left out stays as it is, null takes certificates away. */
export interface OutputWish {
  name?: string;
  url?: string;
  format?: string;
  isPaused?: boolean;
  fromNow?: boolean;
  ca?: string | null;
  certificate?: string | null;
  key?: string | null;
}

const pathOf = (output: Output) => `/outputs/${encodeURIComponent(output.uid)}`;

/** Looked at again and again: how far each is changes with every event. */
export function useOutputs() {
  return useQuery({
    queryKey: ['outputs'],
    queryFn: ({ signal }) => get<ListOf<Output>>('/outputs', {}, signal),
    refetchInterval: ({ state }) => (state.data?.data.length ? LOOK_AGAIN_MS : false),
  });
}

function useForgetOutputs() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['outputs'] });
}

export function useSaveOutput(old: Output | null) {
  const forget = useForgetOutputs();
  return useMutation({
    mutationFn: async (wanted: OutputWish) => {
      if (!old) return post<Output>('/outputs', wanted);
      return (await ask<Output>(pathOf(old), { method: 'PATCH', body: wanted, ifMatch: `"${old.version}"` })).data;
    },
    onSettled: forget,
  });
}

export function useDeleteOutput() {
  const forget = useForgetOutputs();
  return useMutation({ mutationFn: (output: Output) => ask<void>(pathOf(output), { method: 'DELETE' }), onSuccess: forget });
}

export function useTestOutput() {
  const forget = useForgetOutputs();
  return useMutation({ mutationFn: (output: Output) => post<Output>(`${pathOf(output)}/test`), onSuccess: forget });
}
