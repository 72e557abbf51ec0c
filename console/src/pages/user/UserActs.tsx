// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { Ellipsis, KeyRound, Pause, Pencil, Play, ShieldOff, Trash2 } from 'lucide-react';
import { useLocation } from 'wouter';
import { Problem } from '../../api/problem';
import { useSession } from '../../api/session';
import type { User } from '../../api/records';
import { useDeleteUser, useResetSecondFactor, useSetPassword, useUserAct } from '../../ask/users';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { CopyButton } from '../../parts/CopyField';
import { Fault } from '../../parts/Fault';
import { sentence } from '../../parts/FormFields';
import { PasswordField } from '../../parts/PasswordField';
import { SubmitButton } from '../../parts/SubmitButton';
import { tell, tellFailure, tellWithUndo } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { counted } from '../../words/number';
import { madePassword } from '../../words/password';
import { nameOf } from '../../words/people';
import { passwordFault } from '../login/NewPassword';
import { LeavingTokens } from './Leaving';

function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const setting = useSetPassword(user.uid);
  const problem = setting.error instanceof Problem && setting.error.faults[0];
  const submit = () => {
    const wrong = passwordFault(password);
    setFault(wrong);
    if (wrong) return;
    setting.mutate(password, {
      onSuccess: () => {
        tell(`${nameOf(user)} has a new password.`);
        onClose();
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title="Set password" size="md">
      <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <Stack gap="md">
          <Text size="sm">All sessions of {user.email} end, and their calendar address. The next log-in asks for a password of their own.</Text>
          {!problem && <Fault error={setting.error} />}
          <PasswordField label="New password" autoComplete="new-password" data-autofocus value={password}
            error={fault ?? (problem ? sentence(problem.detail) : null)}
            onBlur={() => password && setFault(passwordFault(password))}
            onChange={(event) => { setPassword(event.currentTarget.value); setFault(null); }} />
          <Group gap="xs">
            <Button size="xs" variant="default" leftSection={<KeyRound size={14} aria-hidden />}
              onClick={() => { setPassword(madePassword()); setFault(null); }}>Make one</Button>
            {password && <CopyButton text={password} what="password" />}
          </Group>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <SubmitButton loading={setting.isPending}>Set password</SubmitButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function ResetSecondFactor({ user, onClose }: { user: User; onClose: () => void }) {
  const reset = useResetSecondFactor(user.uid);
  return (
    <Modal opened onClose={onClose} title="Reset second factor" size="md">
      <Stack gap="md">
        <Text size="sm">
          For somebody who has lost their authenticator and their recovery codes. {user.email} can then log in with the
          password alone, so be sure who is asking. This cannot be undone; they can set up a new second factor.
        </Text>
        <Fault error={reset.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>Cancel</Button>
          <Button color="red.9" loading={reset.isPending} onClick={() => reset.mutate(undefined, {
            onSuccess: () => {
              tell(`The second factor of ${nameOf(user)} is off.`);
              onClose();
            },
          })}>Reset second factor</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Who is suspended can come back; their tokens are silent until then. */
function SuspendUser({ user, onClose, onDelete, onSuspend, isPending }: {
  user: User; onClose: () => void; onDelete: () => void; onSuspend: () => void; isPending: boolean;
}) {
  const { may } = useSession();
  return (
    <Modal opened onClose={onClose} title="Suspend user" size="lg">
      <Stack gap="md">
        <Text size="sm">
          {user.email} can no longer log in, and requests signed with their tokens are refused until the user is resumed.
        </Text>
        <LeavingTokens user={user} mayMake={may('API Credentials:Manage')} />
        <Group justify="space-between" gap="xs">
          <Button variant="subtle" px={8} c="var(--mantine-color-error)" onClick={onDelete}>Delete instead</Button>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button loading={isPending} onClick={onSuspend} data-autofocus>Suspend user</Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}

function DeleteUser({ user, isOpen, onClose }: { user: User; isOpen: boolean; onClose: () => void }) {
  const [, go] = useLocation();
  const { may } = useSession();
  const mayMake = may('API Credentials:Manage');
  const deletion = useDeleteUser(user.uid);
  return (
    <ConfirmByTitle isOpen={isOpen} onClose={onClose} act="Delete user" title={user.email} what="e-mail address"
      isPending={deletion.isPending} error={deletion.error}
      onConfirm={() => deletion.mutate(undefined, {
        onSuccess: () => {
          tell(`${nameOf(user)} is deleted.`);
          go('/users', { replace: true });
        },
      })}>
      <Stack gap="sm">
        <Text size="sm">
          {user.tokenCount === 0 ? '' : `${counted(user.tokenCount, 'token is', 'tokens are')} deleted too: requests signed with them are refused from then on. `}This
          cannot be undone; suspending can. Last log-in: <Time at={user.lastLoginAt} none="never" />.
        </Text>
        {isOpen && <LeavingTokens user={user} mayMake={mayMake} />}
      </Stack>
    </ConfirmByTitle>
  );
}

function useSuspension(user: User) {
  const act = useUserAct(user.uid);
  const who = nameOf(user);
  return {
    isPending: act.isPending,
    suspend: () => act.mutate('suspend', {
      onError: tellFailure,
      onSuccess: () => tellWithUndo(`${who} is suspended, and so are their tokens.`, () => act.mutate('resume', { onError: tellFailure })),
    }),
    resume: () => act.mutate('resume', { onError: tellFailure, onSuccess: () => tell(`${who} can log in again, and their tokens work.`) }),
  };
}

/** What one may do with a user; not to oneself what would lock one out. */
export function UserActs({ user, onEdit }: { user: User; onEdit: () => void }) {
  const { session, may } = useSession();
  const [open, setOpen] = useState<'password' | 'factor' | 'suspend' | 'delete' | null>(null);
  const suspension = useSuspension(user);
  if (!may('Users:Manage')) return null;
  const isSelf = user.uid === session.user.uid;
  const close = () => setOpen(null);
  return (
    <>
      <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>Edit</Button>
      {user.isSuspended ? (
        <Button leftSection={<Play size={16} aria-hidden />} loading={suspension.isPending} onClick={suspension.resume}>Resume</Button>
      ) : !isSelf && (
        <Button variant="default" leftSection={<Pause size={16} aria-hidden />} onClick={() => setOpen('suspend')}>Suspend</Button>
      )}
      {!isSelf && (
        <Menu position="bottom-end" width={216}>
          <Menu.Target>
            <Button variant="default" px={10} aria-label="More acts"><Ellipsis size={16} aria-hidden /></Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<KeyRound size={16} aria-hidden />} onClick={() => setOpen('password')}>Set password</Menu.Item>
            {user.hasSecondFactor && (
              <Menu.Item leftSection={<ShieldOff size={16} aria-hidden />} onClick={() => setOpen('factor')}>Reset second factor</Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setOpen('delete')}>Delete user</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {open === 'password' && <SetPassword user={user} onClose={close} />}
      {open === 'factor' && <ResetSecondFactor user={user} onClose={close} />}
      {open === 'suspend' && (
        <SuspendUser user={user} onClose={close} onDelete={() => setOpen('delete')} isPending={suspension.isPending}
          onSuspend={() => { suspension.suspend(); close(); }} />
      )}
      <DeleteUser user={user} isOpen={open === 'delete'} onClose={close} />
    </>
  );
}
