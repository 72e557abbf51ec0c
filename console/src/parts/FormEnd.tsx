// SPDX-License-Identifier: Apache-2.0
import type { MouseEvent, ReactNode } from 'react';
import { Button, Group, Stack } from '@mantine/core';
import { Link } from 'wouter';
import { Fault } from './Fault';
import { SubmitButton } from './SubmitButton';

/** As SubmitButton: the focus stays where it is. */
const stay = (event: MouseEvent) => event.preventDefault();

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
          ? <Button variant="default" onMouseDown={stay} renderRoot={(props) => <Link href={cancel} replace {...props} />}>Cancel</Button>
          : <Button variant="default" onMouseDown={stay} onClick={cancel}>Cancel</Button>}
        <SubmitButton loading={isPending}>{words}</SubmitButton>
      </Group>
    </Stack>
  );
}
