// SPDX-License-Identifier: Apache-2.0
import { Group } from '@mantine/core';
import { KeyRound } from 'lucide-react';
import type { User } from '../api/records';
import { Label } from './Label';

/** What state a user is in; a password that must be changed is said beside it. */
export function UserState({ user }: { user: User }) {
  return (
    <Group gap={6}>
      <Label label={user.isSuspended ? 'Suspended' : 'Active'} />
      {!user.isSuspended && user.mustChangePassword && <Label label="New password due" tone="soon" icon={KeyRound} />}
    </Group>
  );
}
