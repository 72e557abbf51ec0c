// SPDX-License-Identifier: Apache-2.0
//
// Edits what may change. When somebody else was faster, both versions are shown and
// nothing typed is lost.
import { useState } from 'react';
import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import type { CheckedAddress, Token } from '../../api/types';
import { checkAddresses, useEditToken } from '../../ask/tokens';
import type { TokenEdit } from '../../ask/tokens';
import { AddressList, asChecked } from '../../parts/AddressList';
import { ExpiryField, expiryFault } from '../../parts/ExpiryField';
import { Fault } from '../../parts/Fault';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { FormSection } from '../../parts/FormSummary';
import { useUnsaved } from '../../parts/useUnsaved';
import { nameOf } from '../../words/people';
import { dateAfter, todayUtc } from '../../words/time';
import { descriptionFault, titleFault } from '../new-token/texts';

interface Draft {
  title: string;
  description: string;
  expiresOn: string;
  approvedAddresses: CheckedAddress[];
}

function addressesOf(entries: CheckedAddress[]): string[] {
  return entries.map((entry) => entry.address ?? entry.typed);
}

/** Only what this person has changed is sent: the rest stays as others have left it. */
function editOf(draft: Draft, base: Token): TokenEdit {
  const edit: TokenEdit = {};
  if (draft.title.trim() !== base.title) edit.title = draft.title.trim();
  if (draft.description.trim() !== base.description) edit.description = draft.description.trim();
  if (draft.expiresOn !== base.expiresOn) edit.expiresOn = draft.expiresOn;
  const addresses = addressesOf(draft.approvedAddresses);
  if (addresses.join() !== base.approvedAddresses.join()) edit.approvedAddresses = addresses;
  return edit;
}

function Theirs({ theirs }: { theirs: Token }) {
  const by = theirs.changedBy ? nameOf(theirs.changedBy) : 'Somebody';
  return (
    <Alert variant="light" title={`${by} has changed this token meanwhile`} role="alert"
      styles={{ root: { background: 'var(--th-soon-back)' }, title: { color: 'var(--th-soon)' }, message: { color: 'var(--mantine-color-text)' } }}>
      <Stack gap={4}>
        <Text size="sm">It now has the title “{theirs.title}”, the expiry date {theirs.expiresOn} and {theirs.approvedAddresses.length
          ? `the addresses ${theirs.approvedAddresses.join(', ')}` : 'no approved addresses'}.</Text>
        <Text size="sm">Save again to put what you have typed in its place, or cancel to keep theirs.</Text>
      </Stack>
    </Alert>
  );
}

export function EditToken({ token, etag, onDone }: { token: Token; etag: string; onDone: () => void }) {
  const [version, setVersion] = useState(etag);
  const [theirs, setTheirs] = useState<Token | null>(null);
  const [error, setError] = useState<unknown>(null);
  const edit = useEditToken(token.id);
  const today = todayUtc();
  const bounds = { first: dateAfter(today, 1), last: dateAfter(today, 0, 12) };
  const form = useForm<Draft>({
    initialValues: {
      title: token.title, description: token.description, expiresOn: token.expiresOn,
      approvedAddresses: asChecked(token.approvedAddresses),
    },
    validateInputOnBlur: ['title', 'description', 'expiresOn'],
    validate: {
      title: titleFault,
      description: descriptionFault,
      expiresOn: (value) => (value === token.expiresOn ? null : expiryFault(value, bounds)),
      approvedAddresses: (value) =>
        (value.every((entry) => entry.isValid) ? null : 'Correct or remove the addresses that are invalid.'),
    },
  });
  useUnsaved(form.isDirty());
  const save = async (draft: Draft) => {
    setError(null);
    const changes = editOf(draft, token);
    if (Object.keys(changes).length === 0) {
      onDone();
      return;
    }
    try {
      await edit.mutateAsync({ edit: changes, etag: version });
      notifications.show({ message: 'The token is saved.' });
      onDone();
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'CHANGED') {
        const now = await ask<Token>(`/tokens/${encodeURIComponent(token.id)}`);
        setVersion(now.etag ?? '');
        setTheirs(now.data);
      } else {
        setError(showProblem(form, thrown));
      }
    }
  };
  return (
    <form noValidate onSubmit={form.onSubmit(save, focusFirstFault)} style={{ maxWidth: 680 }} aria-label="Edit token">
      {theirs && <Theirs theirs={theirs} />}
      <FormSection title="Name">
        <Stack gap="md">
          <TextInput label="Title" withAsterisk autoFocus autoComplete="off" {...form.getInputProps('title')} />
          <Textarea label="Description" autosize minRows={2} {...form.getInputProps('description')} />
        </Stack>
      </FormSection>
      <FormSection title="Expiry" hint="Up to one year from today.">
        <ExpiryField value={form.values.expiresOn} bounds={bounds} error={form.errors.expiresOn}
          onChange={(date) => { form.setFieldValue('expiresOn', date); form.clearFieldError('expiresOn'); }}
          onBlur={() => form.validateField('expiresOn')} />
      </FormSection>
      <FormSection title="Approved IP addresses" hint="With none, the token can be used from any address.">
        <AddressList value={form.values.approvedAddresses} check={checkAddresses} error={form.errors.approvedAddresses}
          onChange={(addresses) => { form.setFieldValue('approvedAddresses', addresses); form.clearFieldError('approvedAddresses'); }} />
      </FormSection>
      <Stack gap="md" mt={32}>
        <Fault error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>Cancel</Button>
          <Button type="submit" loading={edit.isPending}>Save</Button>
        </Group>
      </Stack>
    </form>
  );
}
