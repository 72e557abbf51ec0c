// SPDX-License-Identifier: Apache-2.0
//
// Short words in the corner after an act: that it is done, that it failed, or how to undo it.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { wordsOf } from '../api/problem';

const UNDO_MS = 15_000;

export function tell(message: string): void {
  notifications.show({ message });
}

export function tellFailure(thrown: unknown): void {
  notifications.show({ color: 'red', message: wordsOf(thrown), autoClose: false });
}

/** Says what was done and offers to undo it, for a while. */
export function tellWithUndo(message: string, undo: () => void): void {
  const id = notifications.show({
    autoClose: UNDO_MS,
    message: (
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Text size="sm" className="wrap-anywhere">{message}</Text>
        <Button size="xs" variant="default" style={{ flexShrink: 0 }} onClick={() => {
          notifications.hide(id);
          undo();
        }}>Undo</Button>
      </Group>
    ),
  });
}
