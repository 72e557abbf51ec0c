// SPDX-License-Identifier: Apache-2.0
//
// E-mail and password, then a second factor or a new password where the server asks for
// it. Used by the log-in page and by the dialog that opens when a session ends in mid-work.
import { useState } from 'react';
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { ask } from '../../api/client';
import { useLeave } from '../../api/session';
import type { Session } from '../../api/types';
import { Fault } from '../../parts/Fault';
import { showProblem } from '../../parts/FormFields';
import { PasswordField } from '../../parts/PasswordField';
import { SubmitButton } from '../../parts/SubmitButton';
import { NewPassword } from './NewPassword';

type Entered = (session: Session) => void;

function Credentials({ email, onEntered }: { email?: string; onEntered: Entered }) {
  const form = useForm({
    initialValues: { email: email ?? '', password: '' },
    validate: {
      email: (value) => (value.trim() ? null : 'Enter your e-mail address.'),
      password: (value) => (value ? null : 'Enter your password.'),
    },
  });
  const login = useMutation({
    mutationFn: async (values: typeof form.values) =>
      (await ask<Session>('/session', { method: 'POST', body: values, open: true })).data,
    onSuccess: onEntered,
    onError: () => {
      form.setFieldValue('password', '');
      document.querySelector<HTMLInputElement>('input[name=password]')?.focus();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => login.mutate({ ...values, email: values.email.trim() }))}
      noValidate>
      <Stack gap="md">
        <Fault error={login.error} />
        <TextInput label="E-mail" type="email" name="email" autoComplete="username"
          data-autofocus={email ? undefined : true} autoFocus={!email} readOnly={!!email}
          {...form.getInputProps('email')} />
        <PasswordField label="Password" name="password" autoComplete="current-password"
          data-autofocus={email ? true : undefined} autoFocus={!!email}
          {...form.getInputProps('password')} />
        <SubmitButton loading={login.isPending} fullWidth>Log in</SubmitButton>
      </Stack>
    </form>
  );
}

function SecondFactor({ onEntered }: { onEntered: Entered }) {
  const [withRecovery, setRecovery] = useState(false);
  const leave = useLeave();
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim() ? null : 'Enter the code.') },
  });
  const prove = useMutation({
    mutationFn: async (code: string) =>
      (await ask<Session>('/session/second-factor', { method: 'POST', body: { code }, open: true })).data,
    onSuccess: onEntered,
    onError: () => form.reset(),
  });
  return (
    <form noValidate onSubmit={form.onSubmit(({ code }) => prove.mutate(code.replace(/\s/g, '')))}>
      <Stack gap="md">
        <Fault error={prove.error} />
        <TextInput key={String(withRecovery)} autoFocus name="code"
          label={withRecovery ? 'Recovery code' : 'Code from your authenticator app'}
          description={withRecovery ? 'Each works once.' : 'Six digits; a new one every 30 seconds.'}
          inputMode={withRecovery ? 'text' : 'numeric'} autoComplete="one-time-code" className="figures"
          {...form.getInputProps('code')} />
        <SubmitButton loading={prove.isPending} fullWidth>Confirm</SubmitButton>
        <Button variant="subtle" onClick={() => { form.reset(); setRecovery(!withRecovery); }}>
          {withRecovery ? 'Use the authenticator app' : 'Use a recovery code'}
        </Button>
        <Button variant="subtle" color="gray" c="dimmed" onClick={() => leave()}>
          Log in as somebody else
        </Button>
      </Stack>
    </form>
  );
}

function ForcedChange({ session, onEntered }: { session: Session; onEntered: Entered }) {
  const form = useForm({ initialValues: { newPassword: '' } });
  const [error, setError] = useState<unknown>(null);
  const change = useMutation({
    mutationFn: async (newPassword: string) =>
      (await ask<Session | undefined>('/session/password',
        { method: 'POST', body: { newPassword }, open: true })).data
      ?? (await ask<Session>('/session', { open: true })).data,
    onSuccess: onEntered,
    onError: (thrown) => setError(showProblem(form, thrown)),
  });
  return (
    <Stack gap="md">
      <Text size="sm">
        The password of {session.user.email} was set by somebody else. Choose one that only you know.
      </Text>
      <Fault error={error} />
      <NewPassword email={session.user.email} button="Save and go on" isPending={change.isPending}
        fault={form.errors.newPassword}
        onChosen={(password) => { form.clearErrors(); change.mutate(password); }} />
    </Stack>
  );
}

export function LoginForm({ session, email, onEntered }: {
  session: Session | null;
  /** Fixed: only this person can go on here. */
  email?: string;
  onEntered: Entered;
}) {
  if (session?.state === 'second-factor') return <SecondFactor onEntered={onEntered} />;
  if (session?.state === 'password-change') {
    return <ForcedChange session={session} onEntered={onEntered} />;
  }
  return <Credentials email={email} onEntered={onEntered} />;
}
