// SPDX-License-Identifier: Apache-2.0
//
// First run: no user exists yet. Whoever reads the server's output may make the first
// System Administrator.
import { useState } from 'react';
import { Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { useEnter } from '../../api/session';
import type { Session, State } from '../../api/types';
import { Door } from '../../parts/Door';
import { Fault } from '../../parts/Fault';
import { showProblem } from '../../parts/FormFields';
import { PasswordField } from '../../parts/PasswordField';
import { SubmitButton } from '../../parts/SubmitButton';
import { useTitle } from '../../parts/useTitle';
import { PASSWORD_LEAST, passwordFault } from '../login/NewPassword';

const EMAIL = /^[^\s@]+@[^\s@]+$/;

export default function SetupPage({ state }: { state: State }) {
  useTitle('Set up');
  const enter = useEnter();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: { setupCode: '', name: '', email: '', password: '' },
    validateInputOnBlur: true,
    validate: {
      setupCode: (value) => (value.trim() ? null : 'Enter the code that the server printed.'),
      name: (value) => (value.trim() ? null : 'Enter your name.'),
      email: (value) => (EMAIL.test(value.trim()) ? null : 'Enter an e-mail address, like ada@example.com.'),
      password: passwordFault,
    },
  });
  const setUp = useMutation({
    mutationFn: async (values: typeof form.values) =>
      (await ask<Session>('/setup', {
        method: 'POST', open: true,
        body: { ...values, setupCode: values.setupCode.trim(), email: values.email.trim(), name: values.name.trim() },
      })).data,
    onSuccess: (session) => {
      client.setQueryData(['state'], { ...state, isSetUp: true });
      enter(session);
    },
    onError: (thrown) => {
      if (thrown instanceof Problem && thrown.code === 'SETUP_CODE_WRONG') {
        form.setFieldError('setupCode', 'This is not the code. Look for it in what the server printed when it last started.');
        setError(null);
      } else {
        setError(showProblem(form, thrown));
      }
    },
  });
  return (
    <Door title="Set up Tokenhouse" version={state.version}>
      <form noValidate onSubmit={form.onSubmit((values) => setUp.mutate(values))}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            Nobody can log in yet. The first person becomes System Administrator.
          </Text>
          <Fault error={error} />
          <TextInput label="Set-up code" description="The server printed it when it started."
            autoComplete="off" spellCheck={false} autoFocus classNames={{ input: 'mono' }}
            {...form.getInputProps('setupCode')} />
          <TextInput label="Name" autoComplete="name" {...form.getInputProps('name')} />
          <TextInput label="E-mail" type="email" autoComplete="username" {...form.getInputProps('email')} />
          <PasswordField label="Password" autoComplete="new-password"
            description={`At least ${PASSWORD_LEAST} characters. A few words in a row are good.`}
            {...form.getInputProps('password')} />
          <SubmitButton loading={setUp.isPending} fullWidth>Set up and log in</SubmitButton>
        </Stack>
      </form>
    </Door>
  );
}
