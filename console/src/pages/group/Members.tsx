// SPDX-License-Identifier: Apache-2.0
//
// What is in a device group: its devices, and the people who are limited to it.
import { useState } from 'react';
import { ActionIcon, Button, Group } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { Device, DeviceGroup, MemberChange, User } from '../../api/records';
import { useSession } from '../../api/session';
import { useDevices } from '../../ask/devices';
import { useChangeMembers, useGroupDevices } from '../../ask/groups';
import { useUsers } from '../../ask/users';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { deviceName, DEVICE_NAME, DEVICE_SERIAL, DEVICE_SYSTEM, DEVICE_UPDATED } from '../../parts/DeviceColumns';
import { EmptyState } from '../../parts/EmptyState';
import { tell, tellFailure, tellWithUndo } from '../../parts/notices';
import { PickModal } from '../../parts/PickModal';
import { SearchField } from '../../parts/SearchField';
import { useListState } from '../../parts/useListState';
import { USER_NAME, USER_ROLE, USER_STATE } from '../../parts/UserColumns';
import { counted } from '../../words/number';
import { nameOf } from '../../words/people';

const PICKED = 100;

function removal<T>(nameOf: (row: T) => string, onRemove: (row: T) => void): Column<T> {
  return {
    key: 'remove', title: 'Remove', width: 88, isRight: true, cell: (row) => (
      <ActionIcon variant="subtle" color="gray" c="dimmed" size={32} aria-label={`Remove ${nameOf(row)} from the group`} onClick={() => onRemove(row)}>
        <X size={16} aria-hidden />
      </ActionIcon>
    ),
  };
}

/** Changes who and what is in the group; taking out can be undone. */
function useMoves(group: DeviceGroup) {
  const change = useChangeMembers(group.uid);
  return {
    change,
    takeOut: (name: string, out: MemberChange, back: MemberChange) => change.mutate(out, {
      onError: tellFailure,
      onSuccess: () => tellWithUndo(`${name} is no longer in ${group.name}.`, () => change.mutate(back, { onError: tellFailure })),
    }),
  };
}

function usePickedDevices(q: string) {
  return useDevices({ q, sort: 'deviceName', pageSize: PICKED });
}

function AddDevices({ group, onClose }: { group: DeviceGroup; onClose: () => void }) {
  const { change } = useMoves(group);
  const inside = useGroupDevices(group.uid, { pageSize: 500 });
  const uids = new Set(inside.data?.data.map((device) => device.deviceUid));
  return (
    <PickModal<Device> title={`Add devices to ${group.name}`} search="Search name, ESN, serial number" useFound={usePickedDevices}
      choiceOf={(device) => ({ uid: device.deviceUid, name: deviceName(device), hint: [device.esn, device.serialNumber].filter(Boolean).join(' · ') })}
      isIn={(device) => uids.has(device.deviceUid)} words={(count) => (count ? `Add ${counted(count, 'device')}` : 'Add devices')}
      onClose={onClose} isPending={change.isPending} error={change.error}
      onPick={(addDevices) => change.mutate({ addDevices }, {
        onSuccess: () => {
          tell(`${counted(addDevices.length, 'device')} added.`);
          onClose();
        },
      })} />
  );
}

export function GroupDevices({ group }: { group: DeviceGroup }) {
  const { may, seesAllDevices } = useSession();
  const [isAdding, setAdding] = useState(false);
  const mayManage = may('Device Groups and folders:Manage') && seesAllDevices;
  const seesDevices = may('Device reports:View') && may('Device Fields:View');
  const state = useListState({ pageSize: 25 });
  const { sort: _, ...query } = state.query;
  const { takeOut } = useMoves(group);
  const columns = [DEVICE_NAME, DEVICE_SYSTEM, DEVICE_SERIAL, DEVICE_UPDATED];
  if (mayManage) {
    columns.push(removal<Device>(deviceName, ({ deviceUid, ...device }) =>
      takeOut(deviceName({ deviceUid, ...device }), { removeDevices: [deviceUid] }, { addDevices: [deviceUid] })));
  }
  const adding = mayManage && seesDevices && (
    <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)}>Add devices</Button>
  );
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <SearchField label="Search the devices of this group" value={state.value('q')} onSearch={(q) => state.set({ q }, true)} />
        {adding}
      </Group>
      <DataList label={`Devices of ${group.name}`} one="device" rows={useGroupDevices(group.uid, query)} columns={columns} state={state}
        rowKey={(device) => device.deviceUid} rowPath={seesDevices ? (device) => `/devices/${device.deviceUid}` : undefined}
        empty={<EmptyState words="No devices in this group. Whoever is given it alone sees none.">{adding}</EmptyState>} />
      {isAdding && <AddDevices group={group} onClose={() => setAdding(false)} />}
    </>
  );
}

function usePickedPeople(q: string) {
  return useUsers({ q, sort: 'name', pageSize: PICKED });
}

function AddPeople({ group, onClose }: { group: DeviceGroup; onClose: () => void }) {
  const { change } = useMoves(group);
  return (
    <PickModal<User> title={`Add people to ${group.name}`} search="Search name and e-mail" useFound={usePickedPeople}
      choiceOf={(user) => ({ uid: user.uid, name: nameOf(user), hint: user.email })}
      isIn={(user) => user.groups.some((one) => one.uid === group.uid)} words={(count) => (count ? `Add ${counted(count, 'user')}` : 'Add people')}
      onClose={onClose} isPending={change.isPending} error={change.error}
      onPick={(addUsers) => change.mutate({ addUsers }, {
        onSuccess: () => {
          tell(`${counted(addUsers.length, 'user')} added.`);
          onClose();
        },
      })} />
  );
}

export function GroupPeople({ group }: { group: DeviceGroup }) {
  const { may, seesAllDevices } = useSession();
  const [isAdding, setAdding] = useState(false);
  const mayManage = may('Device Groups and folders:Manage') && seesAllDevices;
  const state = useListState({ sort: 'name', pageSize: 25 });
  const { takeOut } = useMoves(group);
  const columns = [USER_NAME, USER_ROLE, USER_STATE];
  if (mayManage) {
    columns.push(removal<User>((user) => nameOf(user), (user) =>
      takeOut(nameOf(user), { removeUsers: [user.uid] }, { addUsers: [user.uid] })));
  }
  const adding = mayManage && (
    <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => setAdding(true)}>Add people</Button>
  );
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <SearchField label="Search the people of this group" value={state.value('q')} onSearch={(q) => state.set({ q }, true)} />
        {adding}
      </Group>
      <DataList label={`People of ${group.name}`} one="user" rows={useUsers({ ...state.query, group: group.uid })} columns={columns} state={state}
        rowKey={(user) => user.uid} rowPath={(user) => `/users/${user.uid}`}
        empty={<EmptyState words="Nobody is limited to this group. People without any group see all devices.">{adding}</EmptyState>} />
      {isAdding && <AddPeople group={group} onClose={() => setAdding(false)} />}
    </>
  );
}
