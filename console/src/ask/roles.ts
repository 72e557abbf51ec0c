// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post, remove } from '../api/client';
import type { Query } from '../api/client';
import type { NewRole, Role } from '../api/records';
import type { ListOf } from '../api/types';

export function rolePath(id: string | number): string {
  return `/roles/${encodeURIComponent(id)}`;
}

export function useRoles(query: Query, isEnabled = true) {
  return useQuery({
    queryKey: ['roles', 'list', query],
    queryFn: ({ signal }) => get<ListOf<Role>>('/roles', query, signal),
    enabled: isEnabled,
  });
}

/** A role with the version that an edit must name. */
export function useRole(id: string) {
  return useQuery({
    queryKey: ['roles', 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await ask<Role>(rolePath(id), { signal });
      return { role: answer.data, etag: answer.etag };
    },
    enabled: id !== '',
  });
}

function useForgetRoles() {
  const client = useQueryClient();
  return () => Promise.all(['roles', 'users', 'tokens', 'events', 'session']
    .map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useMakeRole() {
  const forget = useForgetRoles();
  return useMutation({ mutationFn: (wanted: NewRole) => post<Role>('/roles', wanted), onSuccess: forget });
}

export function useEditRole(id: string) {
  const forget = useForgetRoles();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: Partial<NewRole>; etag: string }) =>
      ask<Role>(rolePath(id), { method: 'PATCH', body: edit, ifMatch: etag }),
    onSuccess: forget,
  });
}

export function useDeleteRole(id: string) {
  const client = useQueryClient();
  const forget = useForgetRoles();
  return useMutation({
    mutationFn: () => remove(rolePath(id)),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['roles', 'one', id] });
      return forget();
    },
  });
}
