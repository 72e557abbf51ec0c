// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { MultiSelect } from '@mantine/core';
import type { DeviceGroup } from '../api/records';
import type { Named } from '../api/types';
import { useGroups } from '../ask/groups';

export function groupInWords(group: Pick<DeviceGroup, 'name' | 'folder'>): string {
  return group.folder ? `${group.name} (${group.folder})` : group.name;
}

/** Device groups to assign, chosen by typing. */
export function GroupsField({ value, onChange, known = [], label, description, error, isEnabled = true }: {
  value: string[];
  onChange: (uids: string[]) => void;
  /** Groups whose names are known before the list is here. */
  known?: Named[];
  label: string;
  description?: ReactNode;
  error?: ReactNode;
  isEnabled?: boolean;
}) {
  const groups = useGroups(isEnabled);
  const names = new Map(known.map((group) => [group.uid, group.name]));
  groups.data?.forEach((group) => names.set(group.uid, groupInWords(group)));
  return (
    <MultiSelect label={label} description={description} error={error} searchable clearable hidePickedOptions
      value={value} onChange={onChange} placeholder={value.length === 0 ? 'Type to find groups' : undefined}
      nothingFoundMessage={groups.isPending ? 'Loading' : 'No device group is named like that'} limit={200}
      clearButtonProps={{ 'aria-label': 'Remove all device groups' }}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
      data={[...names].map(([uid, name]) => ({ value: uid, label: name }))} />
  );
}
