// SPDX-License-Identifier: Apache-2.0
//
// Many tokens at once: exactly which are shown first, and the act is on exactly these. When
// they are others by then, nothing is done and the list is shown anew.
import { useState } from 'react';
import { Box, Button, Group, Modal, ScrollArea, Skeleton, Stack, Text } from '@mantine/core';
import { Problem } from '../../api/problem';
import type { BulkAct, BulkToken } from '../../api/types';
import { useBulk, useBulkPreview } from '../../ask/tokens';
import type { Query } from '../../api/client';
import { Coin } from '../../parts/Coin';
import { Fault } from '../../parts/Fault';
import { Label } from '../../parts/Label';
import { tell } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { counted } from '../../words/number';

const SHOWN = 100;

const WORDS: Record<BulkAct, { act: string; title: string; what: string; done: string }> = {
  suspend: { act: 'Suspend', title: 'Suspend tokens', done: 'suspended',
    what: 'Requests signed with them are refused until each is resumed. What is expired or suspended already is not among them.' },
  delete: { act: 'Delete', title: 'Delete tokens', done: 'deleted',
    what: 'Requests signed with them are refused from then on. This cannot be undone; suspending can.' },
};

function Row({ token }: { token: BulkToken }) {
  return (
    <Group component="li" gap="sm" wrap="nowrap" py={6} style={{ borderTop: '1px solid var(--th-line)' }}>
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

function Shown({ tokens }: { tokens: BulkToken[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? tokens : tokens.slice(0, SHOWN);
  return (
    <>
      <ScrollArea.Autosize mah={320} type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Tokens that are meant' }}>
        <Box component="ul" m={0} p={0} pr="sm" style={{ listStyle: 'none' }}>
          {shown.map((token) => <Row key={token.id} token={token} />)}
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
  const tokens = preview.data?.tokens ?? [];
  // a promise: the list that is read anew may take this dialog away before it ends
  const confirm = () => bulk.mutateAsync(tokens.map((token) => token.ref)).then(() => {
    tell(`${counted(tokens.length, 'token is', 'tokens are')} ${words.done}.`);
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
            {tokens.length > 0 && <Shown tokens={tokens} />}
          </>
        )}
        <Fault error={bulk.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>Cancel</Button>
          <Button color={act === 'delete' ? 'red.9' : undefined} disabled={tokens.length === 0 || preview.isFetching} loading={bulk.isPending}
            onClick={() => void confirm()}>{words.act} {counted(tokens.length, 'token')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
