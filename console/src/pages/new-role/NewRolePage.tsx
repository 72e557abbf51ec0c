// SPDX-License-Identifier: Apache-2.0
//
// A new user role: from nothing, or as a copy of another one (`?from=`).
import { useState } from 'react';
import { Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useLocation, useSearchParams } from 'wouter';
import type { Role } from '../../api/records';
import type { GridRow } from '../../api/types';
import { useCatalogue } from '../../ask/catalogue';
import { useMakeRole, useRole } from '../../ask/roles';
import { Fault } from '../../parts/Fault';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { WithSummary } from '../../parts/FormSummary';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { useUnsaved } from '../../parts/useUnsaved';
import { counted } from '../../words/number';
import { grouped, namesOf, offeredOf } from '../../words/permissions';
import { NAME_MAX } from '../../words/texts';
import { ROLE_FAULTS, RoleFields } from '../role/RoleFields';
import type { RoleDraft } from '../role/RoleFields';

function Summary({ name, rows, permissions }: { name: string; rows: GridRow[]; permissions: ReadonlySet<string> }) {
  const all = namesOf(rows);
  const chosen = all.filter((one) => permissions.has(one));
  return (
    <Stack gap="md">
      <Text fw={600} className="wrap-anywhere" c={name.trim() ? undefined : 'dimmed'}>{name.trim() || 'No name yet'}</Text>
      <div>
        <Text size="xs" c="dimmed">{chosen.length} of {counted(all.length, 'permission')}</Text>
        {chosen.length === 0 ? <Text size="sm">None: people can log in and look after their profile.</Text>
          : grouped(chosen).map(([feature, actions]) => <Text key={feature} size="sm">{feature}: {actions.join(', ')}</Text>)}
      </div>
    </Stack>
  );
}

function copyName(name: string): string {
  return `Copy of ${name}`.slice(0, NAME_MAX);
}

function NewRoleForm({ rows, from }: { rows: GridRow[]; from: Role | undefined }) {
  const offered = new Set(namesOf(rows));
  const [, go] = useLocation();
  const [error, setError] = useState<unknown>(null);
  const make = useMakeRole();
  const form = useForm<RoleDraft>({
    initialValues: { name: from ? copyName(from.name) : '', permissions: new Set(from?.permissions.filter((name) => offered.has(name))) },
    validateInputOnBlur: ['name'],
    validate: ROLE_FAULTS,
  });
  useUnsaved(form.isDirty() && !make.isSuccess);
  const submit = async (draft: RoleDraft) => {
    setError(null);
    try {
      const role = await make.mutateAsync({ name: draft.name.trim(), permissions: [...draft.permissions] });
      tell(`The user role “${role.name}” is created.`);
      go(`/roles/${role.id}`, { replace: true });
    } catch (thrown) {
      setError(showProblem(form, thrown));
    }
  };
  return (
    <form noValidate onSubmit={form.onSubmit(submit, focusFirstFault)}>
      <WithSummary title="This user role" summary={<Summary name={form.values.name} rows={rows} permissions={form.values.permissions} />}>
        <RoleFields form={form} rows={rows} />
        <FormEnd error={error} cancel="/roles" words="Create user role" isPending={make.isPending} />
      </WithSummary>
    </form>
  );
}

export default function NewRolePage() {
  const [params] = useSearchParams();
  const fromId = params.get('from') ?? '';
  const catalogue = useCatalogue();
  const from = useRole(fromId);
  const error = catalogue.error ?? (fromId ? from.error : null);
  const isReady = catalogue.data && (!fromId || from.data);
  return (
    <>
      <PageHead title="New user role" crumbs={[{ name: 'User roles', path: '/roles' }]}
        hint={from.data ? `A copy of ${from.data.role.name}.` : undefined} />
      {isReady ? <NewRoleForm key={fromId} rows={offeredOf(catalogue.data, [])} from={from.data?.role} />
        : error ? <Fault error={error} onRetry={() => { void catalogue.refetch(); if (fromId) void from.refetch(); }} /> : <PageSkeleton />}
    </>
  );
}
