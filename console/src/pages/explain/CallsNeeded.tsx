// SPDX-License-Identifier: Apache-2.0
import { Alert, Box, Button, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import { KeyRound, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { CallsNeed } from '../../api/explained';
import { useSession } from '../../api/session';
import { CopyIcon } from '../../parts/CopyField';
import { counted } from '../../words/number';
import { grouped } from '../../words/permissions';
import { newTokenLink } from '../../words/prefill';

function Unmatched({ need }: { need: CallsNeed }) {
  if (need.unmatchedCount === 0) return null;
  return (
    <Box>
      <Text size="sm" fw={500} c="var(--th-soon)">{counted(need.unmatchedCount, 'line')} not counted</Text>
      <Box component="ul" m={0} p={0} mt={4} className="rows" style={{ listStyle: 'none', maxHeight: 280, overflowY: 'auto' }} tabIndex={0} aria-label="Lines that are not counted">
        {need.unmatched.map((one) => (
          <Box component="li" key={one.line} py={6}>
            <Text size="xs" className="mono wrap-anywhere" fz={12}>{one.text}</Text>
            <Text size="xs" c="dimmed">Line {one.line}: {one.why}</Text>
          </Box>
        ))}
      </Box>
      {need.unmatchedCount > need.unmatched.length && <Text size="xs" c="dimmed">and {need.unmatchedCount - need.unmatched.length} more</Text>}
    </Box>
  );
}

function Calls({ need }: { need: CallsNeed }) {
  return (
    <Table.ScrollContainer minWidth={320}>
      <Table verticalSpacing={6} fz={13} aria-label="Operations that are called">
        <Table.Thead><Table.Tr><Table.Th>Operation</Table.Th><Table.Th ta="right">Calls</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {need.operations.map((one) => (
            <Table.Tr key={`${one.method} ${one.path}`}>
              <Table.Td>
                <span className="mono wrap-anywhere">{one.method} {one.path}</span>
                <Text size="xs" c="dimmed">{one.permissions.length > 0 ? one.permissions.join(', ') : 'No permission'}</Text>
              </Table.Td>
              <Table.Td ta="right" className="figures">{one.calls}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What came out: the permissions, licences, who lacks what, and the way to a token. */
export function CallsNeeded({ need }: { need: CallsNeed }) {
  const { may } = useSession();
  const link = newTokenLink({ permissions: need.permissions });
  return (
    <Box className="panel" p="md">
      <Stack gap="md">
        <Box>
          <Title order={2} fz={16} lh="24px">
            {need.matchedCount === 0 ? 'No call was recognised' : need.permissions.length === 0 ? 'No permission is needed'
              : counted(need.permissions.length, 'permission')}
          </Title>
          <List size="sm" listStyleType="none" spacing={2} mt={4}>
            {grouped(need.permissions).map(([feature, actions]) => <List.Item key={feature}>{feature}: {actions.join(', ')}</List.Item>)}
          </List>
          {need.licences.map((names) => <Text key={names.join()} size="sm" mt={4}>A licence: {names.join(' or ')}</Text>)}
        </Box>
        {need.lacking.length > 0 && (
          <Alert color="yellow" variant="light" icon={<TriangleAlert size={18} aria-hidden />} title="Your user role lacks">
            <Text size="sm">{need.lacking.join(', ')}. A token cannot have more than its maker’s role: somebody with User roles:Manage can add them.</Text>
          </Alert>
        )}
        {need.matchedCount > 0 && (
          <Group gap="xs">
            {may('API Credentials:Manage') && (
              <Button leftSection={<KeyRound size={16} aria-hidden />} renderRoot={(props) => <Link href={link} {...props} />}>New token with these</Button>
            )}
            <Group gap={4}><Text size="sm" c="dimmed">Copy the link</Text><CopyIcon text={`${window.location.origin}/console${link}`} what="link" /></Group>
          </Group>
        )}
        {need.operations.length > 0 && <Calls need={need} />}
        <Unmatched need={need} />
      </Stack>
    </Box>
  );
}
