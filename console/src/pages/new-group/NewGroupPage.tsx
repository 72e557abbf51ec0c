// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { useForm } from '@mantine/form';
import { useLocation } from 'wouter';
import type { NewGroup } from '../../api/records';
import { useMakeGroup } from '../../ask/groups';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { useUnsaved } from '../../parts/useUnsaved';
import { GROUP_FAULTS, GroupFields, tidyFolder } from '../group/GroupFields';

export default function NewGroupPage() {
  const [, go] = useLocation();
  const [error, setError] = useState<unknown>(null);
  const make = useMakeGroup();
  const form = useForm<NewGroup>({
    initialValues: { name: '', description: '', folder: '' }, validateInputOnBlur: true, validate: GROUP_FAULTS,
  });
  useUnsaved(form.isDirty() && !make.isSuccess);
  const submit = async (draft: NewGroup) => {
    setError(null);
    try {
      const group = await make.mutateAsync({
        name: draft.name.trim(), description: draft.description.trim(), folder: tidyFolder(draft.folder),
      });
      tell(`“${group.name}” is created. Add devices and people to it here.`);
      go(`/groups/${group.uid}`, { replace: true });
    } catch (thrown) {
      setError(showProblem(form, thrown));
    }
  };
  return (
    <>
      <PageHead title="New device group" crumbs={[{ name: 'Device groups', path: '/groups' }]} />
      <form noValidate style={{ maxWidth: 680 }} onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <GroupFields form={form} />
        <FormEnd error={error} cancel="/groups" words="Create device group" isPending={make.isPending} />
      </form>
    </>
  );
}
