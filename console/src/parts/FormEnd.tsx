// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Button, Group, Stack } from '@mantine/core';
import { Link } from 'wouter';
import { Fault } from './Fault';

/** The end of a form: what belongs to no field, Cancel, and the act by its name. */
export function FormEnd({ error, cancel, words, isPending, children }: {
  error: unknown;
  /** Where Cancel leads, or what it does. */
  cancel: string | (() => void);
  /** "Create user" */
  words: string;
  isPending: boolean;
  children?: ReactNode;
}) {
  return (
    <Stack gap="md" mt={32}>
      <Fault error={error} />
      {children}
      <Group justify="flex-end" gap="xs">
        {typeof cancel === 'string'
          ? <Button variant="default" renderRoot={(props) => <Link href={cancel} replace {...props} />}>Cancel</Button>
          : <Button variant="default" onClick={cancel}>Cancel</Button>}
        <Button type="submit" loading={isPending}>{words}</Button>
      </Group>
    </Stack>
  );
}
