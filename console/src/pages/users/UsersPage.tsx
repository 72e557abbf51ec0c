// SPDX-License-Identifier: Apache-2.0
import { Chip, Group, Select } from '@mantine/core';
import { useSession } from '../../api/session';
import { useRoles } from '../../ask/roles';
import { useUsers } from '../../ask/users';
import { CreateButton } from '../../parts/CreateButton';
import { DataList } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { PageHead } from '../../parts/PageHead';
import { SearchField } from '../../parts/SearchField';
import { useListState } from '../../parts/useListState';
import type { ListState } from '../../parts/useListState';
import { USER_FACTOR, USER_GROUPS, USER_LOGIN, USER_NAME, USER_ROLE, USER_STATE, USER_TOKENS } from '../../parts/UserColumns';

const COLUMNS = [USER_NAME, USER_ROLE, USER_STATE, USER_FACTOR, USER_GROUPS, USER_TOKENS, USER_LOGIN];

function Filters({ state }: { state: ListState }) {
  const { may } = useSession();
  const roles = useRoles({ pageSize: 500 }, may('User roles:View'));
  return (
    <Group mb="md" gap="sm">
      <SearchField label="Search name and e-mail" value={state.value('q')} width={280} onSearch={(q) => state.set({ q }, true)} />
      {may('User roles:View') && (
        <Select aria-label="User role" placeholder="All user roles" clearable searchable w={{ base: '100%', xs: 208 }} value={state.value('role') || null}
          clearButtonProps={{ 'aria-label': 'All user roles' }} nothingFoundMessage="No such user role"
          onChange={(role) => state.set({ role: role ?? '' })}
          data={(roles.data?.data ?? []).map((role) => ({ value: String(role.id), label: role.name }))} />
      )}
      <Chip size="xs" variant="light" radius="sm" checked={state.value('isSuspended') === 'true'}
        onChange={(isOn) => state.set({ isSuspended: isOn ? 'true' : '' })}>Suspended</Chip>
    </Group>
  );
}

export default function UsersPage() {
  const { may } = useSession();
  const mayManage = may('Users:Manage');
  const state = useListState({ sort: 'name', filters: ['role', 'isSuspended'] });
  return (
    <>
      <PageHead title="Users">
        {mayManage && <CreateButton path="/users/new" words="New user" />}
      </PageHead>
      <Filters state={state} />
      <DataList label="Users" one="user" rows={useUsers(state.query)} columns={COLUMNS} state={state}
        rowKey={(user) => user.uid} rowPath={(user) => `/users/${user.uid}`}
        empty={<EmptyState words="No users yet. Each person who makes tokens or looks after them has a user of their own." />} />
    </>
  );
}
