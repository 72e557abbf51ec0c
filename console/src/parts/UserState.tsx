// SPDX-License-Identifier: Apache-2.0
import { KeyRound } from 'lucide-react';
import type { User } from '../api/records';
import { Label } from './Label';

/** What state a user is in. Whose password somebody else has set must change it first. */
export function UserState({ user }: { user: User }) {
  return (
    user.isSuspended || !user.mustChangePassword ? <Label label={user.isSuspended ? 'Suspended' : 'Active'} />
      : <Label label="New password due" tone="soon" icon={KeyRound} />
  );
}
