// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Pencil } from 'lucide-react';
import type { Account } from '../../api/records';
import { useSession } from '../../api/session';
import { useEditAccount } from '../../ask/account';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { Facts } from '../../parts/Facts';
import { FormEnd } from '../../parts/FormEnd';
import { FormSection } from '../../parts/FormSummary';
import { focusFirstFault } from '../../parts/FormFields';
import { tell, tellFailure, tellWithUndo } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { useSaving } from '../../parts/useSaving';
import { figures } from '../../words/number';
import { lengthFault, NAME_MAX } from '../../words/texts';

function Rename({ account, etag, onClose }: { account: Account; etag: string | null; onClose: () => void }) {
  const edit = useEditAccount();
  const form = useForm({
    initialValues: { name: account.name }, validateInputOnBlur: true,
    validate: { name: (value) => lengthFault(value, 'The name', NAME_MAX) },
  });
  const saving = useSaving<Account, { name?: string }, { name: string }>({
    path: '/account', etag, form, send: edit.mutateAsync,
    onSaved: (hasChanged) => {
      if (hasChanged) tell('The account is renamed.');
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Rename account" size="md">
      <form noValidate onSubmit={form.onSubmit(({ name }) => saving.save(name.trim() === account.name ? {} : { name: name.trim() }), focusFirstFault)}>
        {saving.theirs && <ChangedMeanwhile what="account">Its name is now “{saving.theirs.name}”.</ChangedMeanwhile>}
        <TextInput label="Name" data-autofocus autoComplete="organization" description="People see it when they log in." {...form.getInputProps('name')} />
        <FormEnd error={saving.error} cancel={onClose} words="Save" isPending={saving.isPending} />
      </form>
    </Modal>
  );
}

/** The one switch of the account that changes what tokens may do, with its meaning in words. */
function LiveRights({ account, etag }: { account: Account; etag: string | null }) {
  const { may } = useSession();
  const edit = useEditAccount();
  const isOn = account.liveRights;
  const turn = (liveRights: boolean) => edit.mutate({ edit: { liveRights }, etag: etag ?? '' }, {
    onError: tellFailure,
    onSuccess: (now) => tellWithUndo(liveRights ? 'Live rights are on.' : 'Live rights are off.',
      () => edit.mutate({ edit: { liveRights: !liveRights }, etag: now.etag ?? '' }, { onError: tellFailure })),
  });
  return (
    <FormSection title="Live rights">
      <Stack gap="sm" maw={680}>
        <Switch label={isOn ? 'On' : 'Off'} checked={isOn} disabled={!may('Settings:Manage') || edit.isPending} aria-label="Live rights"
          onChange={(event) => turn(event.currentTarget.checked)} />
        <Text size="sm">
          {isOn ? 'When a user role loses a permission, the tokens of its people lose it at once; when it gets the permission back, so do they.'
            : 'A token keeps the permissions it was made with, even when the user role of its maker loses them later.'}
        </Text>
        <Text size="sm" c="dimmed">
          {isOn ? 'Off: tokens keep what they were made with. Use it only where clients must not be cut off by a change of roles.'
            : 'On: what a role loses, its tokens lose at once. This is the safe choice, and the usual one.'}
          {' '}Either way a token never has more than it was made with, and a suspended user’s tokens are refused.
        </Text>
      </Stack>
    </FormSection>
  );
}

/** Off at first, and better left off. */
function BearerTokens({ account, etag }: { account: Account; etag: string | null }) {
  const { may } = useSession();
  const edit = useEditAccount();
  const isOn = account.allowBearer;
  const turn = (allowBearer: boolean) => edit.mutate({ edit: { allowBearer }, etag: etag ?? '' }, {
    onError: tellFailure,
    onSuccess: (now) => tellWithUndo(allowBearer ? 'Bearer tokens are allowed.' : 'Bearer tokens are not allowed.',
      () => edit.mutate({ edit: { allowBearer: !allowBearer }, etag: now.etag ?? '' }, { onError: tellFailure })),
  });
  return (
    <FormSection title="Bearer tokens">
      <Stack gap="sm" maw={680}>
        <Switch label={isOn ? 'On' : 'Off'} checked={isOn} disabled={!may('Settings:Manage') || edit.isPending} aria-label="Bearer tokens"
          onChange={(event) => turn(event.currentTarget.checked)} />
        <Text size="sm">
          {isOn ? 'Tokens that sign nothing can be made, and are taken over HTTPS. Whoever sees one may use it.'
            : 'Every request is signed; bearer tokens can neither be made nor used.'}
        </Text>
      </Stack>
    </FormSection>
  );
}

export function AccountFacts({ account, etag }: { account: Account; etag: string | null }) {
  const { may } = useSession();
  const [isRenaming, setRenaming] = useState(false);
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <Facts facts={[
          ['Name', account.name || 'None yet'],
          ['Account ID', <span key="uid" className="mono">{account.uid}</span>],
          ['Created', <Time key="created" at={account.createdAt} />],
          ['API tokens', figures(account.tokenCount)],
          ['Users', figures(account.userCount)],
          ['Devices', figures(account.deviceCount)],
        ]} />
        {may('Settings:Manage') && (
          <Group><Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={() => setRenaming(true)}>Rename</Button></Group>
        )}
      </Stack>
      <LiveRights account={account} etag={etag} />
      <BearerTokens account={account} etag={etag} />
      {isRenaming && <Rename account={account} etag={etag} onClose={() => setRenaming(false)} />}
    </Stack>
  );
}
