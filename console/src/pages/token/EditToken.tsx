// SPDX-License-Identifier: Apache-2.0
//
// Edits what may change. When somebody else was faster, both versions are shown and
// nothing typed is lost.
import { Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { CheckedAddress, Token } from '../../api/types';
import { checkAddresses, useEditToken } from '../../ask/tokens';
import type { TokenEdit } from '../../ask/tokens';
import { AddressList, asChecked } from '../../parts/AddressList';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { ExpiryField, expiryFault } from '../../parts/ExpiryField';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault } from '../../parts/FormFields';
import { FormSection } from '../../parts/FormSummary';
import { LimitsField } from '../../parts/LimitsField';
import { tell } from '../../parts/notices';
import { useSaving } from '../../parts/useSaving';
import { useUnsaved } from '../../parts/useUnsaved';
import { LIMIT_FIELDS, LIMIT_RULES, limitsDraftOf, limitsInWords, limitsOf, sameLimits } from '../../words/limits';
import type { LimitsDraft } from '../../words/limits';
import { dateAfter, todayUtc } from '../../words/time';
import { descriptionFault, titleFault } from '../new-token/texts';

interface Draft {
  title: string;
  description: string;
  expiresOn: string;
  approvedAddresses: CheckedAddress[];
  limits: LimitsDraft;
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
  if (!sameLimits(limitsOf(draft.limits), base.limits)) edit.limits = limitsOf(draft.limits);
  return edit;
}

export function EditToken({ token, etag, onDone }: { token: Token; etag: string; onDone: () => void }) {
  const edit = useEditToken(token.id);
  const today = todayUtc();
  const bounds = { first: dateAfter(today, 1), last: dateAfter(today, 0, 12) };
  const form = useForm<Draft>({
    initialValues: {
      title: token.title, description: token.description, expiresOn: token.expiresOn,
      approvedAddresses: asChecked(token.approvedAddresses), limits: limitsDraftOf(token.limits),
    },
    validateInputOnBlur: ['title', 'description', 'expiresOn', ...LIMIT_FIELDS],
    validate: {
      title: titleFault,
      description: descriptionFault,
      expiresOn: (value) => (value === token.expiresOn ? null : expiryFault(value, bounds)),
      approvedAddresses: (value) =>
        (value.every((entry) => entry.isValid) ? null : 'Correct or remove the addresses that are invalid.'),
      limits: LIMIT_RULES,
    },
  });
  useUnsaved(form.isDirty());
  const saving = useSaving<Token, TokenEdit, Draft>({
    path: `/tokens/${encodeURIComponent(token.id)}`, etag, form, send: edit.mutateAsync,
    onSaved: (hasChanged) => {
      if (hasChanged) tell('The token is saved.');
      onDone();
    },
  });
  const { theirs } = saving;
  return (
    <form noValidate style={{ maxWidth: 680 }} aria-label="Edit token"
      onSubmit={form.onSubmit((draft) => saving.save(editOf(draft, token)), focusFirstFault)}>
      {theirs && (
        <ChangedMeanwhile what="token">
          It now has the title “{theirs.title}”, the expiry date {theirs.expiresOn} and {theirs.approvedAddresses.length
            ? `the addresses ${theirs.approvedAddresses.join(', ')}` : 'no approved addresses'}
          {limitsInWords(theirs.limits).map((words) => `, ${words}`).join('')}.
        </ChangedMeanwhile>
      )}
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
      {!token.isCanary && (
        <FormSection title="Approved IP addresses" hint="With none, the token can be used from any address.">
          <AddressList value={form.values.approvedAddresses} check={checkAddresses} error={form.errors.approvedAddresses}
            onChange={(addresses) => { form.setFieldValue('approvedAddresses', addresses); form.clearFieldError('approvedAddresses'); }} />
        </FormSection>
      )}
      {!token.isCanary && <FormSection title="Limits"><LimitsField form={form} /></FormSection>}
      <FormEnd error={saving.error} cancel={onDone} words="Save" isPending={saving.isPending} />
    </form>
  );
}
