// SPDX-License-Identifier: Apache-2.0
//
// A token that is being replaced: by which one, until when both work, and whether anybody
// still uses it. The end can be moved, and the roll called off, while both work.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Anchor, Box, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { RefreshCw } from 'lucide-react';
import { Link } from 'wouter';
import type { Token } from '../../api/types';
import { useOverlap } from '../../ask/tokens';
import { Fault } from '../../parts/Fault';
import { tell } from '../../parts/notices';
import { Time, useNow } from '../../parts/Time';
import { OverlapField } from '../roll/OverlapField';

type By = NonNullable<Token['replacedBy']>;
const DAY_MS = 86_400_000;

/** The dialog stays and shows what went wrong. Promises, because a token that is read anew
 * may take this part of the page away before its acts are done. */
const stay = () => {};

function Ask({ title, act, color, children, onClose, onConfirm, isPending, error }: {
  title: string; act: string; color?: string; children: ReactNode; onClose: () => void; onConfirm: () => void;
  isPending: boolean; error: unknown;
}) {
  return (
    <Modal opened onClose={onClose} title={title} size="md">
      <Stack gap="md">
        {children}
        <Fault error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>Cancel</Button>
          <Button color={color} loading={isPending} onClick={onConfirm}>{act}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function StillUsed({ token, by }: { token: Token; by: By }) {
  if (!token.lastUsedAt) return <>The old key has never been used.</>;
  const isSince = token.lastUsedAt > by.rolledAt;
  return (
    <>
      The old key was last used <Time at={token.lastUsedAt} /> from <span className="mono">{token.lastUsedFrom}</span>
      {isSince ? ': somebody still signs with it.' : ', before the token was rolled.'}
    </>
  );
}

function MoveEnd({ token, by, etag, onClose }: { token: Token; by: By; etag: string; onClose: () => void }) {
  const left = Math.round((Date.parse(by.endsAt) - Date.parse(by.rolledAt)) / DAY_MS);
  const [days, setDays] = useState(Math.min(Math.max(left, 0), 30));
  const overlap = useOverlap(token.id, etag);
  const done = () => {
    tell(days === 0 ? 'The old token has ended.' : 'The end of the overlap is moved.');
    onClose();
  };
  return (
    <Ask title="Move the end" act="Move the end" onClose={onClose} isPending={overlap.isPending} error={overlap.error}
      onConfirm={() => void overlap.mutateAsync(days).then(done, stay)}>
      <OverlapField value={days} most={30} from={by.rolledAt} until={token.expiresOn} onChange={setDays} />
    </Ask>
  );
}

function EndNow({ token, by, etag, onClose }: { token: Token; by: By; etag: string; onClose: () => void }) {
  const overlap = useOverlap(token.id, etag);
  const done = () => {
    tell('The old token has ended.');
    onClose();
  };
  return (
    <Ask title="End the old token now" act="End it now" color="red.9" onClose={onClose} isPending={overlap.isPending}
      error={overlap.error} onConfirm={() => void overlap.mutateAsync(0).then(done, stay)}>
      <Text size="sm">Requests signed with the old key are refused from now on. This cannot be undone.</Text>
      <Text size="sm"><StillUsed token={token} by={by} /></Text>
    </Ask>
  );
}

function CallOff({ token, by, etag, onClose }: { token: Token; by: By; etag: string; onClose: () => void }) {
  const overlap = useOverlap(token.id, etag);
  const done = () => {
    tell('The roll is called off.');
    onClose();
  };
  return (
    <Ask title="Call the roll off" act="Call it off" color="red.9" onClose={onClose} isPending={overlap.isPending}
      error={overlap.error} onConfirm={() => void overlap.mutateAsync(null).then(done, stay)}>
      <Text size="sm">
        {by.title ? <>“{by.title}” is deleted: requests signed with the new key are refused from then on. </> : null}
        This token keeps its key and works through 23:59:59 UTC on {token.expiresOn}.
      </Text>
    </Ask>
  );
}

export function Replacement({ token, by, etag }: { token: Token; by: By; etag: string }) {
  const [open, setOpen] = useState<'move' | 'now' | 'off' | null>(null);
  const isPast = Date.parse(by.endsAt) <= useNow();
  const isOver = isPast || token.label === 'Expired';
  const isMine = token.mayDelete && !isOver && token.label !== 'Suspended';
  const props = { token, by, etag, onClose: () => setOpen(null) };
  const successor = by.title
    ? <Anchor component={Link} href={`/tokens/${by.id}`} size="sm" fw={600}>{by.title}</Anchor> : <>a token that is deleted</>;
  return (
    <Box component="section" aria-label="Replacement" className="panel" p="md">
      <Group justify="space-between" gap="md" align="flex-start">
        <Group gap="sm" wrap="nowrap" align="flex-start" style={{ flex: '1 1 320px', minWidth: 0 }}>
          <RefreshCw size={18} aria-hidden color={isOver ? 'var(--mantine-color-dimmed)' : 'var(--th-soon)'} style={{ flexShrink: 0, marginTop: 2 }} />
          <Stack gap={4} style={{ minWidth: 0 }}>
            <Text size="sm" className="wrap-anywhere">
              {isOver ? <>Replaced by {successor}. It ended <Time at={by.endsAt} />.</>
                : <>Being replaced by {successor}. Both work; this one ends <Time at={by.endsAt} />.</>}
            </Text>
            <Text size="sm" c="dimmed"><StillUsed token={token} by={by} /></Text>
          </Stack>
        </Group>
        {isMine && (
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => setOpen('move')}>Move the end</Button>
            <Button size="xs" variant="default" onClick={() => setOpen('now')}>End now</Button>
            <Button size="xs" variant="default" onClick={() => setOpen('off')}>Call off</Button>
          </Group>
        )}
      </Group>
      {open === 'move' && <MoveEnd {...props} />}
      {open === 'now' && <EndNow {...props} />}
      {open === 'off' && <CallOff {...props} />}
    </Box>
  );
}
