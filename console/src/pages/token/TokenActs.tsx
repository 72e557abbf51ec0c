// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { useLocation } from 'wouter';
import { wordsOf } from '../../api/problem';
import type { Token } from '../../api/types';
import { useDeleteToken, useTokenAct } from '../../ask/tokens';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { Time } from '../../parts/Time';
import { counted } from '../../words/number';

function WhatStops({ token }: { token: Token }) {
  return (
    <Stack gap="xs">
      <Text size="sm">
        Requests signed with it are refused from then on. This cannot be undone; suspending can.
      </Text>
      <Text size="sm">
        {token.lastUsedAt
          ? <>Last used <Time at={token.lastUsedAt} /> from <span className="mono">{token.lastUsedFrom}</span>; {counted(token.useCount, 'request')} in all.</>
          : 'It has never been used.'}
      </Text>
    </Stack>
  );
}

/** What one may do with the token; what one may not is not there. */
export function TokenActs({ token, onEdit }: { token: Token; onEdit: () => void }) {
  const [, go] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const act = useTokenAct(token.id);
  const deletion = useDeleteToken(token.id);
  const failed = (thrown: unknown) => notifications.show({ color: 'red', message: wordsOf(thrown), autoClose: false });
  const suspend = () => act.mutate('suspend', {
    onError: failed,
    onSuccess: () => notifications.show({
      id: `suspended-${token.id}`,
      message: (
        <Group justify="space-between" gap="sm">
          <Text size="sm">The token is suspended.</Text>
          <Button size="xs" variant="default" onClick={() => {
            notifications.hide(`suspended-${token.id}`);
            act.mutate('resume', { onError: failed });
          }}>Undo</Button>
        </Group>
      ),
    }),
  });
  return (
    <>
      {token.mayEdit && (
        <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>Edit</Button>
      )}
      {token.maySuspend && (
        <Button variant="default" leftSection={<Pause size={16} aria-hidden />} loading={act.isPending} onClick={suspend}>Suspend</Button>
      )}
      {token.mayResume && (
        <Button leftSection={<Play size={16} aria-hidden />} loading={act.isPending}
          onClick={() => act.mutate('resume', { onError: failed, onSuccess: () => notifications.show({ message: 'The token works again.' }) })}>
          Resume
        </Button>
      )}
      {token.mayDelete && (
        <Button variant="default" c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <ConfirmByTitle isOpen={isAsking} onClose={() => setAsking(false)} act="Delete token" title={token.title}
        isPending={deletion.isPending} error={deletion.error}
        onConfirm={() => deletion.mutate(undefined, {
          onSuccess: () => {
            notifications.show({ message: `“${token.title}” is deleted.` });
            go('/tokens', { replace: true });
          },
        })}>
        <WhatStops token={token} />
      </ConfirmByTitle>
    </>
  );
}
