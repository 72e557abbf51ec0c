// SPDX-License-Identifier: Apache-2.0
import { Box, Button, Skeleton, Stack, Text } from '@mantine/core';
import { useSession } from '../../api/session';
import type { DeviceGroup } from '../../api/records';
import { useGroups } from '../../ask/groups';
import { CreateButton } from '../../parts/CreateButton';
import { EmptyState } from '../../parts/EmptyState';
import { Fault } from '../../parts/Fault';
import { PageHead } from '../../parts/PageHead';
import { SearchField } from '../../parts/SearchField';
import { useListState } from '../../parts/useListState';
import { folderTree } from '../../words/folders';
import { counted } from '../../words/number';
import { GroupTree } from './GroupTree';

function fits(group: DeviceGroup, wanted: string): boolean {
  return `${group.folder}/${group.name}\n${group.description}`.toLowerCase().includes(wanted);
}

function Shown({ groups, q, onClear, mayManage }: { groups: DeviceGroup[]; q: string; onClear: () => void; mayManage: boolean }) {
  const wanted = q.trim().toLowerCase();
  const found = wanted ? groups.filter((group) => fits(group, wanted)) : groups;
  if (groups.length === 0) {
    return (
      <EmptyState words="No device groups yet. A group names a set of devices; people and tokens that are given one see these devices only.">
        {mayManage && <CreateButton path="/groups/new" words="Create the first device group" />}
      </EmptyState>
    );
  }
  if (found.length === 0) {
    return (
      <Stack align="center" gap="md" py={56} className="panel">
        <Text c="dimmed" role="status">No device group is named like that.</Text>
        <Button variant="default" onClick={onClear}>Show all</Button>
      </Stack>
    );
  }
  return (
    <Box>
      <GroupTree top={folderTree(found)} isAllOpen={wanted !== ''} />
      <Text size="sm" c="dimmed" className="figures" role="status" mt="sm">{counted(found.length, 'device group')}</Text>
    </Box>
  );
}

export default function GroupsPage() {
  const { may, seesAllDevices } = useSession();
  const mayManage = may('Device Groups and folders:Manage') && seesAllDevices;
  const state = useListState();
  const groups = useGroups();
  return (
    <>
      <PageHead title="Device groups" hint="Who is given a group sees its devices only. Tokens keep the groups they were made with.">
        {mayManage && <CreateButton path="/groups/new" words="New device group" />}
      </PageHead>
      <Box mb="md"><SearchField label="Search name, folder, description" value={state.value('q')} onSearch={(q) => state.set({ q }, true)} /></Box>
      {groups.isError && !groups.data ? <Fault error={groups.error} onRetry={() => groups.refetch()} />
        : groups.data ? <Shown groups={groups.data} q={state.value('q')} onClear={state.clear} mayManage={mayManage} />
          : <Stack gap={8}>{[1, 2, 3, 4, 5].map((n) => <Skeleton key={n} h={48} />)}</Stack>}
    </>
  );
}
