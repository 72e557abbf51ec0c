// SPDX-License-Identifier: Apache-2.0
import { Autocomplete, Stack, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { NewGroup } from '../../api/records';
import { useGroups } from '../../ask/groups';
import { folderPaths } from '../../words/folders';
import { lengthFault, nameFault } from '../../words/texts';

const FOLDER_MAX = 240;
const DESCRIPTION_MAX = 1000;

/** A folder's path as it will be kept: no blanks and no empty names between the strokes. */
export function tidyFolder(typed: string): string {
  return typed.split('/').map((name) => name.trim()).filter(Boolean).join('/');
}

export const GROUP_FAULTS = {
  name: (value: string) => nameFault(value, 'Give the device group a name.'),
  description: (value: string) => lengthFault(value, 'The description', DESCRIPTION_MAX),
  folder: (value: string) => lengthFault(value, 'The folder', FOLDER_MAX),
};

/** The fields of a device group, for a new one and for an old one. */
export function GroupFields({ form }: { form: UseFormReturnType<NewGroup> }) {
  const groups = useGroups();
  return (
    <Stack gap="md">
      <TextInput label="Name" withAsterisk autoFocus autoComplete="off" {...form.getInputProps('name')} />
      <Textarea label="Description" autosize minRows={2} {...form.getInputProps('description')} />
      <Autocomplete label="Folder" data={folderPaths(groups.data ?? [])} limit={50} inputWrapperOrder={['label', 'description', 'input', 'error']}
        description="A path of names, like Europe/France. A folder exists as soon as a group names it. Empty: at the top."
        {...form.getInputProps('folder')} />
    </Stack>
  );
}
