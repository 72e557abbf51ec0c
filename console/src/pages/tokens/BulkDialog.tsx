// SPDX-License-Identifier: Apache-2.0
//
// Many tokens at once: exactly which are shown first, single ones can be left out, and the
// act is on exactly those that stay ticked. When they are others by then, nothing is done and
// the list is shown anew.
import { useState } from 'react';
import { Box, Button, Checkbox, Group, Modal, ScrollArea, Skeleton, Stack, Text } from '@mantine/core';
import { Problem } from '../../api/problem';
import type { BulkAct, BulkToken } from '../../api/types';
import { useBulk, useBulkPreview } from '../../ask/tokens';
import type { Query } from '../../api/client';
import { Coin } from '../../parts/Coin';
import { Fault } from '../../parts/Fault';
import { Label } from '../../parts/Label';
import { tell } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { counted, figures } from '../../words/number';

const SHOWN = 100;

const WORDS: Record<BulkAct, { act: string; title: string; what: string; done: string }> = {
  suspend: { act: 'Suspend', title: 'Suspend tokens', done: 'suspended',
    what: 'Requests signed with them are refused until each is resumed. What is expired or suspended already is not among them.' },
  delete: { act: 'Delete', title: 'Delete tokens', done: 'deleted',
    what: 'Requests signed with them are refused from then on. This cannot be undone; suspending can.' },
};

/** Which of the tokens are left out, by their ids. */
function useLeftOut() {
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  return {
    has: (token: BulkToken) => leftOut.has(token.id),
    toggle: (token: BulkToken) => setLeftOut((before) => {
      const after = new Set(before);
      if (!after.delete(token.id)) after.add(token.id);
      return after;
    }),
    set: (tokens: BulkToken[]) => setLeftOut(new Set(tokens.map((token) => token.id))),
  };
}

type LeftOut = ReturnType<typeof useLeftOut>;

function Row({ token, leftOut }: { token: BulkToken; leftOut: LeftOut }) {
  const isMeant = !leftOut.has(token);
  return (
    <Group component="li" gap="sm" wrap="nowrap" py={6} style={{ borderTop: '1px solid var(--th-line)' }}>
      <Checkbox size="sm" checked={isMeant} onChange={() => leftOut.toggle(token)} aria-label={token.title} />
      <Coin id={token.id} size={24} />
      <Box style={{ minWidth: 0, flex: 1 }}>
        <Text size="sm" fw={500} truncate>{token.title}</Text>
        <Text size="xs" c="dimmed" truncate>
          {token.creator}; {token.lastUsedAt ? <>last used <Time at={token.lastUsedAt} /> from <span className="mono">{token.lastUsedFrom}</span></> : 'never used'}
        </Text>
      </Box>
      <Label label={token.label} />
    </Group>
  );
}

function Shown({ tokens, meant, leftOut }: { tokens: BulkToken[]; meant: BulkToken[]; leftOut: LeftOut }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? tokens : tokens.slice(0, SHOWN);
  return (
    <>
      <Checkbox size="sm" checked={meant.length === tokens.length} indeterminate={meant.length > 0 && meant.length < tokens.length}
        onChange={() => leftOut.set(meant.length === tokens.length ? tokens : [])}
        label={`${meant.length === tokens.length ? 'All' : `${figures(meant.length)} of`} ${counted(tokens.length, 'token')}`} />
      <ScrollArea.Autosize mah={320} type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Tokens that are meant' }}>
        <Box component="ul" m={0} p={0} pr="sm" style={{ listStyle: 'none' }}>
          {shown.map((token) => <Row key={token.id} token={token} leftOut={leftOut} />)}
        </Box>
      </ScrollArea.Autosize>
      {shown.length < tokens.length && (
        <Group><Button size="xs" variant="subtle" px={8} onClick={() => setAll(true)}>Show the other {tokens.length - shown.length}</Button></Group>
      )}
    </>
  );
}

function hasChanged(error: unknown): boolean {
  return error instanceof Problem && error.code === 'CONFLICT';
}

export function BulkDialog({ act, filter, onClose }: { act: BulkAct; filter: Query; onClose: () => void }) {
  const words = WORDS[act];
  const preview = useBulkPreview(act, filter);
  const bulk = useBulk(act, filter);
  const leftOut = useLeftOut();
  const tokens = preview.data?.tokens ?? [];
  const meant = tokens.filter((token) => !leftOut.has(token));
  // a promise: the list that is read anew may take this dialog away before it ends
  const confirm = () => bulk.mutateAsync({ tokens: meant.map((token) => token.ref), isAllFound: meant.length === tokens.length }).then(() => {
    tell(`${counted(meant.length, 'token is', 'tokens are')} ${words.done}.`);
    onClose();
  }, (error: unknown) => { if (hasChanged(error)) void preview.refetch(); });
  return (
    <Modal opened onClose={onClose} title={words.title} size="lg">
      <Stack gap="md">
        {preview.isError && <Fault error={preview.error} onRetry={() => preview.refetch()} />}
        {preview.isPending && <Skeleton h={160} />}
        {preview.data && (
          <>
            <Text size="sm" role="status">
              {tokens.length === 0 ? 'No token that the filters find can be changed so.'
                : `${counted(tokens.length, 'token')}, all that the filters find. ${words.what}`}
            </Text>
            {act === 'suspend' && tokens.some((token) => token.label === 'Suspended') && (
              <Text size="sm">What its own user has suspended is among them: only a System Administrator can resume it then.</Text>
            )}
            {tokens.length > 0 && <Shown tokens={tokens} meant={meant} leftOut={leftOut} />}
          </>
        )}
        <Fault error={bulk.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>Cancel</Button>
          <Button color={act === 'delete' ? 'red.9' : undefined} disabled={meant.length === 0 || preview.isFetching} loading={bulk.isPending}
            onClick={() => void confirm()}>{words.act} {counted(meant.length, 'token')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
