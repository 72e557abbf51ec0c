// SPDX-License-Identifier: Apache-2.0
import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';

const KEYS: [string[], string][] = [
  [['Ctrl', 'K'], 'Search tokens, devices, people, upstreams and pages'],
  [['c'], 'Create, on a page with a list'],
  [['/'], 'Go to the search field of the list'],
  [['↑', '↓'], 'Walk through the rows of a list'],
  [['Enter'], 'Open the row, confirm'],
  [['Esc'], 'Close a dialog'],
  [['?'], 'This sheet'],
];

export function KeySheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keyboard" size="md">
      <Stack gap="sm">
        {KEYS.map(([keys, words]) => (
          <Group key={words} justify="space-between" wrap="nowrap">
            <Text size="sm">{words}</Text>
            <Group gap={4} wrap="nowrap">{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</Group>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
