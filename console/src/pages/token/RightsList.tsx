// SPDX-License-Identifier: Apache-2.0
//
// Permissions, approved addresses and device groups, each kind under its name; nothing for none.
import { Box, List, Stack, Text } from '@mantine/core';
import type { Rights } from '../../ask/suggest';
import { counted } from '../../words/number';
import { grouped } from '../../words/permissions';

function Part({ title, items }: { title: string; items: string[] }) {
  if (items.length === 0) return null;
  return (
    <Box>
      <Text size="sm" fw={500}>{title}</Text>
      <List size="sm" listStyleType="none" spacing={2}>
        {items.map((item) => <List.Item key={item}>{item}</List.Item>)}
      </List>
    </Box>
  );
}

export function RightsList({ rights: { permissions, approvedAddresses, groups } }: { rights: Rights }) {
  return (
    <Stack gap="sm">
      <Part title={counted(permissions.length, 'permission')}
        items={grouped(permissions).map(([feature, actions]) => `${feature}: ${actions.join(', ')}`)} />
      <Part title="Approved addresses" items={approvedAddresses} />
      <Part title="Device groups" items={groups.map((group) => group.name)} />
    </Stack>
  );
}
