// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Select } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { Link } from 'wouter';
import { useSession } from '../../api/session';
import { useDevices } from '../../ask/devices';
import { useGroups } from '../../ask/groups';
import { DataList } from '../../parts/DataList';
import { DEVICE_COLUMNS, DEVICE_NAME } from '../../parts/DeviceColumns';
import { EmptyState } from '../../parts/EmptyState';
import { groupInWords } from '../../parts/GroupsField';
import { PageHead } from '../../parts/PageHead';
import { SearchField } from '../../parts/SearchField';
import { useListState } from '../../parts/useListState';
import type { ListState } from '../../parts/useListState';
import { ColumnChooser, useChosenColumns } from './ColumnChooser';

function ImportButton({ words }: { words: string }) {
  return <Button component={Link} href="/devices/import" variant="default" leftSection={<FileUp size={16} aria-hidden />}>{words}</Button>;
}

function GroupFilter({ state }: { state: ListState }) {
  const { session, may } = useSession();
  const seesAll = may('Device Groups and folders:View');
  const groups = useGroups(seesAll);
  const choices = seesAll ? (groups.data ?? []).map((group) => ({ value: group.uid, label: groupInWords(group) }))
    : session.groups.map((group) => ({ value: group.uid, label: group.name }));
  if (choices.length === 0) return null;
  return (
    <Select aria-label="Device group" placeholder="All device groups" clearable searchable w={{ base: '100%', xs: 240 }} data={choices} limit={200}
      clearButtonProps={{ 'aria-label': 'All device groups' }} nothingFoundMessage="No such device group"
      value={state.value('group') || null} onChange={(group) => state.set({ group: group ?? '' })} />
  );
}

export default function DevicesPage() {
  const { session, may, seesAllDevices } = useSession();
  const mayImport = may('Device import:Perform') && seesAllDevices;
  const state = useListState({ sort: 'deviceName', filters: ['group'] });
  const [chosen, setChosen] = useChosenColumns();
  const columns = [DEVICE_NAME, ...DEVICE_COLUMNS.filter((column) => chosen.includes(column.key))];
  return (
    <>
      <PageHead title="Devices" hint={session.groups.length > 0 ? `You see the devices of ${session.groups.map((group) => group.name).join(', ')}.` : undefined}>
        {mayImport && <ImportButton words="Import devices" />}
      </PageHead>
      <Group mb="md" gap="sm">
        <SearchField label="Search name, ESN, serial number, user" value={state.value('q')} onSearch={(q) => state.set({ q }, true)} />
        <GroupFilter state={state} />
        <Group ml={{ base: 0, sm: 'auto' }}><ColumnChooser chosen={chosen} onChoose={setChosen} /></Group>
      </Group>
      <DataList label="Devices" one="device" rows={useDevices(state.query)} columns={columns} state={state}
        rowKey={(device) => device.deviceUid} rowPath={(device) => `/devices/${device.deviceUid}`}
        empty={(
          <EmptyState words={mayImport
            ? 'No devices yet. Import a file of devices as JSON or CSV, or let the machines report with “tokenhouse collect”.'
            : 'No devices here. They come by import, which your user role may not do, or are in device groups that you are not assigned to.'}>
            {mayImport && <ImportButton words="Import devices" />}
          </EmptyState>
        )} />
    </>
  );
}
