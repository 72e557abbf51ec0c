// SPDX-License-Identifier: Apache-2.0
//
// Rolling a token: a successor with a new key and at most the same rights. What can be
// chosen is what the server offers; a link may have chosen already (words/prefill.ts).
import { useState } from 'react';
import { Checkbox, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useLocation, useParams, useSearchParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import { useSession } from '../../api/session';
import type { CheckedAddress, RollPage } from '../../api/types';
import { checkAddresses, useRollPage, useRollToken } from '../../ask/tokens';
import { AddressList, asChecked } from '../../parts/AddressList';
import { Coin } from '../../parts/Coin';
import { ExpiryField, expiryFault } from '../../parts/ExpiryField';
import { Fault } from '../../parts/Fault';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault } from '../../parts/FormFields';
import { FormSection, WithSummary } from '../../parts/FormSummary';
import { LimitsField } from '../../parts/LimitsField';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PermissionGrid } from '../../parts/PermissionGrid';
import { Time } from '../../parts/Time';
import { limitsDraftOf, limitsOf } from '../../words/limits';
import type { LimitsDraft } from '../../words/limits';
import { namesOf } from '../../words/permissions';
import { chosenOf, readPrefill } from '../../words/prefill';
import type { Prefill } from '../../words/prefill';
import { KeyChoice } from '../new-token/KeyChoice';
import { KeyDetails } from '../new-token/KeyDetails';
import type { Key } from '../new-token/making';
import { CHECKED_ON_BLUR, tokenRules } from '../new-token/rules';
import { Summary } from '../new-token/Summary';
import { DESCRIPTION_MAX, TITLE_MAX } from '../new-token/texts';
import { useMaking } from '../new-token/useMaking';
import { OverlapField, overlapFault } from './OverlapField';

interface Draft {
  title: string;
  description: string;
  overlapDays: number;
  expiresOn: string;
  permissions: ReadonlySet<string>;
  groups: string[];
  approvedAddresses: CheckedAddress[];
  limits: LimitsDraft;
}

function draftOf(page: RollPage, fill: Prefill): Draft {
  const { token } = page;
  const uids = page.groups.map((group) => group.uid);
  const groups = chosenOf(uids, fill.groups);
  return {
    title: fill.title || token.title, description: fill.description || token.description,
    overlapDays: page.overlapDays.usual,
    expiresOn: expiryFault(fill.expires, page.expiresOn) === null ? fill.expires : page.expiresOn.usual,
    permissions: new Set(chosenOf(namesOf(page.permissions), fill.permissions)),
    groups: groups.length > 0 ? groups : uids,
    approvedAddresses: asChecked(fill.addresses.length > 0 ? fill.addresses : token.approvedAddresses),
    limits: limitsDraftOf(token.limits),
  };
}

function Groups({ page, value, onChange, error }: {
  page: RollPage; value: string[]; onChange: (uids: string[]) => void; error?: string;
}) {
  if (page.groups.length === 0) return <Text size="sm">None assigned: the successor sees all devices, as the old token does.</Text>;
  return (
    <Checkbox.Group value={value} onChange={onChange} error={error} aria-label="Assigned device groups">
      <Stack gap={8}>
        {page.groups.map((group) => <Checkbox key={group.uid} value={group.uid} label={group.name} />)}
      </Stack>
    </Checkbox.Group>
  );
}

function Lost({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Text size="sm" c="var(--th-soon)" mb="sm">
      Not carried over, because the user role has lost it: {names.join(', ')}.
    </Text>
  );
}

function useRolling(page: RollPage, etag: string) {
  const roll = useRollToken(page.token.id, etag);
  return (draft: Draft, key: Key) => roll.mutateAsync({
    key, title: draft.title.trim(), description: draft.description.trim(), overlapDays: draft.overlapDays,
    expiresOn: draft.expiresOn, permissions: [...draft.permissions], groups: draft.groups,
    approvedAddresses: draft.approvedAddresses.map((entry) => entry.address ?? entry.typed),
    limits: limitsOf(draft.limits),
  });
}

function useRollForm(page: RollPage) {
  const [query] = useSearchParams();
  return useForm<Draft>({
    initialValues: draftOf(page, readPrefill(query)),
    validateInputOnBlur: CHECKED_ON_BLUR,
    validate: {
      ...tokenRules(page.expiresOn),
      overlapDays: (days) => overlapFault(days, page.overlapDays.most),
      groups: (uids) => (page.groups.length > 0 && uids.length === 0 ? 'Leave at least one: none would mean all devices.' : null),
    },
  });
}

