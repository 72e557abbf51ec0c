// SPDX-License-Identifier: Apache-2.0
//
// A dangerous act: it is named, says what will stop working, and asks for the title.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { Fault } from './Fault';
import { SubmitButton } from './SubmitButton';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  /** "Delete token" */
  act: string;
  /** What must be typed. */
  title: string;
  /** What the title is called: "title", "name", "e-mail address". */
  what?: string;
  /** What will stop working. */
  children: ReactNode;
  onConfirm: () => void;
  isPending: boolean;
  error: unknown;
}

export function ConfirmByTitle({ isOpen, onClose, act, title, what = 'title', children, onConfirm, isPending,
  error }: Props) {
  const [typed, setTyped] = useState('');
  useEffect(() => { if (isOpen) setTyped(''); }, [isOpen]);
  const isRight = typed.trim() === title.trim();
  return (
    <Modal opened={isOpen} onClose={onClose} title={act} size="md">
      <form noValidate onSubmit={(event) => { event.preventDefault(); if (isRight) onConfirm(); }}>
        <Stack gap="md">
          <Text size="sm" component="div">{children}</Text>
          <Fault error={error} />
          <TextInput label={`Type the ${what} to confirm`} value={typed} autoComplete="off" data-autofocus
            description={<Text span size="xs" className="mono wrap-anywhere">{title}</Text>}
            onChange={(event) => setTyped(event.currentTarget.value)} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <SubmitButton color="red.9" disabled={!isRight} loading={isPending}>{act}</SubmitButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
