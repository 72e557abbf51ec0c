// SPDX-License-Identifier: Apache-2.0
import { useForm } from '@mantine/form';
import type { DeviceGroup, NewGroup } from '../../api/records';
import { groupPath, useEditGroup } from '../../ask/groups';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault } from '../../parts/FormFields';
import { tell } from '../../parts/notices';
import { useSaving } from '../../parts/useSaving';
import { useUnsaved } from '../../parts/useUnsaved';
import { GROUP_FAULTS, GroupFields, tidyFolder } from './GroupFields';

function editOf(draft: NewGroup, group: DeviceGroup): Partial<NewGroup> {
  const edit: Partial<NewGroup> = {};
  if (draft.name.trim() !== group.name) edit.name = draft.name.trim();
  if (draft.description.trim() !== group.description) edit.description = draft.description.trim();
  if (tidyFolder(draft.folder) !== group.folder) edit.folder = tidyFolder(draft.folder);
  return edit;
}

export function EditGroup({ group, etag, onDone }: { group: DeviceGroup; etag: string | null; onDone: () => void }) {
  const edit = useEditGroup(group.uid);
  const form = useForm<NewGroup>({
    initialValues: { name: group.name, description: group.description, folder: group.folder },
    validateInputOnBlur: true, validate: GROUP_FAULTS,
  });
  useUnsaved(form.isDirty());
  const saving = useSaving<DeviceGroup, Partial<NewGroup>, NewGroup>({
    path: groupPath(group.uid), etag, form, send: edit.mutateAsync,
    onSaved: (hasChanged) => {
      if (hasChanged) tell('The device group is saved.');
      onDone();
    },
  });
  return (
    <form noValidate style={{ maxWidth: 680 }} aria-label="Edit device group"
      onSubmit={form.onSubmit((draft) => saving.save(editOf(draft, group)), focusFirstFault)}>
      {saving.theirs && (
        <ChangedMeanwhile what="device group">
          It now has the name “{saving.theirs.name}” and is {saving.theirs.folder ? `in the folder ${saving.theirs.folder}` : 'at the top'}.
        </ChangedMeanwhile>
      )}
      <GroupFields form={form} />
      <FormEnd error={saving.error} cancel={onDone} words="Save" isPending={saving.isPending} />
    </form>
  );
}
