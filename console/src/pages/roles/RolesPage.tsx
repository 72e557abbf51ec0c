// SPDX-License-Identifier: Apache-2.0
import { Box, Text } from '@mantine/core';
import { useSession } from '../../api/session';
import type { Role } from '../../api/records';
import { useRoles } from '../../ask/roles';
import { CreateButton } from '../../parts/CreateButton';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { PageHead } from '../../parts/PageHead';
import { Time } from '../../parts/Time';
import { useListState } from '../../parts/useListState';
import { figures } from '../../words/number';

const COLUMNS: Column<Role>[] = [
  {
    key: 'name', title: 'User role',
    cell: (role) => (
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate className="row-title">{role.name}</Text>
        <Text size="xs" c="dimmed">{role.isSystemAdmin ? 'Default; may do everything' : role.isDefault ? 'Default' : 'Your own'}</Text>
      </Box>
    ),
  },
  { key: 'permissions', title: 'Permissions', width: 128, isRight: true, cell: (role) => figures(role.permissions.length) },
  { key: 'users', title: 'Users', width: 128, isRight: true, cell: (role) => figures(role.userCount) },
  { key: 'changed', title: 'Modified', width: 168, cell: (role) => (role.isDefault ? '–' : <Time at={role.changedAt} />) },
];

export default function RolesPage() {
  const { may } = useSession();
  const state = useListState({ pageSize: 100 });
  const { sort: _, q: __, ...query } = state.query;
  return (
    <>
      <PageHead title="User roles" hint="What a person may do, and the most that their tokens may do. Default roles stay as they are; duplicate one to change it.">
        {may('User roles:Manage') && <CreateButton path="/roles/new" words="New user role" />}
      </PageHead>
      <DataList label="User roles" one="user role" rows={useRoles(query)} columns={COLUMNS} state={state}
        rowKey={(role) => String(role.id)} rowPath={(role) => `/roles/${role.id}`}
        empty={<EmptyState words="No user roles yet." />} />
    </>
  );
}
