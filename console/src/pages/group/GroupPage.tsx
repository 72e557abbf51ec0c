// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Stack, Text } from '@mantine/core';
import { Pencil, Trash2 } from 'lucide-react';
import { useLocation, useParams, useSearchParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import type { DeviceGroup } from '../../api/records';
import { useSession } from '../../api/session';
import { useDeleteGroup, useGroup } from '../../ask/groups';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { EventsOf } from '../../parts/EventColumns';
import { Facts } from '../../parts/Facts';
import { Fault } from '../../parts/Fault';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { Time } from '../../parts/Time';
import { counted, figures } from '../../words/number';
import { EditGroup } from './EditGroup';
import { GroupDevices, GroupPeople } from './Members';

const CRUMBS = [{ name: 'Device groups', path: '/groups' }];

function WhatStops({ group }: { group: DeviceGroup }) {
  const isUsed = group.userCount + group.tokenCount > 0;
  return (
    <Stack gap="xs">
      <Text size="sm">The devices stay. This cannot be undone.</Text>
      {isUsed && (
        <Text size="sm">
          {counted(group.userCount, 'user')} and {counted(group.tokenCount, 'token')} are limited to it. A group that limits somebody cannot
          be deleted, because who has no group at all sees every device: take the people out and delete the tokens first.
        </Text>
      )}
    </Stack>
  );
}

function Acts({ group, onEdit }: { group: DeviceGroup; onEdit: () => void }) {
  const { may, seesAllDevices } = useSession();
  const [, go] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const deletion = useDeleteGroup(group.uid);
  if (!may('Device Groups and folders:Manage') || !seesAllDevices) return null;
  return (
    <>
      <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>Edit</Button>
      <Button variant="default" c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setAsking(true)}>Delete</Button>
      <ConfirmByTitle isOpen={isAsking} onClose={() => setAsking(false)} act="Delete device group" title={group.name} what="name"
        isPending={deletion.isPending} error={deletion.error}
        onConfirm={() => deletion.mutate(undefined, {
          onSuccess: () => {
            tell(`The device group “${group.name}” is deleted.`);
            go('/groups', { replace: true });
          },
        })}>
        <WhatStops group={group} />
      </ConfirmByTitle>
    </>
  );
}

function Details({ group }: { group: DeviceGroup }) {
  const { may } = useSession();
  return (
    <Stack gap="lg">
      <Facts facts={[
        ['Folder', group.folder || 'At the top'],
        ['Devices', figures(group.deviceCount)],
        ['Users', figures(group.userCount)],
        ['API tokens', figures(group.tokenCount)],
        ['Created', <Time key="created" at={group.createdAt} />],
        ['Modified', <Time key="changed" at={group.changedAt} />],
        group.description ? ['Description', group.description] : null,
      ]} />
      <PageTabs tabs={[
        { name: 'Devices', content: <GroupDevices group={group} /> },
        may('Users:View') && { name: 'People', content: <GroupPeople group={group} /> },
        may('Audit Event History:View') && { name: 'Events', content: <EventsOf id={group.uid} what="device group" /> },
      ]} />
    </Stack>
  );
}

export default function GroupPage() {
  const { uid = '' } = useParams<{ uid: string }>();
  const { may, seesAllDevices } = useSession();
  const [params, setParams] = useSearchParams();
  const query = useGroup(uid);
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) return <NotFound what="There is no such device group" />;
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  const { group, etag } = query.data;
  const isEditing = params.has('edit') && may('Device Groups and folders:Manage') && seesAllDevices;
  return (
    <>
      <PageHead title={group.name} crumbs={group.folder ? [...CRUMBS, { name: group.folder.replace(/\//g, ' › ') }] : CRUMBS}>
        {!isEditing && <Acts group={group} onEdit={() => setParams({ edit: '' })} />}
      </PageHead>
      {isEditing ? <EditGroup key={group.uid} group={group} etag={etag} onDone={() => setParams({}, { replace: true })} /> : <Details group={group} />}
    </>
  );
}
