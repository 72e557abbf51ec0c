// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post, remove } from '../api/client';
import type { Query } from '../api/client';
import type { Leaving, NewUser, User, UserEdit } from '../api/records';
import type { ListOf } from '../api/types';

export function userPath(uid: string): string {
  return `/users/${encodeURIComponent(uid)}`;
}

export function useUsers(query: Query, isEnabled = true) {
  return useQuery({
    queryKey: ['users', 'list', query],
    queryFn: ({ signal }) => get<ListOf<User>>('/users', query, signal),
    placeholderData: keepPreviousData,
    enabled: isEnabled,
  });
}

/** A user with the version that an edit must name. */
export function useUser(uid: string) {
  return useQuery({
    queryKey: ['users', 'one', uid],
    queryFn: async ({ signal }) => {
      const answer = await ask<User>(userPath(uid), { signal });
      return { user: answer.data, etag: answer.etag };
    },
  });
}

/** What goes with a user who is suspended or deleted. Asked anew each time. */
export function useLeaving(uid: string) {
  return useQuery({
    queryKey: ['leaving', uid],
    queryFn: ({ signal }) => get<Leaving>(`${userPath(uid)}/leaving`, {}, signal),
    gcTime: 0,
  });
}

/** Users, their tokens, and the groups and roles that count them. */
function useForgetUsers() {
  const client = useQueryClient();
  return () => Promise.all(['users', 'roles', 'groups', 'tokens', 'events']
    .map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useMakeUser() {
  const forget = useForgetUsers();
  return useMutation({ mutationFn: (wanted: NewUser) => post<User>('/users', wanted), onSuccess: forget });
}

export function useEditUser(uid: string) {
  const forget = useForgetUsers();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: UserEdit; etag: string }) =>
      ask<User>(userPath(uid), { method: 'PATCH', body: edit, ifMatch: etag }),
    onSuccess: forget,
  });
}

export function useUserAct(uid: string) {
  const forget = useForgetUsers();
  return useMutation({
    mutationFn: (act: 'suspend' | 'resume') => post<User>(`${userPath(uid)}/${act}`),
    onSuccess: forget,
  });
}

export function useSetPassword(uid: string) {
  const forget = useForgetUsers();
  return useMutation({
    mutationFn: (password: string) => post<void>(`${userPath(uid)}/password`, { password }),
    onSuccess: forget,
  });
}

export function useResetSecondFactor(uid: string) {
  const forget = useForgetUsers();
  return useMutation({ mutationFn: () => remove(`${userPath(uid)}/second-factor`), onSuccess: forget });
}

export function useDeleteUser(uid: string) {
  const client = useQueryClient();
  const forget = useForgetUsers();
  return useMutation({
    mutationFn: () => remove(userPath(uid)),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['users', 'one', uid] });
      return forget();
    },
  });
}
