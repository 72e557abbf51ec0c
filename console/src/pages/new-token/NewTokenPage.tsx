// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Alert, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useSearchParams } from 'wouter';
import { get } from '../../api/client';
import { useSession } from '../../api/session';
import type { CheckedAddress, NewTokenPage } from '../../api/types';
import { checkAddresses, useMakeToken, useNewTokenPage } from '../../ask/tokens';
import { AddressList, asChecked } from '../../parts/AddressList';
import { ExpiryField, expiryFault } from '../../parts/ExpiryField';
import { Fault } from '../../parts/Fault';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault } from '../../parts/FormFields';
import { FormSection, WithSummary } from '../../parts/FormSummary';
import { LimitsField } from '../../parts/LimitsField';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PermissionGrid } from '../../parts/PermissionGrid';
import { limitsDraftOf, limitsOf, NO_LIMITS } from '../../words/limits';
import type { LimitsDraft } from '../../words/limits';
import { namesOf } from '../../words/permissions';
import { chosenOf, readPrefill } from '../../words/prefill';
import type { Prefill } from '../../words/prefill';
import { KeyChoice } from './KeyChoice';
import { KeyDetails } from './KeyDetails';
import { CHECKED_ON_BLUR, tokenRules } from './rules';
import { Summary } from './Summary';
import { DESCRIPTION_MAX, TITLE_MAX } from './texts';
import { useMaking } from './useMaking';

interface Draft {
  title: string;
  description: string;
  expiresOn: string;
  permissions: ReadonlySet<string>;
  approvedAddresses: CheckedAddress[];
  limits: LimitsDraft;
  isCanary: boolean;
}

const CRUMBS = [{ name: 'Settings' }, { name: 'API management', path: '/tokens' }];

/** What the form begins with: all that may be had, or what a link asks for of it. */
function draftOf(page: NewTokenPage, prefill: Prefill): Draft {
  return {
    title: prefill.title, description: prefill.description,
    expiresOn: expiryFault(prefill.expires, page.expiresOn) === null ? prefill.expires : page.expiresOn.usual,
    permissions: new Set(chosenOf(namesOf(page.permissions), prefill.permissions)),
    approvedAddresses: asChecked(prefill.addresses), limits: limitsDraftOf(NO_LIMITS), isCanary: false,
  };
}

/** What a link asked for and this person cannot hand out. */
function NotOffered({ page, prefill }: { page: NewTokenPage; prefill: Prefill }) {
  const offered = namesOf(page.permissions);
  const lacking = prefill.permissions?.filter((name) => !offered.includes(name)) ?? [];
  if (!prefill.permissions) return null;
  return (
    <Alert color={lacking.length > 0 ? 'yellow' : 'gray'} variant="light" mb="md" role="note">
      <Text size="sm">The link that you have followed has chosen the permissions; look through them before you create the token.</Text>
      {lacking.length > 0 && <Text size="sm" fw={500}>Your user role lacks {lacking.join(', ')}: without that, some calls will be refused.</Text>}
    </Alert>
  );
}

function Purpose({ isCanary, onChange }: { isCanary: boolean; onChange: (isCanary: boolean) => void }) {
  const styles = { description: { fontSize: 14, lineHeight: '20px' }, label: { fontWeight: 500 } };
  return (
    <Radio.Group value={isCanary ? 'canary' : 'call'} onChange={(value) => onChange(value === 'canary')} aria-label="Purpose">
      <Stack gap="md">
        <Radio value="call" label="Call the API" styles={styles} description="A program signs its requests with it." />
        <Radio value="canary" label="Canary token" styles={styles}
          description="A trap. Put it where nobody should look, as if it had been forgotten there. It looks like any other token and can do nothing; when somebody tries it, you and the System Administrators are told from where, and they hear only that they are not authenticated." />
      </Stack>
    </Radio.Group>
  );
}

