// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post, remove } from '../api/client';
import type { Query } from '../api/client';
import type { Device, DeviceGroup, MemberChange, NewGroup } from '../api/records';
import type { ListOf } from '../api/types';

const PAGE = 500;

export function groupPath(uid: string): string {
  return `/groups/${encodeURIComponent(uid)}`;
}

/** All device groups that one may see: the tree of folders needs them together. */
export function useGroups(isEnabled = true) {
  return useQuery({
    queryKey: ['groups', 'all'],
    queryFn: async ({ signal }) => {
      const groups: DeviceGroup[] = [];
      let after: string | null = null;
      do {
        const page: ListOf<DeviceGroup> = await get('/groups', { pageSize: PAGE, after }, signal);
        groups.push(...page.data);
        after = page.next;
      } while (after);
      return groups;
    },
    enabled: isEnabled,
  });
}

/** A device group with the version that an edit must name. */
export function useGroup(uid: string) {
  return useQuery({
    queryKey: ['groups', 'one', uid],
    queryFn: async ({ signal }) => {
      const answer = await ask<DeviceGroup>(groupPath(uid), { signal });
      return { group: answer.data, etag: answer.etag };
    },
  });
}

export function useGroupDevices(uid: string, query: Query) {
  return useQuery({
    queryKey: ['groups', 'devices', uid, query],
    queryFn: ({ signal }) => get<ListOf<Device>>(`${groupPath(uid)}/devices`, query, signal),
    placeholderData: keepPreviousData,
  });
}

function useForgetGroups() {
  const client = useQueryClient();
  return () => Promise.all(['groups', 'users', 'devices', 'events']
    .map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useMakeGroup() {
  const forget = useForgetGroups();
  return useMutation({ mutationFn: (wanted: NewGroup) => post<DeviceGroup>('/groups', wanted), onSuccess: forget });
}

export function useEditGroup(uid: string) {
  const forget = useForgetGroups();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: Partial<NewGroup>; etag: string }) =>
      ask<DeviceGroup>(groupPath(uid), { method: 'PATCH', body: edit, ifMatch: etag }),
    onSuccess: forget,
  });
}

export function useChangeMembers(uid: string) {
  const forget = useForgetGroups();
  return useMutation({
    mutationFn: (change: MemberChange) => post<unknown>(`${groupPath(uid)}/members`, {
      addDevices: [], removeDevices: [], addUsers: [], removeUsers: [], ...change,
    }),
    onSuccess: forget,
  });
}

export function useDeleteGroup(uid: string) {
  const client = useQueryClient();
  const forget = useForgetGroups();
  return useMutation({
    mutationFn: () => remove(groupPath(uid)),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['groups', 'one', uid] });
      return forget();
    },
  });
}
