// SPDX-License-Identifier: Apache-2.0
import { Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSession } from '../../api/session';
import type { User, UserEdit } from '../../api/records';
import { useRoles } from '../../ask/roles';
import { useEditUser, userPath } from '../../ask/users';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault } from '../../parts/FormFields';
import { GroupsField } from '../../parts/GroupsField';
import { tell } from '../../parts/notices';
import { useSaving } from '../../parts/useSaving';
import { useUnsaved } from '../../parts/useUnsaved';
import { nameFault } from '../../words/texts';

interface Draft {
  name: string;
  roleId: string;
  groups: string[];
}

/** Only what this person has changed is sent: the rest stays as others have left it. */
function editOf(draft: Draft, user: User): UserEdit {
  const edit: UserEdit = {};
  if (draft.name.trim() !== user.name) edit.name = draft.name.trim();
  if (draft.roleId !== String(user.role.id)) edit.roleId = Number(draft.roleId);
  const before = user.groups.map((group) => group.uid);
  if ([...draft.groups].sort().join() !== before.sort().join()) edit.groups = draft.groups;
  return edit;
}

export function EditUser({ user, etag, onDone }: { user: User; etag: string | null; onDone: () => void }) {
  const { may } = useSession();
  const roles = useRoles({ pageSize: 500 }, may('User roles:View'));
  const edit = useEditUser(user.uid);
  const form = useForm<Draft>({
    initialValues: { name: user.name, roleId: String(user.role.id), groups: user.groups.map((group) => group.uid) },
    validateInputOnBlur: ['name'],
    validate: { name: (value) => nameFault(value, 'Enter the name that colleagues know.') },
  });
  useUnsaved(form.isDirty());
  const saving = useSaving<User, UserEdit, Draft>({
    path: userPath(user.uid), etag, form, send: edit.mutateAsync,
    onSaved: (hasChanged) => {
      if (hasChanged) tell('The user is saved.');
      onDone();
    },
  });
  const choices = roles.data?.data.map((role) => ({ value: String(role.id), label: role.name }))
    ?? [{ value: String(user.role.id), label: user.role.name }];
  const { theirs } = saving;
  return (
    <form noValidate style={{ maxWidth: 680 }} aria-label="Edit user"
      onSubmit={form.onSubmit((draft) => saving.save(editOf(draft, user)), focusFirstFault)}>
      {theirs && (
        <ChangedMeanwhile what="user">
          It now has the name “{theirs.name}”, the user role {theirs.role.name} and {theirs.groups.length
            ? `the device groups ${theirs.groups.map((group) => group.name).join(', ')}` : 'no device groups'}.
        </ChangedMeanwhile>
      )}
      <Stack gap="md">
        <TextInput label="Name" withAsterisk autoFocus autoComplete="off" {...form.getInputProps('name')} />
        {may('User roles:View') && (
          <Select label="User role" withAsterisk searchable allowDeselect={false} data={choices} nothingFoundMessage="No such user role"
            inputWrapperOrder={['label', 'description', 'input', 'error']}
            description="What this person may do, and the most that their tokens may do." {...form.getInputProps('roleId')} />
        )}
        {may('Device Groups and folders:View') && (
          <GroupsField label="Device groups" known={user.groups} value={form.values.groups} error={form.errors.groups}
            onChange={(groups) => { form.setFieldValue('groups', groups); form.clearFieldError('groups'); }}
            description="Limits what is seen. With none, all devices. Tokens keep the groups they were made with." />
        )}
      </Stack>
      <FormEnd error={saving.error} cancel={onDone} words="Save" isPending={saving.isPending} />
    </form>
  );
}
