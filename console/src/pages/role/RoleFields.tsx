// SPDX-License-Identifier: Apache-2.0
import { TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { GridRow } from '../../api/types';
import { FormSection } from '../../parts/FormSummary';
import { PermissionGrid } from '../../parts/PermissionGrid';
import { nameFault } from '../../words/texts';

export interface RoleDraft {
  name: string;
  permissions: ReadonlySet<string>;
}

export const ROLE_FAULTS = {
  name: (value: string) => nameFault(value, 'Give the user role a name, so that others know whom it is for.'),
};

/** The name and the grid, for a new role and for an old one. */
export function RoleFields({ form, rows }: { form: UseFormReturnType<RoleDraft>; rows: GridRow[] }) {
  return (
    <>
      <TextInput label="Name" withAsterisk autoFocus autoComplete="off" mb={32} {...form.getInputProps('name')} />
      <FormSection title="Permissions" hint="What people with this role may do at the console, and what their tokens may be given.">
        <PermissionGrid rows={rows} value={form.values.permissions} onChange={(permissions) => form.setFieldValue('permissions', permissions)} />
      </FormSection>
    </>
  );
}
