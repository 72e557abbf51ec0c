// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Query } from '../api/client';
import type { Application, Device, DevicePage } from '../api/records';
import type { ListOf } from '../api/types';

function devicePath(uid: string): string {
  return `/devices/${encodeURIComponent(uid)}`;
}

export function useDevices(query: Query, isEnabled = true) {
  return useQuery({
    queryKey: ['devices', 'list', query],
    queryFn: ({ signal }) => get<ListOf<Device>>('/devices', query, signal),
    placeholderData: keepPreviousData,
    enabled: isEnabled,
  });
}

export function useDevice(uid: string) {
  return useQuery({
    queryKey: ['devices', 'one', uid],
    queryFn: ({ signal }) => get<DevicePage>(devicePath(uid), {}, signal),
  });
}

export function useApplications(uid: string, query: Query) {
  return useQuery({
    queryKey: ['devices', 'applications', uid, query],
    queryFn: ({ signal }) => get<ListOf<Application>>(`${devicePath(uid)}/applications`, query, signal),
    placeholderData: keepPreviousData,
  });
}
