// SPDX-License-Identifier: Apache-2.0
//
// What the token has and has not used for a while, and the way to a successor with less.
import { useState } from 'react';
import { Anchor, Box, Button, Group, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Scissors } from 'lucide-react';
import { Link } from 'wouter';
import type { Token } from '../../api/types';
import type { Suggestion } from '../../ask/suggest';
import { useSuggestion } from '../../ask/suggest';
import { Fault } from '../../parts/Fault';
import { counted } from '../../words/number';
import { rollLink } from '../../words/prefill';
import { RightsList } from './RightsList';
import { TryOut } from './Shadow';

const DAYS = ['30', '60', '90'];

/** Whoever leaves out all of a kind would get a token that is not limited in it, or does nothing. */
function Unused({ token, suggestion }: { token: Token; suggestion: Suggestion }) {
  const { used, unused } = suggestion;
  const isNone = unused.permissions.length + unused.approvedAddresses.length + unused.groups.length === 0;
  if (!suggestion.isUsed) {
    return <Text size="sm">It has not been used at all in {counted(suggestion.days, 'day')}: perhaps nobody needs it.</Text>;
  }
  if (isNone) return <Text size="sm">It has used all that it has. There is nothing to take away.</Text>;
  const set = {
    permissions: used.permissions,
    approvedAddresses: used.approvedAddresses.length > 0 ? used.approvedAddresses : token.approvedAddresses,
    groups: used.groups.length > 0 ? used.groups : token.groups,
  };
  return (
    <Stack gap="sm">
      <RightsList rights={unused} />
      {token.mayRoll && (
        <Group gap="xs">
          <TryOut token={token} set={set} />
          <Button variant="default" leftSection={<Scissors size={16} aria-hidden />} renderRoot={(props) => (
            <Link href={rollLink(token.id, {
              permissions: set.permissions, addresses: set.approvedAddresses, groups: used.groups.length > 0 ? used.groups.map((group) => group.uid) : null,
            })} {...props} />
          )}>
            Roll to a successor without these
          </Button>
        </Group>
      )}
    </Stack>
  );
}

export function SuggestionPanel({ token }: { token: Token }) {
  const [days, setDays] = useState('90');
  const asked = useSuggestion(token.id, Number(days));
  const { data } = asked;
  return (
    <Box component="section" aria-label="Never used" className="panel" p="md">
      <Group justify="space-between" gap="xs" mb="sm">
        <Title order={2} fz={16} lh="24px">Never used in {days} days</Title>
        <SegmentedControl size="xs" aria-label="Days" data={DAYS.map((value) => ({ value, label: `${value} days` }))} value={days} onChange={setDays} />
      </Group>
      {asked.isError ? <Fault error={asked.error} onRetry={() => asked.refetch()} />
        : !data ? <Skeleton h={72} />
          : (
            <Stack gap="sm">
              {!data.isWhole && (
                <Text size="sm" c="var(--th-soon)">What this token uses is known since {data.since} only: wait before you take much away.</Text>
              )}
              <Unused token={token} suggestion={data} />
              <Text size="xs" c="dimmed">
                Of permitted requests, as written down every few seconds. A list is over all device groups of the token, and counts as use of each;
                {' '}<Anchor component={Link} href={`/explain?token=${token.id}`} inherit underline="always">explain a request</Anchor> to see what one needs.
              </Text>
            </Stack>
          )}
    </Box>
  );
}
