// SPDX-License-Identifier: Apache-2.0
//
// Everything about one user. The fields are read-only; changes go through Edit.
import { Anchor, Box, Stack, Text } from '@mantine/core';
import { Link, useParams, useSearchParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import { useSession } from '../../api/session';
import type { User } from '../../api/records';
import { useTokens } from '../../ask/tokens';
import { useUser } from '../../ask/users';
import { DataList } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { EventsOf } from '../../parts/EventColumns';
import { Facts } from '../../parts/Facts';
import { Fault } from '../../parts/Fault';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { Time } from '../../parts/Time';
import { TOKEN_EXPIRES, TOKEN_KIND, TOKEN_LABEL, TOKEN_TITLE, TOKEN_USED } from '../../parts/TokenColumns';
import { useListState } from '../../parts/useListState';
import { UserState } from '../../parts/UserState';
import { nameOf } from '../../words/people';
import { EditUser } from './EditUser';
import { UserActs } from './UserActs';

const CRUMBS = [{ name: 'Users', path: '/users' }];
const COLUMNS = [TOKEN_TITLE, TOKEN_KIND, TOKEN_LABEL, TOKEN_EXPIRES, TOKEN_USED];

function FactsOf({ user }: { user: User }) {
  const { may } = useSession();
  return (
    <Facts facts={[
      ['E-mail', user.email],
      ['User role', may('User roles:View')
        ? <Anchor key="role" component={Link} href={`/roles/${user.role.id}`} size="sm">{user.role.name}</Anchor> : user.role.name],
      ['Device groups', user.groups.length === 0 ? 'All devices' : (
        <Stack key="groups" gap={0}>
          {user.groups.map((group) => (may('Device Groups and folders:View')
            ? <Anchor key={group.uid} component={Link} href={`/groups/${group.uid}`} size="sm">{group.name}</Anchor>
            : <Text key={group.uid} size="sm">{group.name}</Text>))}
        </Stack>
      )],
      ['Second factor', user.hasSecondFactor ? 'On' : 'Off'],
      ['Password', user.mustChangePassword ? 'Set by somebody else; must be changed at the next log-in' : 'Their own'],
      ['Last log-in', <Time key="login" at={user.lastLoginAt} none="Never" />],
      ['Created', <Time key="created" at={user.createdAt} />],
      ['Modified', <Time key="changed" at={user.changedAt} />],
    ]} />
  );
}

function Tokens({ user }: { user: User }) {
  const state = useListState({ sort: 'expiresOn' });
  return (
    <DataList label={`API tokens of ${nameOf(user)}`} one="token" rows={useTokens({ ...state.query, creator: user.uid })}
      columns={COLUMNS} state={state} rowHeight={64} rowKey={(token) => token.id} rowPath={(token) => `/tokens/${token.id}`}
      empty={<EmptyState words="This user has made no tokens." />} />
  );
}

function Details({ user }: { user: User }) {
  const { session, may } = useSession();
  const seesTokens = session.user.isSystemAdmin || user.uid === session.user.uid;
  return (
    <Stack gap="lg">
      <FactsOf user={user} />
      <PageTabs tabs={[
        seesTokens && { name: 'Tokens', content: <Tokens user={user} /> },
        may('Audit Event History:View') && { name: 'Events', content: <EventsOf id={user.uid} what="user" /> },
      ]} />
    </Stack>
  );
}

export default function UserPage() {
  const { uid = '' } = useParams<{ uid: string }>();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const query = useUser(uid);
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) return <NotFound what="There is no such user" />;
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  const { user, etag } = query.data;
  const isEditing = params.has('edit') && may('Users:Manage');
  return (
    <>
      <PageHead title={nameOf(user)} crumbs={CRUMBS} hint={<Box mt={4}><UserState user={user} /></Box>}>
        {!isEditing && <UserActs user={user} onEdit={() => setParams({ edit: '' })} />}
      </PageHead>
      {isEditing ? <EditUser key={user.uid} user={user} etag={etag} onDone={() => setParams({}, { replace: true })} />
        : <Details user={user} />}
    </>
  );
}
