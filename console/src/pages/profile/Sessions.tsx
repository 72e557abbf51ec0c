// SPDX-License-Identifier: Apache-2.0
import { Box, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { CircleCheck, Monitor, Smartphone } from 'lucide-react';
import type { OwnSession } from '../../api/records';
import { useEndSession, useOwnSessions } from '../../ask/profile';
import { Fault } from '../../parts/Fault';
import { FormSection } from '../../parts/FormSummary';
import { Label } from '../../parts/Label';
import { tell, tellFailure } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { browserInWords, isPhone } from '../../words/browser';

function Row({ session }: { session: OwnSession }) {
  const end = useEndSession();
  const Icon = isPhone(session.userAgent) ? Smartphone : Monitor;
  const name = browserInWords(session.userAgent);
  return (
    <Group component="li" wrap="nowrap" gap="md" px="md" py="sm" align="flex-start" className="row">
      <Icon size={20} aria-hidden color="var(--mantine-color-dimmed)" style={{ flexShrink: 0, marginTop: 2 }} />
      <Box style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs"><Text size="sm" fw={500} title={session.userAgent}>{name}</Text>{session.isCurrent && <Label label="This one" tone="active" icon={CircleCheck} />}</Group>
        <Text size="xs" c="dimmed">
          From <span className="mono" style={{ fontSize: 12 }}>{session.address}</span> · since <Time at={session.createdAt} /> · last
          used <Time at={session.lastUsedAt} />
        </Text>
      </Box>
      {!session.isCurrent && (
        <Button size="xs" variant="default" loading={end.isPending} aria-label={`Sign out ${name} from ${session.address}`}
          onClick={() => end.mutate(session.id, { onError: tellFailure, onSuccess: () => tell('That session is signed out.') })}>Sign out</Button>
      )}
    </Group>
  );
}

function List({ sessions }: { sessions: OwnSession[] }) {
  const end = useEndSession();
  const others = sessions.filter((session) => !session.isCurrent);
  const endAll = async () => {
    try {
      for (const session of others) await end.mutateAsync(session.id);
      tell('All other sessions are signed out.');
    } catch (thrown) {
      tellFailure(thrown);
    }
  };
  return (
    <Stack gap="sm">
      <Stack component="ul" gap={0} m={0} p={0} className="panel rows" style={{ listStyle: 'none' }}>
        {sessions.map((session) => <Row key={session.id} session={session} />)}
      </Stack>
      {others.length > 1 && <Group><Button variant="default" onClick={() => void endAll()}>Sign out all others</Button></Group>}
    </Stack>
  );
}

export function Sessions() {
  const sessions = useOwnSessions();
  return (
    <FormSection title="Sessions" hint="Where you are logged in. Sign out what you do not know, and change your password.">
      {sessions.data ? <List sessions={sessions.data} />
        : sessions.isError ? <Fault error={sessions.error} onRetry={() => sessions.refetch()} /> : <Skeleton h={64} />}
    </FormSection>
  );
}
