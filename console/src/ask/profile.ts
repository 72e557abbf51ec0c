// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, get, post, remove } from '../api/client';
import type { OwnSession, Profile } from '../api/records';

export function useProfile() {
  return useQuery({
    queryKey: ['profile'],
    queryFn: async ({ signal }) => {
      const answer = await ask<Profile>('/profile', { signal });
      return { profile: answer.data, etag: answer.etag };
    },
  });
}

function useForgetProfile() {
  const client = useQueryClient();
  return () => Promise.all(['profile', 'session', 'users'].map((name) => client.invalidateQueries({ queryKey: [name] })));
}

export function useEditProfile() {
  const forget = useForgetProfile();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: { name: string }; etag: string }) =>
      ask<Profile>('/profile', { method: 'PATCH', body: edit, ifMatch: etag }),
    onSuccess: forget,
  });
}

export function useChangePassword() {
  const forget = useForgetProfile();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { oldPassword: string; newPassword: string }) => post<void>('/profile/password', body),
    onSuccess: () => Promise.all([forget(), client.invalidateQueries({ queryKey: ['sessions'] })]),
  });
}

export interface Enrolment {
  secret: string;
  uri: string;
}

/** Begins: nothing is in force before a code has proved it. */
export function beginSecondFactor(password: string): Promise<Enrolment> {
  return post<Enrolment>('/profile/second-factor', { password });
}

export function useProveSecondFactor() {
  const forget = useForgetProfile();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (code: string) =>
      (await ask<{ recoveryCodes: string[] }>('/profile/second-factor', { method: 'PUT', body: { code } })).data.recoveryCodes,
    onSuccess: () => Promise.all([forget(), client.invalidateQueries({ queryKey: ['sessions'] })]),
  });
}

export function useRemoveSecondFactor() {
  const forget = useForgetProfile();
  return useMutation({
    mutationFn: (password: string) => remove('/profile/second-factor', { password }),
    onSuccess: forget,
  });
}

export function useNewRecoveryCodes() {
  const forget = useForgetProfile();
  return useMutation({
    mutationFn: async (password: string) =>
      (await post<{ recoveryCodes: string[] }>('/profile/recovery-codes', { password })).recoveryCodes,
    onSuccess: forget,
  });
}

export function useOwnSessions() {
  return useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await get<{ data: OwnSession[] }>('/profile/sessions', {}, signal)).data,
  });
}

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: OwnSession['id']) => remove(`/profile/sessions/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
}

/** The address of one's calendar is told only when it is made. */
export interface CalendarMade {
  path: string;
  madeAt: string;
}

export function useCalendar() {
  return useQuery({
    queryKey: ['calendar'],
    queryFn: ({ signal }) => get<{ madeAt: string | null }>('/profile/calendar', {}, signal),
  });
}

export function useRenewCalendar() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<CalendarMade>('/profile/calendar', {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['calendar'] }),
  });
}

export function useRemoveCalendar() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => remove('/profile/calendar'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['calendar'] }),
  });
}
