// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post } from '../api/client';
import type { Account, Licence, LicenceWish } from '../api/records';
import type { ListOf } from '../api/types';

export function useAccount(isEnabled = true) {
  return useQuery({
    queryKey: ['account'],
    queryFn: async ({ signal }) => {
      const answer = await ask<Account>('/account', { signal });
      return { account: answer.data, etag: answer.etag };
    },
    enabled: isEnabled,
  });
}

export function useEditAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: Partial<Pick<Account, 'name' | 'liveRights' | 'allowBearer'>>; etag: string }) =>
      ask<Account>('/account', { method: 'PATCH', body: edit, ifMatch: etag }),
    onSuccess: () => Promise.all(['account', 'session', 'tokens', 'state', 'events']
      .map((name) => client.invalidateQueries({ queryKey: [name] }))),
  });
}

export function useLicences(isEnabled = true) {
  return useQuery({
    queryKey: ['licences'],
    queryFn: async ({ signal }) => (await get<ListOf<Licence>>('/licences', { pageSize: 500 }, signal)).data,
    enabled: isEnabled,
  });
}

function licencePath(uid: string): string {
  return `/licences/${encodeURIComponent(uid)}`;
}

function useForgetLicences() {
  const client = useQueryClient();
  return () => Promise.all(['licences', 'events'].map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useSaveLicence(old: Licence | null) {
  const forget = useForgetLicences();
  return useMutation({
    mutationFn: async (wanted: LicenceWish) => {
      if (!old) return post<Licence>('/licences', wanted);
      return (await ask<Licence>(licencePath(old.uid), { method: 'PATCH', body: wanted, ifMatch: `"${old.version}"` })).data;
    },
    onSettled: forget,
  });
}

export function useDeleteLicence() {
  const forget = useForgetLicences();
  return useMutation({
    mutationFn: (uid: string) => ask<void>(licencePath(uid), { method: 'DELETE' }),
    onSuccess: forget,
  });
}
