// SPDX-License-Identifier: Apache-2.0
//
// How an upstream does, as the server that answers us sees it, every few seconds anew.
import { Box, Skeleton, Stack, Table, Text } from '@mantine/core';
import { CircleCheck, CircleDashed, Unplug } from 'lucide-react';
import type { UpstreamHealth } from '../../api/records';
import { useUpstreamHealth } from '../../ask/upstreams';
import { EmptyState } from '../../parts/EmptyState';
import { Facts } from '../../parts/Facts';
import { Fault } from '../../parts/Fault';
import { Label } from '../../parts/Label';
import { upstreamStateMeans } from '../../parts/UpstreamState';
import { counted, figures } from '../../words/number';

function Addresses({ health }: { health: UpstreamHealth }) {
  const well = health.state === 'untried' ? <Label label="Not asked yet" tone="dead" icon={CircleDashed} /> : <Label label="Works" tone="active" icon={CircleCheck} />;
  return (
    <Box className="panel" style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label="Addresses">
      <Table verticalSpacing={10} horizontalSpacing="md" borderColor="var(--th-line)" miw={640}>
        <Table.Thead>
          <Table.Tr><Table.Th>Address</Table.Th><Table.Th>Is at</Table.Th><Table.Th w={160}>State</Table.Th><Table.Th w={112} ta="right">Running</Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {health.addresses.map((one) => (
            <Table.Tr key={`${one.url} ${one.address}`}>
              <Table.Td className="mono wrap-anywhere">{one.url}</Table.Td>
              <Table.Td className="mono wrap-anywhere">{one.address.includes(':') ? `[${one.address}]` : one.address}:{one.port}</Table.Td>
              <Table.Td>
                {one.isDown ? <Label label="Down" tone="refused" icon={Unplug} /> : well}
                {one.failuresInARow > 0 ? <Text size="xs" c="dimmed">{counted(one.failuresInARow, 'failure')} in a row</Text>
                  : one.isDown && <Text size="xs" c="dimmed">It says that it is not well</Text>}
              </Table.Td>
              <Table.Td ta="right" className="figures">{figures(one.running)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}

export function Health({ id }: { id: string }) {
  const query = useUpstreamHealth(id);
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <Skeleton h={200} />;
  const health = query.data;
  if (health.addresses.length === 0) return <EmptyState words={upstreamStateMeans(health.state)} />;
  return (
    <Stack gap="lg">
      <Addresses health={health} />
      <Facts facts={[
        ['Requests', figures(health.requests)],
        ['Tries that failed', figures(health.failures)],
        ['Tried once more', figures(health.retries)],
        ['Refused: nobody well, or too many', figures(health.refused)],
        ['Running', figures(health.running)],
        ['Connections', figures(health.connections)],
      ]} />
      <Text size="xs" c="dimmed">Of this server, since it took the upstream up as it is. An address that fails five times in a row rests, until somebody listens there again.</Text>
    </Stack>
  );
}
