// SPDX-License-Identifier: Apache-2.0
import { Box, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Profile } from '../../api/records';
import { useEditProfile, useProfile } from '../../ask/profile';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { Fault } from '../../parts/Fault';
import { focusFirstFault } from '../../parts/FormFields';
import { FormSection } from '../../parts/FormSummary';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { SubmitButton } from '../../parts/SubmitButton';
import { useSaving } from '../../parts/useSaving';
import { useUnsaved } from '../../parts/useUnsaved';
import { nameFault } from '../../words/texts';
import { Calendar } from './Calendar';
import { ChangePassword } from './ChangePassword';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';

function Name({ profile, etag }: { profile: Profile; etag: string | null }) {
  const edit = useEditProfile();
  const form = useForm({
    initialValues: { name: profile.name }, validateInputOnBlur: true,
    validate: { name: (value) => nameFault(value, 'Enter the name that colleagues know.') },
  });
  useUnsaved(form.isDirty());
  const saving = useSaving<Profile, { name?: string }, { name: string }>({
    path: '/profile', etag, form, send: ({ edit: { name = '' }, etag: version }) => edit.mutateAsync({ edit: { name }, etag: version }),
    onSaved: (hasChanged) => { if (hasChanged) tell('Your name is saved.'); },
  });
  return (
    <FormSection title="Person">
      <form noValidate aria-label="Your name"
        onSubmit={form.onSubmit(({ name }) => saving.save(name.trim() === profile.name ? {} : { name: name.trim() }), focusFirstFault)}>
        {saving.theirs && <ChangedMeanwhile what="user">Your name is now “{saving.theirs.name}”.</ChangedMeanwhile>}
        <Stack gap="md" maw={400} align="stretch">
          <TextInput label="Name" autoComplete="name" {...form.getInputProps('name')} />
          <div>
            <Text size="sm" fw={500}>E-mail</Text>
            <Text size="sm" c="dimmed" className="wrap-anywhere">{profile.email}</Text>
          </div>
          <div>
            <Text size="sm" fw={500}>User role</Text>
            <Text size="sm" c="dimmed">{profile.role}</Text>
          </div>
          <Fault error={saving.error} />
          <div><SubmitButton variant="default" loading={saving.isPending} disabled={form.values.name.trim() === profile.name}>Save name</SubmitButton></div>
        </Stack>
      </form>
    </FormSection>
  );
}

export default function ProfilePage() {
  const query = useProfile();
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  const { profile, etag } = query.data;
  return (
    <>
      <PageHead title="My profile" />
      <Box maw={680}>
        <Name key={etag} profile={profile} etag={etag} />
        <ChangePassword profile={profile} />
        <SecondFactor profile={profile} />
        <Calendar />
        <Sessions />
      </Box>
    </>
  );
}
