// SPDX-License-Identifier: Apache-2.0
import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { NewRole, Role } from '../../api/records';
import { useSession } from '../../api/session';
import type { GridRow } from '../../api/types';
import { rolePath, useEditRole } from '../../ask/roles';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault } from '../../parts/FormFields';
import { tell } from '../../parts/notices';
import { useSaving } from '../../parts/useSaving';
import { useUnsaved } from '../../parts/useUnsaved';
import { counted } from '../../words/number';
import { ROLE_FAULTS, RoleFields } from './RoleFields';
import type { RoleDraft } from './RoleFields';

function editOf(draft: RoleDraft, role: Role): Partial<NewRole> {
  const edit: Partial<NewRole> = {};
  if (draft.name.trim() !== role.name) edit.name = draft.name.trim();
  const wanted = [...draft.permissions].sort();
  if (wanted.join('\n') !== [...role.permissions].sort().join('\n')) edit.permissions = wanted;
  return edit;
}

/** What saving does to people and tokens that are there already. */
function WhatFollows({ role, wanted }: { role: Role; wanted: ReadonlySet<string> }) {
  const { session } = useSession();
  const lost = role.permissions.filter((name) => !wanted.has(name));
  const gained = [...wanted].filter((name) => !role.permissions.includes(name));
  if (lost.length + gained.length === 0) return null;
  return (
    <Text size="sm" role="status">
      {counted(role.userCount, 'user')} will {[
        gained.length ? `gain ${counted(gained.length, 'permission')}` : '', lost.length ? `lose ${counted(lost.length, 'permission')}` : '',
      ].filter(Boolean).join(' and ')}.{lost.length > 0 && (session.account.liveRights
        ? ' Their tokens lose them at once.' : ' Tokens that were made before keep what they have.')}
    </Text>
  );
}

export function EditRole({ role, etag, rows, onDone }: { role: Role; etag: string | null; rows: GridRow[]; onDone: () => void }) {
  const edit = useEditRole(String(role.id));
  const form = useForm<RoleDraft>({
    initialValues: { name: role.name, permissions: new Set(role.permissions) },
    validateInputOnBlur: ['name'],
    validate: ROLE_FAULTS,
  });
  const changes = editOf(form.values, role);
  useUnsaved(Object.keys(changes).length > 0);
  const saving = useSaving<Role, Partial<NewRole>, RoleDraft>({
    path: rolePath(role.id), etag, form, send: edit.mutateAsync,
    onSaved: (hasChanged) => {
      if (hasChanged) tell('The user role is saved.');
      onDone();
    },
  });
  return (
    <form noValidate style={{ maxWidth: 800 }} aria-label="Edit user role" onSubmit={form.onSubmit((draft) => saving.save(editOf(draft, role)), focusFirstFault)}>
      {saving.theirs && (
        <ChangedMeanwhile what="user role">
          It now has the name “{saving.theirs.name}” and {counted(saving.theirs.permissions.length, 'permission')}.
        </ChangedMeanwhile>
      )}
      <RoleFields form={form} rows={rows} />
      <FormEnd error={saving.error} cancel={onDone} words="Save" isPending={saving.isPending}>
        <WhatFollows role={role} wanted={form.values.permissions} />
      </FormEnd>
    </form>
  );
}
