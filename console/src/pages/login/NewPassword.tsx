// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { PasswordField } from '../../parts/PasswordField';
import { SubmitButton } from '../../parts/SubmitButton';

export const PASSWORD_LEAST = 12;

/** What is wrong with a new password before the server has been asked, or null. */
export function passwordFault(password: string): string | null {
  return password.length < PASSWORD_LEAST ? `Use at least ${PASSWORD_LEAST} characters.` : null;
}

/** A new password, typed twice. */
export function NewPassword({ email, button, isPending, fault, onChosen }: {
  email: string;
  button: string;
  isPending: boolean;
  fault?: ReactNode;
  onChosen: (password: string) => void;
}) {
  const form = useForm({
    initialValues: { password: '', again: '' },
    validateInputOnBlur: true,
    validate: {
      password: passwordFault,
      again: (value, all) => (value === all.password ? null : 'The two passwords differ.'),
    },
  });
  const password = form.getInputProps('password');
  return (
    <form noValidate onSubmit={form.onSubmit((values) => onChosen(values.password))}>
      <Stack gap="md">
        <input type="hidden" name="email" autoComplete="username" value={email} readOnly />
        <PasswordField label="New password" autoComplete="new-password" autoFocus
          description={`At least ${PASSWORD_LEAST} characters. A few words in a row are good.`} {...password} error={password.error ?? fault} />
        <PasswordField label="New password, again" autoComplete="new-password" {...form.getInputProps('again')} />
        <SubmitButton loading={isPending} fullWidth>{button}</SubmitButton>
      </Stack>
    </form>
  );
}
