// SPDX-License-Identifier: Apache-2.0
//
// Everything about one token. The fields are read-only; changes go through Edit.
import { Anchor, Box, Group, Skeleton, Stack, Text } from '@mantine/core';
import { CircleCheck, Pause, TriangleAlert } from 'lucide-react';
import { Link, useParams, useSearchParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import { useSession } from '../../api/session';
import type { Refusal, Token } from '../../api/types';
import { useCatalogue } from '../../ask/catalogue';
import { useToken, useTokenEvents, useTokenRefusals, useTokenUse } from '../../ask/tokens';
import { Aside } from '../../parts/Aside';
import { Coin } from '../../parts/Coin';
import { CopyIcon } from '../../parts/CopyField';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { EventRows } from '../../parts/EventColumns';
import { Facts } from '../../parts/Facts';
import { sentence } from '../../parts/FormFields';
import { Fault } from '../../parts/Fault';
import { FirstRequests } from '../../parts/FirstRequests';
import { Label } from '../../parts/Label';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { PermissionGrid } from '../../parts/PermissionGrid';
import { StepWalk } from '../../parts/StepWalk';
import { Time } from '../../parts/Time';
import { CanaryMark, Unused } from '../../parts/TokenColumns';
import { useListState } from '../../parts/useListState';
import { limitsInWords } from '../../words/limits';
import { figures } from '../../words/number';
import { nameOf } from '../../words/people';
import { worksThrough } from '../../words/time';
import { reasonInWords } from '../../words/verdicts';
import { EditToken } from './EditToken';
import { Replacement } from './Replacement';
import { ShadowPanel } from './Shadow';
import { SuggestionPanel } from './Suggestion';
import { TokenActs } from './TokenActs';
import { UseChart } from './UseChart';

const CRUMBS = [{ name: 'Settings' }, { name: 'API management', path: '/tokens' }];

function KeyFact({ token }: { token: Token }) {
  if (token.kind === 'bearer') return <>None: whoever sees the token may use it</>;
  if (!token.publicKey) return <>A secret key, made by the server</>;
  const { isProved, fingerprint } = token.publicKey;
  return (
    <>
      <span className="mono" style={{ fontSize: 12 }}>{fingerprint}</span>
      <Group gap={6} wrap="nowrap" c={isProved ? 'var(--th-active)' : 'var(--th-soon)'} mt={2}>
        {isProved ? <CircleCheck size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
        <Text size="xs">{isProved ? 'Possession proved' : 'Possession not proved'}</Text>
      </Group>
    </>
  );
}

/** Its own limits, and how much of its uses in all is left. */
function LimitsFact({ token }: { token: Token }) {
  const { limits, useCount } = token;
  const words = limitsInWords(limits);
  if (words.length === 0) return <>None of its own</>;
  return (
    <>
      {words.map((line) => <Text key={line} size="sm">{line.replace(/^from/, 'From')}</Text>)}
      {limits.maxUses && <Text size="xs" c="dimmed">{figures(Math.min(useCount, limits.maxUses))} of {figures(limits.maxUses)} are used</Text>}
    </>
  );
}

function factsOf(token: Token) {
  const { changedBy } = token;
  return (
    <Facts facts={[
      ['Token ID', (
        <Group gap={4} wrap="nowrap" align="flex-start">
          <span className="mono" style={{ fontSize: 12 }}>{token.id}</span><CopyIcon text={token.id} what="token ID" />
        </Group>
      )],
      ['Life', (
        <>
          <Text size="sm">{token.replacedBy ? 'Ends' : 'Expires'} <Time at={token.expiresAt} /></Text>
          <Text size="xs" c="dimmed">
            {token.replacedBy ? `With its overlap, or on its expiry date, ${token.expiresOn}` : worksThrough(token.expiresOn).replace(/^w/, 'W')}
          </Text>
        </>
      )],
      [{ ES256: 'Public key (ES256)', HS256: 'Key (HS256)', bearer: 'Key (bearer)' }[token.kind], <KeyFact key="key" token={token} />],
      ['Last used', (
        <>
          {token.lastUsedAt
            ? <><Time at={token.lastUsedAt} />{token.lastUsedFrom && <> from <span className="mono">{token.lastUsedFrom}</span></>}</> : 'Never'}
          {token.isUnused && <Unused token={token} />}
        </>
      )],
      ['Created by', (
        <>
          {nameOf(token.creator)}, <Time at={token.createdAt} />
          <Text size="xs" c="dimmed">{token.creator.role}{token.creator.isSuspended ? ', suspended' : ''} · {token.creator.email}</Text>
        </>
      )],
      ['Modified', <><Time at={token.changedAt} />{changedBy && ` by ${nameOf(changedBy)}`}</>],
      token.isCanary ? null : ['Device groups', token.groups.length === 0 ? 'All devices' : token.groups.map((group) => group.name).join(', ')],
      token.isCanary ? null : ['Approved IP addresses', token.approvedAddresses.length === 0 ? 'Any address'
        : <span className="mono">{token.approvedAddresses.join(', ')}</span>],
      token.isCanary ? null : ['Limits', <LimitsFact key="limits" token={token} />],
      token.replaces ? ['Replaces', token.replaces.title
        ? <Anchor component={Link} href={`/tokens/${token.replaces.id}`} size="sm">{token.replaces.title}</Anchor> : 'A deleted token'] : null,
      token.description ? ['Description', token.description] : null,
    ]} />
  );
}

function Use({ id }: { id: string }) {
  const use = useTokenUse(id);
  if (use.isError) return <Fault error={use.error} onRetry={() => use.refetch()} />;
  return use.data ? <UseChart days={use.data.days} /> : <Skeleton h={200} />;
}

function Permissions({ token }: { token: Token }) {
  const catalogue = useCatalogue();
  const { session } = useSession();
  if (catalogue.isError) return <Fault error={catalogue.error} onRetry={() => catalogue.refetch()} />;
  if (!catalogue.data) return <Skeleton h={320} />;
  const inForce = new Set(token.permissionsInForce);
  const lost = new Set(token.permissions.filter((name) => !inForce.has(name)));
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        They were chosen when the token was made and cannot be changed. {session.account.liveRights
          ? 'What the user role loses, the token loses at once.' : 'What the user role loses later, the token keeps.'}
      </Text>
      <PermissionGrid rows={catalogue.data} value={new Set(token.permissions)} lost={lost} isGrantedOnly />
    </Stack>
  );
}

const REFUSALS: Column<Refusal>[] = [
  { key: 'why', title: 'Why', cell: (refusal) => (
    <Box>
      <Text size="sm" fw={500} c="var(--th-refused)">{reasonInWords(refusal.verdict)} ({refusal.status})</Text>
      <Text size="xs" c="dimmed" className="wrap-anywhere">{sentence(refusal.detail)}</Text>
      <StepWalk verdict={refusal.verdict} />
    </Box>
  ) },
  { key: 'at', title: 'When', width: 144, cell: (refusal) => <Time at={refusal.at} /> },
  { key: 'what', title: 'Request', width: 280, cell: (refusal) => (
    <span className="mono wrap-anywhere">{refusal.method ? `${refusal.method} ${refusal.uri ?? ''}` : '–'}</span>
  ) },
  { key: 'explain', title: 'Explain', width: 88, cell: (refusal) => (
    <Anchor component={Link} size="sm" href={`/explain?request=${encodeURIComponent(refusal.requestId)}`}
      aria-label={`Explain the refusal ${refusal.requestId}`}>Explain</Anchor>
  ) },
  { key: 'from', title: 'From', width: 152, cell: (refusal) => <span className="mono wrap-anywhere">{refusal.address}</span> },
];

function Refusals({ id }: { id: string }) {
  const refusals = useTokenRefusals(id);
  const state = useListState({ pageSize: 50 });
  const rows = { ...refusals, data: refusals.data && { data: refusals.data.data, next: null, total: refusals.data.data.length } };
  return (
    <DataList label="Latest refusals" one="refusal" rows={rows}
      columns={REFUSALS} state={state} rowHeight={80} rowKey={(refusal) => refusal.requestId}
      empty={<EmptyState words="No request with this token has been refused since the server started." />} />
  );
}

function Events({ id }: { id: string }) {
  const state = useListState({ pageSize: 25 });
  const { sort: _, q: __, ...query } = state.query;
  return <EventRows label="Events of this token" rows={useTokenEvents(id, query)} state={state} />;
}

function savedAs(token: Token): string {
  return token.kind === 'ES256' ? 'privateKey.pem' : `${token.id.slice(0, 8)}.token`;
}

/** Who took it out of use and when, and who can bring it back. */
function Suspension({ token, suspension: { at, by, isByCommand, isHeld } }: { token: Token; suspension: NonNullable<Token['suspension']> }) {
  const who = by ? nameOf(by) : isByCommand ? 'a command' : 'a user who is deleted by now';
  const resumption = !isHeld ? (token.isMine ? '' : ' Its user can resume it.')
    : !token.mayResume ? ' Only a System Administrator can resume it.'
      : token.isMine ? '' : ' Its user cannot resume it.';
  return (
    <Aside icon={Pause} label="Suspension">
      Suspended by {who} <Time at={at} />: requests signed with it are refused.{token.label === 'Suspended' && resumption}
    </Aside>
  );
}

function Details({ token, etag }: { token: Token; etag: string }) {
  return (
    <Stack gap="lg">
      {token.isCanary && (
        <Text maw={680}>
          A trap. It can do nothing: whatever it signs is refused, as if there were no such token, and each use is an
          event and a letter to its user and all System Administrators. Suspend it for silence.
        </Text>
      )}
      {token.suspension && <Suspension token={token} suspension={token.suspension} />}
      {token.replacedBy && <Replacement token={token} by={token.replacedBy} etag={etag} />}
      {factsOf(token)}
      <PageTabs tabs={[
        { name: 'Use', content: <Stack gap="lg"><Use id={token.id} />{!token.isCanary && <><ShadowPanel token={token} /><SuggestionPanel token={token} /></>}</Stack> },
        ...(token.isCanary ? [] : [{ name: 'Permissions', content: <Permissions token={token} /> }]),
        { name: 'Refusals', content: <Refusals id={token.id} /> },
        { name: 'Events', content: <Events id={token.id} /> },
        ...(token.isCanary || token.kind === 'bearer' ? [] : [{
          name: 'First request',
          content: <Box maw={800}><FirstRequests id={token.id} kind={token.kind} file={savedAs(token)} /></Box>,
        }]),
      ]} />
    </Stack>
  );
}

export default function TokenPage() {
  const { id = '' } = useParams<{ id: string }>();
  const [params, setParams] = useSearchParams();
  const query = useToken(id);
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) {
    return <NotFound what="There is no such token" />;
  }
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  const { token, etag } = query.data;
  const isEditing = params.has('edit') && token.mayEdit;
  return (
    <>
      <PageHead title={token.title} crumbs={CRUMBS} before={<Coin id={token.id} size={48} />} hint={<Group gap={4} mt={4}><Label label={token.label} />{token.isCanary && <CanaryMark />}</Group>}>
        {!isEditing && <TokenActs token={token} onEdit={() => setParams({ edit: '' })} />}
      </PageHead>
      {isEditing
        ? <EditToken key={token.id} token={token} etag={etag ?? ''} onDone={() => setParams({}, { replace: true })} />
        : <Details token={token} etag={etag ?? ''} />}
    </>
  );
}
