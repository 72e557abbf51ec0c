// SPDX-License-Identifier: Apache-2.0
import { Anchor, Box, Group, Stack, Text } from '@mantine/core';
import { Link, useParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import type { Application, DevicePage } from '../../api/records';
import { useSession } from '../../api/session';
import type { Named } from '../../api/types';
import { useApplications, useDevice } from '../../ask/devices';
import { CopyIcon } from '../../parts/CopyField';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { deviceName } from '../../parts/DeviceColumns';
import { EmptyState } from '../../parts/EmptyState';
import { Fault } from '../../parts/Fault';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { SearchField } from '../../parts/SearchField';
import { Time } from '../../parts/Time';
import { useListState } from '../../parts/useListState';
import { Sections } from './Sections';

const CRUMBS = [{ name: 'Devices', path: '/devices' }];

const COLUMNS: Column<Application>[] = [
  {
    key: 'name', title: 'Application', cell: (app) => (
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate>{app.appName ?? '–'}</Text>
        <Text size="xs" c="dimmed" truncate>{app.appPublisher ?? ''}</Text>
      </Box>
    ),
  },
  { key: 'version', title: 'Version', width: 200, cell: (app) => <Text size="sm" truncate className="mono">{app.appVersion ?? '–'}</Text> },
  {
    key: 'installed', title: 'Installed', width: 160,
    cell: (app) => <Time at={(app.installDateTimeUtc as string | undefined) ?? null} />,
  },
  {
    key: 'path', title: 'Where', width: 280, isWideOnly: true,
    cell: (app) => <Text size="sm" truncate className="mono" title={app.installPath as string | undefined}>{(app.installPath as string | undefined) ?? '–'}</Text>,
  },
];

function Applications({ uid }: { uid: string }) {
  const state = useListState();
  const { sort: _, ...query } = state.query;
  return (
    <>
      <Box mb="md"><SearchField label="Search applications" value={state.value('q')} onSearch={(q) => state.set({ q }, true)} /></Box>
      <DataList label="Applications" one="application" rows={useApplications(uid, query)} columns={COLUMNS} state={state}
        rowKey={(app) => String(app.deviceAppId ?? app.appId ?? app.appName)} empty={<EmptyState words="Nothing is known about applications on this device." />} />
    </>
  );
}

function Groups({ groups }: { groups: Named[] }) {
  const { may } = useSession();
  if (groups.length === 0) return <EmptyState words="In no device group. Only people who see all devices see this one." />;
  return (
    <Stack component="ul" gap={0} m={0} p="xs" className="panel" style={{ listStyle: 'none' }}>
      {groups.map((group) => (
        <Box component="li" key={group.uid} p="xs">
          {may('Device Groups and folders:View') ? <Anchor component={Link} href={`/groups/${group.uid}`} size="sm">{group.name}</Anchor>
            : <Text size="sm">{group.name}</Text>}
        </Box>
      ))}
    </Stack>
  );
}

function Shown({ page }: { page: DevicePage }) {
  const { may } = useSession();
  const { device, groups, applicationCount } = page;
  return (
    <>
      <PageHead title={deviceName(device)} crumbs={CRUMBS} hint={(
        <Group gap={4}>
          <span className="mono">{device.esn ?? device.deviceUid}</span>
          <CopyIcon text={device.esn ?? device.deviceUid} what={device.esn ? 'ESN' : 'device ID'} />
        </Group>
      )} />
      <PageTabs tabs={[
        { name: 'Facts', content: <Sections device={device} /> },
        may('Software reports:View') && { name: 'Applications', count: applicationCount, content: <Applications uid={device.deviceUid} /> },
        { name: 'Device groups', content: <Groups groups={groups} /> },
      ]} />
    </>
  );
}

export default function DevicePageShown() {
  const { uid = '' } = useParams<{ uid: string }>();
  const query = useDevice(uid);
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) return <NotFound what="There is no such device" />;
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  return query.data ? <Shown page={query.data} /> : <PageSkeleton />;
}
