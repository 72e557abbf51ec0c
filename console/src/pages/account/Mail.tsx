// SPDX-License-Identifier: Apache-2.0
//
// How letters are sent, what became of each, and another try.
import { Box, Button, Group, Select, Skeleton, Stack, Text } from '@mantine/core';
import { CircleCheck, Clock3, Send, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Letter } from '../../api/records';
import { useSession } from '../../api/session';
import { useLetters, useMail, useSendAgain, useSendTestLetter } from '../../ask/mail';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { Facts } from '../../parts/Facts';
import { Fault } from '../../parts/Fault';
import { sentence } from '../../parts/FormFields';
import { Label } from '../../parts/Label';
import type { Tone } from '../../parts/Label';
import { tell, tellFailure } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { useListState } from '../../parts/useListState';
import { counted, figures } from '../../words/number';

const NOTICES: Record<string, string> = {
  created: 'A token was created', soon: 'A token expires soon', expired: 'A token has expired', test: 'Test letter',
  unused: 'Unused tokens', usedLate: 'A replaced token was used', canary: 'A canary token was used', head: 'Signed head of Event History',
};
const STATES: Record<Letter['state'], [words: string, tone: Tone, icon: LucideIcon]> = {
  waiting: ['Waiting', 'soon', Clock3], 'being sent': ['Being sent', 'soon', Send], sent: ['Sent', 'active', CircleCheck],
  failed: ['Failed', 'refused', TriangleAlert],
};

function StateOf({ letter }: { letter: Letter }) {
  const [words, tone, icon] = STATES[letter.state];
  return (
    <Box style={{ minWidth: 0 }}>
      <Label label={words} tone={tone} icon={icon} />
      {letter.lastFailure && letter.state !== 'sent' && (
        <Text size="xs" c="dimmed" lineClamp={2} title={letter.lastFailure}>{sentence(letter.lastFailure)}</Text>
      )}
    </Box>
  );
}

const COLUMNS: Column<Letter>[] = [
  { key: 'notice', title: 'Letter', cell: (letter) => <Text size="sm" fw={500}>{NOTICES[letter.notice] ?? letter.notice}</Text> },
  {
    key: 'to', title: 'To', width: 240, cell: (letter) => (
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" truncate>{letter.name || letter.to}</Text>
        <Text size="xs" c="dimmed" truncate>{letter.to}</Text>
      </Box>
    ),
  },
  { key: 'state', title: 'State', width: 232, cell: (letter) => <StateOf letter={letter} /> },
  { key: 'made', title: 'Made', width: 136, cell: (letter) => <Time at={letter.madeAt} /> },
  { key: 'tries', title: 'Tries', width: 72, isRight: true, cell: (letter) => figures(letter.tries) },
];

function Again({ letter }: { letter: Letter }) {
  const again = useSendAgain();
  return (
    <Button size="xs" variant="default" loading={again.isPending} aria-label={`Send again to ${letter.to}`}
      onClick={() => again.mutate(letter.id, { onError: tellFailure, onSuccess: () => tell('The letter is on its way once more.') })}>Send again</Button>
  );
}

function TestLetter() {
  const { session } = useSession();
  const test = useSendTestLetter();
  return (
    <Button variant="default" leftSection={<Send size={16} aria-hidden />} loading={test.isPending}
      onClick={() => test.mutate(undefined, { onError: tellFailure, onSuccess: () => tell(`A test letter goes to ${session.user.email}.`) })}>
      Send a test letter to me
    </Button>
  );
}

function Letters() {
  const { may } = useSession();
  const state = useListState({ filters: ['state'], pageSize: 25 });
  const { sort: _, q: __, ...query } = state.query;
  const acts: Column<Letter> = { key: 'again', title: 'Once more', width: 124, isRight: true, cell: (letter) => <Again letter={letter} /> };
  return (
    <Box>
      <Group justify="space-between" mb="md" gap="sm">
        <Select aria-label="State" placeholder="All letters" clearable w={{ base: '100%', xs: 208 }} value={state.value('state') || null}
          clearButtonProps={{ 'aria-label': 'All letters' }} data={Object.entries(STATES).map(([value, [label]]) => ({ value, label }))}
          onChange={(value) => state.set({ state: value ?? '' })} />
        {may('Settings:Manage') && <TestLetter />}
      </Group>
      <DataList label="Letters" one="letter" rows={useLetters(query)} columns={may('Settings:Manage') ? [...COLUMNS, acts] : COLUMNS} state={state}
        rowHeight={64} rowKey={(letter) => String(letter.id)}
        empty={<EmptyState words="No letters yet. People hear when a token of theirs is created, expires soon or has expired." />} />
    </Box>
  );
}

export function Mail() {
  const mail = useMail();
  if (mail.isError && !mail.data) return <Fault error={mail.error} onRetry={() => mail.refetch()} />;
  if (!mail.data) return <Skeleton h={160} />;
  const { by, server, from, consoleUrl, waiting, failed, oldestWaitingAt } = mail.data;
  return (
    <Stack gap="lg">
      <Facts facts={[
        ['Sent by', by === 'file' ? 'No mail server is set: letters become files in the data folder' : server ?? 'A mail server'],
        from ? ['From', from] : null,
        ['Links lead to', consoleUrl || 'Nowhere: console_url is not set'],
        ['Waiting', waiting === 0 ? 'None' : <>{counted(waiting, 'letter')}{oldestWaitingAt && <>, the oldest since <Time at={oldestWaitingAt} /></>}</>],
        ['Failed', failed === 0 ? 'None' : counted(failed, 'letter')],
      ]} />
      <Letters />
    </Stack>
  );
}
