// SPDX-License-Identifier: Apache-2.0
//
// What goes with a user who leaves: their tokens, what these did in the last 30 days, and
// for each a way to hand it over, which is a new token of whoever makes it.
import { Anchor, Box, Group, ScrollArea, Skeleton, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Leaving, LeavingToken, User } from '../../api/records';
import { useLeaving } from '../../ask/users';
import { Coin } from '../../parts/Coin';
import { Fault } from '../../parts/Fault';
import { Label } from '../../parts/Label';
import { Time } from '../../parts/Time';
import { counted } from '../../words/number';
import { newTokenLink } from '../../words/prefill';

/** A token of one's own that can do what this one did. */
function handOver({ token }: LeavingToken): string {
  return newTokenLink({
    title: token.title, description: token.description, expires: token.expiresOn,
    permissions: token.permissions, addresses: token.approvedAddresses,
  });
}

const USED_SHOWN = 4;

/** What it did, as far as it is known: the permissions that its requests needed, and from which approved addresses. */
function Used({ used }: Pick<LeavingToken, 'used'>) {
  const { permissions, approvedAddresses } = used;
  const more = permissions.length - USED_SHOWN;
  return (
    <>
      {permissions.length > 0 && (
        <Text size="xs" c="dimmed" title={permissions.join('\n')}>
          Used {permissions.slice(0, USED_SHOWN).join(', ')}{more > 0 && ` and ${counted(more, 'more permission')}`}
        </Text>
      )}
      {approvedAddresses.length > 0 && (
        <Text size="xs" c="dimmed">From <span className="mono">{approvedAddresses.join(', ')}</span></Text>
      )}
    </>
  );
}

function Row({ row, mayMake }: { row: LeavingToken; mayMake: boolean }) {
  const { token } = row;
  const isDead = token.label === 'Expired';
  return (
    <Group component="li" gap="sm" wrap="nowrap" align="flex-start" py={8} style={{ borderTop: '1px solid var(--th-line)' }}>
      <Coin id={token.id} size={24} />
      <Box style={{ minWidth: 0, flex: 1 }}>
        <Group gap="xs" justify="space-between">
          <Anchor component={Link} href={`/tokens/${token.id}`} size="sm" fw={500} className="wrap-anywhere">{token.title}</Anchor>
          <Label label={token.label} />
        </Group>
        <Text size="xs" c="dimmed">
          {row.permitted === 0 && row.refused === 0 ? 'Not used in the last 30 days'
            : `${counted(row.permitted, 'request')} in the last 30 days${row.refused > 0 ? `, ${counted(row.refused, 'more was', 'more were')} refused` : ''}`}
          {token.lastUsedAt && <>; last <Time at={token.lastUsedAt} /> from <span className="mono">{token.lastUsedFrom}</span></>}
        </Text>
        <Used used={row.used} />
        {mayMake && !isDead && (
          <Anchor component={Link} href={handOver(row)} size="xs" aria-label={`Hand over ${token.title}`}>Hand over</Anchor>
        )}
      </Box>
    </Group>
  );
}

function Totals({ leaving }: { leaving: Leaving }) {
  if (leaving.tokenCount === 0) return <Text size="sm">This user has no tokens.</Text>;
  return (
    <Text size="sm">
      {counted(leaving.tokenCount, 'token')}, of which {leaving.livingCount} can be used.
      In the last 30 days they signed {counted(leaving.permitted, 'request')}{leaving.lastUsedAt && <>, the last <Time at={leaving.lastUsedAt} /></>}.
    </Text>
  );
}

export function LeavingTokens({ user, mayMake }: { user: User; mayMake: boolean }) {
  const query = useLeaving(user.uid);
  if (query.isError) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <Skeleton h={72} />;
  const { tokens, tokenCount } = query.data;
  return (
    <Stack gap="xs">
      <Totals leaving={query.data} />
      {tokens && tokens.length > 0 && (
        <ScrollArea.Autosize mah={280} type="auto" viewportProps={{ tabIndex: 0, 'aria-label': 'Tokens of this user', role: 'region' }}>
          <Box component="ul" m={0} p={0} pr="sm" style={{ listStyle: 'none' }}>
            {tokens.map((row) => <Row key={row.token.id} row={row} mayMake={mayMake} />)}
          </Box>
        </ScrollArea.Autosize>
      )}
      {tokens && tokenCount > tokens.length && <Text size="xs" c="dimmed">and {tokenCount - tokens.length} more, used less</Text>}
      {tokens && mayMake && tokens.length > 0 && (
        <Text size="xs" c="dimmed">
          To hand one over, make a token of your own with the same rights, give its key to the client, and come back.
        </Text>
      )}
    </Stack>
  );
}
