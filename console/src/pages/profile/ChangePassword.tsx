// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Problem } from '../../api/problem';
import type { Profile } from '../../api/records';
import { useChangePassword } from '../../ask/profile';
import { Fault } from '../../parts/Fault';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { FormSection } from '../../parts/FormSummary';
import { PasswordField } from '../../parts/PasswordField';
import { SubmitButton } from '../../parts/SubmitButton';
import { tell } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { PASSWORD_LEAST, passwordFault } from '../login/NewPassword';

export function ChangePassword({ profile }: { profile: Profile }) {
  const change = useChangePassword();
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: { oldPassword: '', newPassword: '', again: '' },
    validateInputOnBlur: ['newPassword', 'again'],
    validate: {
      oldPassword: (value) => (value ? null : 'Enter the password that you have now.'),
      newPassword: passwordFault,
      again: (value, all) => (value === all.newPassword ? null : 'The two passwords differ.'),
    },
  });
  const submit = async ({ oldPassword, newPassword }: typeof form.values) => {
    setError(null);
    try {
      await change.mutateAsync({ oldPassword, newPassword });
      form.reset();
      tell('Your password is changed. Your other sessions have ended.');
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'LOGIN_FAILED') {
        form.setFieldError('oldPassword', 'This is not your password.');
        focusFirstFault();
      } else {
        setError(showProblem(form, thrown));
      }
    }
  };
  return (
    <FormSection title="Password" hint={profile.passwordChangedAt && <>Changed <Time at={profile.passwordChangedAt} />.</>}>
      <form noValidate aria-label="Change password" onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <Stack gap="md" maw={400}>
          <input type="hidden" name="email" autoComplete="username" value={profile.email} readOnly />
          <PasswordField label="Password now" autoComplete="current-password" {...form.getInputProps('oldPassword')} />
          <PasswordField label="New password" autoComplete="new-password"
            description={`At least ${PASSWORD_LEAST} characters. A few words in a row are good.`} {...form.getInputProps('newPassword')} />
          <PasswordField label="New password, again" autoComplete="new-password" {...form.getInputProps('again')} />
          <Fault error={error} />
          <Group gap="md">
            <SubmitButton variant="default" loading={change.isPending}>Change password</SubmitButton>
            <Text size="xs" c="dimmed">Your other sessions end.</Text>
          </Group>
        </Stack>
      </form>
    </FormSection>
  );
}
