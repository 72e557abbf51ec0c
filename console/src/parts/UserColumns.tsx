// SPDX-License-Identifier: Apache-2.0
//
// Users as rows: in the list of all, and on the pages of roles and device groups.
import { Box, Group, Text } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import type { User } from '../api/records';
import { figures } from '../words/number';
import { nameOf } from '../words/people';
import type { Column } from './DataList';
import { Time } from './Time';
import { UserState } from './UserState';

export const USER_NAME: Column<User> = {
  key: 'name', title: 'User', sort: 'name',
  cell: (user) => (
    <Box style={{ minWidth: 0 }}>
      <Text size="sm" fw={500} truncate className="row-title">{nameOf(user)}</Text>
      <Text size="xs" c="dimmed" truncate>{user.email}</Text>
    </Box>
  ),
};

export const USER_ROLE: Column<User> = {
  key: 'role', title: 'User role', sort: 'role', width: 172, cell: (user) => <Text size="sm" truncate title={user.role.name}>{user.role.name}</Text>,
};

export const USER_STATE: Column<User> = { key: 'state', title: 'State', width: 168, cell: (user) => <UserState user={user} /> };

export const USER_FACTOR: Column<User> = {
  key: 'factor', title: 'Second factor', width: 124,
  cell: (user) => (user.hasSecondFactor
    ? <Group gap={6} wrap="nowrap"><ShieldCheck size={16} aria-hidden color="var(--th-active)" /><Text size="sm">On</Text></Group>
    : <Text size="sm" c="dimmed">Off</Text>),
};

export const USER_GROUPS: Column<User> = {
  key: 'groups', title: 'Device groups', width: 144,
  cell: (user) => {
    const names = user.groups.map((group) => group.name).join(', ');
    return <Text size="sm" truncate title={names} c={names ? undefined : 'dimmed'}>{names || 'All devices'}</Text>;
  },
};

export const USER_TOKENS: Column<User> = {
  key: 'tokens', title: 'Tokens', width: 80, isRight: true, cell: (user) => figures(user.tokenCount),
};

export const USER_LOGIN: Column<User> = {
  key: 'login', title: 'Last log-in', width: 124, cell: (user) => <Time at={user.lastLoginAt} none="Never" />,
};
