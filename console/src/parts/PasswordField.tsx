// SPDX-License-Identifier: Apache-2.0
import { PasswordInput } from '@mantine/core';
import type { PasswordInputProps } from '@mantine/core';

/** A password. What is wrong with it is told to screen readers too, and its eye has a name. */
export function PasswordField(props: PasswordInputProps) {
  return (
    <PasswordInput aria-invalid={!!props.error} {...props}
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }} />
  );
}
