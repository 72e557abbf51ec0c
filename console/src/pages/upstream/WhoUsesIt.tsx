// SPDX-License-Identifier: Apache-2.0
//
// Which tokens would miss an upstream: shown before it is suspended or deleted.
import { Anchor, Box, Group, Skeleton, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { UpstreamUse } from '../../api/records';
import { useUpstreamUse } from '../../ask/upstreams';
import { Coin } from '../../parts/Coin';
import { Fault } from '../../parts/Fault';
import { counted, figures } from '../../words/number';
import { dayInWords } from '../../words/time';

function Row({ token }: { token: UpstreamUse['tokens'][number] }) {
  return (
    <Group component="li" gap="sm" wrap="nowrap" py={6} style={{ borderTop: '1px solid var(--th-line)' }}>
      <Coin id={token.id} size={24} />
      <Box style={{ minWidth: 0, flex: 1 }}>
        <Anchor component={Link} href={`/tokens/${token.id}`} size="sm" fw={500} className="wrap-anywhere">{token.title}</Anchor>
        <Text size="xs" c="dimmed" className="wrap-anywhere">{token.user}; last on {dayInWords(token.lastUsedOn)}</Text>
      </Box>
    </Group>
  );
}

function inWords({ tokenCount, days }: UpstreamUse): string {
  return tokenCount === 0 ? `No token has used what it asks for in the last ${days} days.`
    : `${counted(tokenCount, 'token')} used what it asks for in the last ${days} days, and will hear 404:`;
}

export function WhoUsesIt({ id }: { id: string }) {
  const query = useUpstreamUse(id);
  if (query.isError) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <Skeleton h={72} />;
  const { tokens, tokenCount, openCount, isWhole, since } = query.data;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} role="status">{inWords(query.data)}</Text>
      {tokens.length > 0 && (
        <Box component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label="Tokens that used it">
          {tokens.map((token) => <Row key={token.id} token={token} />)}
        </Box>
      )}
      {tokenCount > tokens.length && <Text size="xs" c="dimmed">and {figures(tokenCount - tokens.length)} more, not used later</Text>}
      {openCount > 0 && (
        <Text size="xs" c="dimmed">
          {counted(openCount, 'operation needs', 'operations need')} no permission: who calls nothing else is not known.
        </Text>
      )}
      {!isWhole && <Text size="xs" c="dimmed">What tokens use is known since {dayInWords(since)} only.</Text>}
    </Stack>
  );
}