function RollForm({ page, etag, renew }: { page: RollPage; etag: string; renew: () => Promise<string> }) {
  const { token } = page;
  const [, go] = useLocation();
  const { session } = useSession();
  const [now] = useState(() => new Date().toISOString());
  const form = useRollForm(page);
  const send = useRolling(page, etag);
  const { key, submit, made, isPending, error } = useMaking(form, { challenge: page.proofChallenge, renew, send });
  const { values } = form;
  const set = <K extends keyof Draft>(name: K, value: Draft[K]) => {
    form.setValues({ [name]: value } as Partial<Draft>);
    form.clearFieldError(name);
  };
  return (
    <>
      <form noValidate onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <fieldset disabled={!!made} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <WithSummary title="The successor" summary={(
            <Summary page={{ ...page, groups: page.groups.filter((group) => values.groups.includes(group.uid)) }} title={values.title}
              isCanary={false} kind={key.kind} expiresOn={values.expiresOn} permissions={values.permissions} addresses={values.approvedAddresses} limits={limitsOf(values.limits)} />
          )}>
            <FormSection title="Overlap" hint="Change the key in the client while both work. Whoever uses the old one later is refused, and you are told.">
              <OverlapField value={values.overlapDays} most={page.overlapDays.most} from={now} until={token.expiresOn}
                error={form.errors.overlapDays} onChange={(days) => set('overlapDays', days)} />
            </FormSection>
            <FormSection title="New key">
              <KeyChoice {...key} allowBearer={session.account.allowBearer && token.kind === 'bearer'} />
            </FormSection>
            <FormSection title="Name">
              <Stack gap="md">
                <TextInput label="Title" withAsterisk maxLength={TITLE_MAX * 2} autoComplete="off" {...form.getInputProps('title')} />
                <Textarea label="Description" autosize minRows={2} maxLength={DESCRIPTION_MAX * 2} {...form.getInputProps('description')} />
              </Stack>
            </FormSection>
            <FormSection title="Expiry">
              <ExpiryField value={values.expiresOn} bounds={page.expiresOn} error={form.errors.expiresOn}
                onChange={(date) => set('expiresOn', date)} onBlur={() => form.validateField('expiresOn')} />
            </FormSection>
            <FormSection title="Permissions" hint="Those of the old token that its user role still has. Some can be left away; none can be added.">
              <Lost names={page.lost} />
              <PermissionGrid rows={page.permissions} value={values.permissions} onChange={(permissions) => set('permissions', permissions)} />
            </FormSection>
            <FormSection title="Assigned device groups" hint={page.groups.length > 0 ? 'Those of the old token that are still its user’s.' : undefined}>
              <Groups page={page} value={values.groups} error={form.errors.groups as string | undefined} onChange={(groups) => set('groups', groups)} />
            </FormSection>
            <FormSection title="Approved IP addresses" hint={token.approvedAddresses.length > 0
              ? 'Each within those of the old token.' : 'Optional. With none, the successor can be used from any address.'}>
              <AddressList value={values.approvedAddresses} check={checkAddresses} own={page.address} error={form.errors.approvedAddresses}
                onChange={(addresses) => set('approvedAddresses', addresses)} />
            </FormSection>
            <FormSection title="Limits" hint="Those of the old token, counted from the beginning.">
              <LimitsField form={form} />
            </FormSection>
            <FormEnd error={error} cancel={`/tokens/${token.id}`} words="Roll token" isPending={isPending} />
          </WithSummary>
        </fieldset>
      </form>
      {made && (
        <KeyDetails {...made} onClose={() => go(`/tokens/${made.token.id}`, { replace: true })} />
      )}
    </>
  );
}

/** When, and from where, the token to be rolled was last used. */
function OldUse({ page }: { page: RollPage }) {
  const { token } = page;
  return (
    <Text size="sm" c="dimmed">
      {token.lastUsedAt ? <>Last used <Time at={token.lastUsedAt} /> from <span className="mono">{token.lastUsedFrom}</span></> : 'It has never been used'}
    </Text>
  );
}

export default function RollPageShown() {
  const { id = '' } = useParams<{ id: string }>();
  const query = useRollPage(id);
  const renew = async () => (await query.refetch()).data?.page.proofChallenge ?? '';
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) {
    return <NotFound what="There is no such token" />;
  }
  const page = query.data?.page;
  const crumbs = [
    { name: 'Settings' }, { name: 'API management', path: '/tokens' },
    ...(page ? [{ name: page.token.title, path: `/tokens/${id}` }] : []),
  ];
  return (
    <>
      <PageHead title="Roll API token" crumbs={crumbs} before={page && <Coin id={id} size={48} />} hint={page && <OldUse page={page} />} />
      {page ? <RollForm page={page} etag={query.data!.etag} renew={renew} />
        : query.isError ? <Fault error={query.error} onRetry={() => query.refetch()} /> : <PageSkeleton />}
    </>
  );
}
