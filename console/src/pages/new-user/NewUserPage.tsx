// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { KeyRound } from 'lucide-react';
import { useLocation } from 'wouter';
import { useSession } from '../../api/session';
import type { NewUser, Role } from '../../api/records';
import { useRoles } from '../../ask/roles';
import { useMakeUser } from '../../ask/users';
import { CopyButton } from '../../parts/CopyField';
import { Fault } from '../../parts/Fault';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { FormSection, WithSummary } from '../../parts/FormSummary';
import { GroupsField } from '../../parts/GroupsField';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PasswordField } from '../../parts/PasswordField';
import { useUnsaved } from '../../parts/useUnsaved';
import { counted } from '../../words/number';
import { madePassword } from '../../words/password';
import { nameOf } from '../../words/people';
import { grouped } from '../../words/permissions';
import { emailFault, nameFault } from '../../words/texts';
import { PASSWORD_LEAST, passwordFault } from '../login/NewPassword';

const SHOWN = 8;

function Summary({ name, email, role, groupCount }: { name: string; email: string; role: Role | undefined; groupCount: number }) {
  const features = role ? grouped(role.permissions) : [];
  return (
    <Stack gap="md">
      <div>
        <Text fw={600} className="wrap-anywhere" c={name.trim() ? undefined : 'dimmed'}>{name.trim() || 'No name yet'}</Text>
        <Text size="xs" c="dimmed" className="wrap-anywhere">{email.trim() || 'No e-mail address yet'}</Text>
      </div>
      <div>
        <Text size="xs" c="dimmed">User role</Text>
        <Text size="sm">{role?.name ?? 'None yet'}</Text>
      </div>
      {role && (
        <div>
          <Text size="xs" c="dimmed">{counted(role.permissions.length, 'permission')}</Text>
          {features.slice(0, SHOWN).map(([feature, actions]) => <Text size="sm" key={feature}>{feature}: {actions.join(', ')}</Text>)}
          {features.length > SHOWN && <Text size="sm" c="dimmed">and {counted(features.length - SHOWN, 'more feature')}</Text>}
        </div>
      )}
      <div>
        <Text size="xs" c="dimmed">Sees</Text>
        <Text size="sm">{groupCount === 0 ? 'All devices' : `The devices of ${counted(groupCount, 'device group')}`}</Text>
      </div>
      <Text size="sm" c="dimmed">The first log-in asks for a password of their own.</Text>
    </Stack>
  );
}

function NewUserForm({ roles }: { roles: Role[] }) {
  const [, go] = useLocation();
  const { may } = useSession();
  const [error, setError] = useState<unknown>(null);
  const make = useMakeUser();
  const form = useForm({
    initialValues: { email: '', name: '', roleId: '', groups: [] as string[], password: '' },
    validateInputOnBlur: ['email', 'name', 'password'],
    validate: {
      email: emailFault,
      name: (value) => nameFault(value, 'Enter the name that colleagues know.'),
      roleId: (value) => (value ? null : 'Choose a user role.'),
      password: passwordFault,
    },
  });
  useUnsaved(form.isDirty() && !make.isSuccess);
  const { values } = form;
  const submit = async (draft: typeof values) => {
    setError(null);
    const wanted: NewUser = { ...draft, email: draft.email.trim(), name: draft.name.trim(), roleId: Number(draft.roleId) };
    try {
      const user = await make.mutateAsync(wanted);
      tell(`${nameOf(user)} can log in.`);
      go(`/users/${user.uid}`, { replace: true });
    } catch (thrown) {
      setError(showProblem(form, thrown));
    }
  };
  return (
    <form noValidate onSubmit={form.onSubmit(submit, focusFirstFault)}>
      <WithSummary title="This user" summary={(
        <Summary name={values.name} email={values.email} groupCount={values.groups.length}
          role={roles.find((role) => String(role.id) === values.roleId)} />
      )}>
        <FormSection title="Person">
          <Stack gap="md">
            <TextInput label="Name" withAsterisk autoFocus autoComplete="off" {...form.getInputProps('name')} />
            <TextInput label="E-mail" withAsterisk type="email" autoComplete="off" description="Logs in with it, and gets mail about tokens there."
              {...form.getInputProps('email')} />
          </Stack>
        </FormSection>
        <FormSection title="Rights">
          <Stack gap="md">
            <Select label="User role" withAsterisk searchable allowDeselect={false} data={roles.map((role) => ({ value: String(role.id), label: role.name }))}
              placeholder="Choose one" nothingFoundMessage="No such user role" inputWrapperOrder={['label', 'description', 'input', 'error']}
              description="What this person may do, and the most that their tokens may do." {...form.getInputProps('roleId')} />
            {may('Device Groups and folders:View') && (
              <GroupsField label="Device groups" description="Limits what is seen. With none, all devices." value={form.values.groups} error={form.errors.groups}
                onChange={(groups) => { form.setFieldValue('groups', groups); form.clearFieldError('groups'); }} />
            )}
          </Stack>
        </FormSection>
        <FormSection title="First password" hint="Tell it to the person in a safe way. It must be changed at the first log-in.">
          <Stack gap="xs">
            <PasswordField label="Password" withAsterisk autoComplete="new-password" description={`At least ${PASSWORD_LEAST} characters.`} {...form.getInputProps('password')} />
            <Group gap="xs">
              <Button size="xs" variant="default" leftSection={<KeyRound size={14} aria-hidden />}
                onClick={() => { form.setFieldValue('password', madePassword()); form.clearFieldError('password'); }}>Make one</Button>
              {values.password && <CopyButton text={values.password} what="password" />}
            </Group>
          </Stack>
        </FormSection>
        <FormEnd error={error} cancel="/users" words="Create user" isPending={make.isPending} />
      </WithSummary>
    </form>
  );
}

export default function NewUserPage() {
  const roles = useRoles({ pageSize: 500 });
  return (
    <>
      <PageHead title="New user" crumbs={[{ name: 'Users', path: '/users' }]} />
      {roles.data ? <NewUserForm roles={roles.data.data} />
        : roles.isError ? <Fault error={roles.error} onRetry={() => roles.refetch()} /> : <PageSkeleton />}
    </>
  );
}
