// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button, Stack, Text } from '@mantine/core';
import { Lock, Pause, Pencil, Play, RefreshCw, Trash2 } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { Token } from '../../api/types';
import { useDeleteToken, useTokenAct } from '../../ask/tokens';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { tell, tellFailure, tellWithUndo } from '../../parts/notices';
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
  const suspend = () => act.mutate('suspend', {
    onError: tellFailure,
    onSuccess: () => tellWithUndo('The token is suspended.', () => act.mutate('resume', { onError: tellFailure })),
  });
  const keep = () => act.mutate('suspend', {
    onError: tellFailure, onSuccess: () => tell('Only a System Administrator can resume the token now.'),
  });
  return (
    <>
      {token.mayEdit && (
        <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>Edit</Button>
      )}
      {token.mayRoll && (
        <Button variant="default" leftSection={<RefreshCw size={16} aria-hidden />}
          renderRoot={(props) => <Link href={`/tokens/${token.id}/roll`} {...props} />}>Roll</Button>
      )}
      {token.maySuspend && token.suspension && (
        <Button variant="default" leftSection={<Lock size={16} aria-hidden />} loading={act.isPending} onClick={keep}>Keep suspended</Button>
      )}
      {token.maySuspend && !token.suspension && (
        <Button variant="default" leftSection={<Pause size={16} aria-hidden />} loading={act.isPending} onClick={suspend}>Suspend</Button>
      )}
      {token.mayResume && (
        <Button leftSection={<Play size={16} aria-hidden />} loading={act.isPending}
          onClick={() => act.mutate('resume', { onError: tellFailure, onSuccess: () => tell('The token works again.') })}>
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
            tell(`“${token.title}” is deleted.`);
            go('/tokens', { replace: true });
          },
        })}>
        <WhatStops token={token} />
      </ConfirmByTitle>
    </>
  );
}