function NewTokenForm({ page }: { page: NewTokenPage }) {
  const [prefill] = useState(readPrefill(useSearchParams()[0]));
  const [, go] = useLocation();
  const { session } = useSession();
  const make = useMakeToken();
  const client = useQueryClient();
  const renew = async () => {
    const fresh = await get<NewTokenPage>('/tokens/new');
    client.setQueryData(['tokens', 'new'], fresh);
    return fresh.proofChallenge;
  };
  const form = useForm<Draft>({
    initialValues: draftOf(page, prefill),
    validateInputOnBlur: CHECKED_ON_BLUR,
    validate: tokenRules(page.expiresOn),
  });
  const { values } = form;
  const { key, submit, made, isPending, error } = useMaking(form, {
    challenge: page.proofChallenge, renew,
    send: (draft, chosen) => make.mutateAsync({
      key: chosen, title: draft.title.trim(), description: draft.description.trim(), expiresOn: draft.expiresOn,
      permissions: draft.isCanary ? null : [...draft.permissions],
      approvedAddresses: draft.isCanary ? [] : draft.approvedAddresses.map((entry) => entry.address ?? entry.typed),
      isCanary: draft.isCanary, limits: draft.isCanary ? null : limitsOf(draft.limits),
    }),
  });
  return (
    <>
      <form noValidate onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <fieldset disabled={!!made} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <WithSummary title="This token" summary={(
            <Summary page={page} title={values.title} kind={key.kind} isCanary={values.isCanary} expiresOn={values.expiresOn}
              permissions={values.permissions} addresses={values.approvedAddresses} limits={limitsOf(values.limits)} />
          )}>
            <FormSection title="Name">
              <Stack gap="md">
                <TextInput label="Title" withAsterisk autoFocus maxLength={TITLE_MAX * 2} autoComplete="off" {...form.getInputProps('title')} />
                <Textarea label="Description" autosize minRows={2} maxLength={DESCRIPTION_MAX * 2} {...form.getInputProps('description')} />
              </Stack>
            </FormSection>
            <FormSection title="Purpose">
              <Purpose isCanary={values.isCanary} onChange={(isCanary) => form.setFieldValue('isCanary', isCanary)} />
            </FormSection>
            <FormSection title="Key">
              <KeyChoice {...key} allowBearer={session.account.allowBearer} />
            </FormSection>
            <FormSection title="Expiry">
              <ExpiryField value={values.expiresOn} bounds={page.expiresOn} error={form.errors.expiresOn}
                onChange={(date) => { form.setFieldValue('expiresOn', date); form.clearFieldError('expiresOn'); }}
                onBlur={() => form.validateField('expiresOn')} />
            </FormSection>
            {!values.isCanary && (
              <>
                <NotOffered page={page} prefill={prefill} />
                <FormSection title="Permissions" hint="What your user role has and the API needs. They cannot be changed later: leave only what this token is for.">
                  <PermissionGrid rows={page.permissions} value={values.permissions}
                    onChange={(permissions) => form.setFieldValue('permissions', permissions)} />
                </FormSection>
                <FormSection title="Assigned device groups" hint="Copied from your account today; later changes do not follow.">
                  <Text size="sm">
                    {page.groups.length === 0 ? 'None assigned: the token sees all devices.' : page.groups.map((group) => group.name).join(', ')}
                  </Text>
                </FormSection>
                <FormSection title="Approved IP addresses" hint="Optional. With none, the token can be used from any address. They can be changed later.">
                  <AddressList value={values.approvedAddresses} check={checkAddresses} own={page.address} error={form.errors.approvedAddresses}
                    onChange={(addresses) => { form.setFieldValue('approvedAddresses', addresses); form.clearFieldError('approvedAddresses'); }} />
                </FormSection>
                <FormSection title="Limits">
                  <LimitsField form={form} />
                </FormSection>
              </>
            )}
            <FormEnd error={error} cancel="/tokens" words="Create token" isPending={isPending} />
          </WithSummary>
        </fieldset>
      </form>
      {made && (
        <KeyDetails {...made} onClose={() => go(`/tokens/${made.token.id}`, { replace: true })} />
      )}
    </>
  );
}

export default function NewTokenPageShown() {
  const page = useNewTokenPage();
  return (
    <>
      <PageHead title="New API token" crumbs={CRUMBS} />
      {page.data ? <NewTokenForm page={page.data} />
        : page.isError ? <Fault error={page.error} onRetry={() => page.refetch()} /> : <PageSkeleton />}
    </>
  );
}
