// SPDX-License-Identifier: Apache-2.0
//
// What weakens or renews one's own log-in needs one's password once more: a screen left
// open for a minute is not enough.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Problem, wordsOf } from '../api/problem';
import { Fault } from './Fault';
import { PasswordField } from './PasswordField';
import { SubmitButton } from './SubmitButton';

export function ConfirmWithPassword({ onClose, act, isDangerous = false, children, onConfirm }: {
  onClose: () => void;
  /** "Turn off second factor" */
  act: string;
  isDangerous?: boolean;
  children: ReactNode;
  onConfirm: (password: string) => Promise<unknown>;
}) {
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isPending, setPending] = useState(false);
  const confirm = async () => {
    setFault(password ? null : 'Enter your password.');
    setError(null);
    if (!password) return;
    setPending(true);
    try {
      await onConfirm(password);
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.faults.length > 0) setFault(wordsOf(new Problem(thrown.status, thrown.code, thrown.faults[0]!.detail)));
      else setError(thrown);
      setPassword('');
    } finally {
      setPending(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={act} size="sm">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void confirm(); }}>
        <Stack gap="md">
          <Text size="sm" component="div">{children}</Text>
          <Fault error={error} />
          <PasswordField label="Your password" autoComplete="current-password" data-autofocus value={password} error={fault}
            onChange={(event) => { setPassword(event.currentTarget.value); setFault(null); }} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <SubmitButton loading={isPending} color={isDangerous ? 'red.9' : undefined}>{act}</SubmitButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
