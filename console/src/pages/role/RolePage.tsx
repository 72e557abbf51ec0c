// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { Copy, Pencil, Trash2 } from 'lucide-react';
import { Link, useLocation, useParams, useSearchParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import type { Role } from '../../api/records';
import { useSession } from '../../api/session';
import { useCatalogue } from '../../ask/catalogue';
import { useDeleteRole, useRole } from '../../ask/roles';
import { useUsers } from '../../ask/users';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { DataList } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { EventsOf } from '../../parts/EventColumns';
import { Facts } from '../../parts/Facts';
import { Fault } from '../../parts/Fault';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { PermissionGrid } from '../../parts/PermissionGrid';
import { Time } from '../../parts/Time';
import { useListState } from '../../parts/useListState';
import { USER_GROUPS, USER_LOGIN, USER_NAME, USER_STATE } from '../../parts/UserColumns';
import { figures } from '../../words/number';
import { offeredOf } from '../../words/permissions';
import { EditRole } from './EditRole';

const CRUMBS = [{ name: 'User roles', path: '/roles' }];
const COLUMNS = [USER_NAME, USER_STATE, USER_GROUPS, USER_LOGIN];

function Acts({ role, onEdit }: { role: Role; onEdit: () => void }) {
  const { may } = useSession();
  const [, go] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const deletion = useDeleteRole(String(role.id));
  if (!may('User roles:Manage')) return null;
  return (
    <>
      {!role.isDefault && <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>Edit</Button>}
      <Button variant="default" component={Link} href={`/roles/new?from=${role.id}`} leftSection={<Copy size={16} aria-hidden />}>Duplicate</Button>
      {!role.isDefault && (
        <Button variant="default" c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setAsking(true)}>Delete</Button>
      )}
      <ConfirmByTitle isOpen={isAsking} onClose={() => setAsking(false)} act="Delete user role" title={role.name} what="name"
        isPending={deletion.isPending} error={deletion.error}
        onConfirm={() => deletion.mutate(undefined, {
          onSuccess: () => {
            tell(`The user role “${role.name}” is deleted.`);
            go('/roles', { replace: true });
          },
        })}>
        {role.userCount === 0 ? 'Nobody has this role. Deleting it cannot be undone.'
          : 'People still have this role. Give them another one first: a role that is in use cannot be deleted.'}
      </ConfirmByTitle>
    </>
  );
}

function Users({ role }: { role: Role }) {
  const state = useListState({ sort: 'name' });
  return (
    <DataList label={`Users with the role ${role.name}`} one="user" rows={useUsers({ ...state.query, role: role.id })} columns={COLUMNS} state={state}
      rowKey={(user) => user.uid} rowPath={(user) => `/users/${user.uid}`} empty={<EmptyState words="Nobody has this role." />} />
  );
}

function Permissions({ role }: { role: Role }) {
  const catalogue = useCatalogue();
  if (catalogue.isError) return <Fault error={catalogue.error} onRetry={() => catalogue.refetch()} />;
  if (!catalogue.data) return <Skeleton h={320} />;
  return <PermissionGrid rows={offeredOf(catalogue.data, role.permissions)} value={new Set(role.permissions)} />;
}

function Details({ role }: { role: Role }) {
  const { may } = useSession();
  return (
    <Stack gap="lg">
      <Facts facts={[
        ['Kind', role.isDefault ? 'Default, the same in every account' : 'Your own'],
        ['Permissions', figures(role.permissions.length)],
        ['Users', figures(role.userCount)],
        role.isDefault ? null : ['Created', <Time key="created" at={role.createdAt} />],
        role.isDefault ? null : ['Modified', <Time key="changed" at={role.changedAt} />],
      ]} />
      <PageTabs tabs={[
        { name: 'Permissions', content: <Permissions role={role} /> },
        may('Users:View') && { name: 'Users', content: <Users role={role} /> },
        may('Audit Event History:View') && { name: 'Events', content: <EventsOf id={String(role.id)} what="user role" /> },
      ]} />
    </Stack>
  );
}

function Editing({ role, etag, onDone }: { role: Role; etag: string | null; onDone: () => void }) {
  const catalogue = useCatalogue();
  if (catalogue.isError) return <Fault error={catalogue.error} onRetry={() => catalogue.refetch()} />;
  return catalogue.data ? <EditRole key={role.id} role={role} etag={etag} rows={offeredOf(catalogue.data, role.permissions)} onDone={onDone} /> : <PageSkeleton />;
}

export default function RolePage() {
  const { id = '' } = useParams<{ id: string }>();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const query = useRole(id);
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) return <NotFound what="There is no such user role" />;
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  const { role, etag } = query.data;
  const isEditing = params.has('edit') && may('User roles:Manage') && !role.isDefault;
  return (
    <>
      <PageHead title={role.name} crumbs={CRUMBS} hint={role.isSystemAdmin ? <Text size="sm">May do everything, and sees all tokens.</Text> : undefined}>
        {!isEditing && <Acts role={role} onEdit={() => setParams({ edit: '' })} />}
      </PageHead>
      {isEditing ? <Editing role={role} etag={etag} onDone={() => setParams({}, { replace: true })} /> : <Details role={role} />}
    </>
  );
}
