// SPDX-License-Identifier: Apache-2.0
//
// Tokens as rows: in the list of all, and on the page of the user who made them.
import { Box, Group, Text } from '@mantine/core';
import { Bird, Hourglass, RefreshCw } from 'lucide-react';
import type { Token } from '../api/types';
import { counted } from '../words/number';
import { nameOf } from '../words/people';
import { Coin } from './Coin';
import type { Column } from './DataList';
import { Label } from './Label';
import { Time } from './Time';
import { UseStrip } from './UseStrip';

/** The mark of a token that nobody has used for long. */
export function Unused({ token }: { token: Token }) {
  return (
    <Group gap={4} wrap="nowrap" c="var(--th-soon)">
      <Hourglass size={12} aria-hidden style={{ flexShrink: 0 }} />
      <Text size="xs">Unused for {counted(token.idleDays, 'day')}</Text>
    </Group>
  );
}

/** The mark of a canary token. */
export function CanaryMark() {
  return <Label label="Canary" tone="soon" icon={Bird} />;
}

/** Of a token that is rolled: by which one it is replaced; its end is in another column. */
function ReplacedBy({ by }: { by: NonNullable<Token['replacedBy']> }) {
  const isOver = Date.parse(by.endsAt) <= Date.now();
  return (
    <Group gap={4} wrap="nowrap" c={isOver ? 'dimmed' : 'var(--th-soon)'}>
      <RefreshCw size={12} aria-hidden style={{ flexShrink: 0 }} />
      <Text size="xs" truncate title={by.title ?? undefined}>Replaced by {by.title ? `“${by.title}”` : 'a deleted token'}</Text>
    </Group>
  );
}

export const TOKEN_TITLE: Column<Token> = {
  key: 'title', title: 'Token', sort: 'title',
  cell: (token) => (
    <Group gap="sm" wrap="nowrap">
      <Coin id={token.id} />
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate className="row-title" title={token.title}>{token.title}</Text>
        {token.replacedBy ? <ReplacedBy by={token.replacedBy} />
          : <Text size="xs" c="dimmed" truncate>{token.description || token.id}</Text>}
      </Box>
    </Group>
  ),
};

export const TOKEN_KIND: Column<Token> = { key: 'kind', title: 'Kind', sort: 'kind', width: 72, cell: (token) => token.kind };

export const TOKEN_LABEL: Column<Token> = {
  key: 'label', title: 'Label', sort: 'label', width: 140, card: 'head', cell: (token) => (
    <Group gap={2}><Label label={token.label} />{token.isCanary && <CanaryMark />}</Group>
  ),
};

export const TOKEN_EXPIRES: Column<Token> = {
  key: 'expires', title: 'Expires', sort: 'expiresOn', width: 112, cell: (token) => <Time at={token.expiresAt} />,
};

export const TOKEN_USED: Column<Token> = {
  key: 'used', title: 'Last used', sort: 'lastUsedAt', width: 144,
  cell: (token) => (
    <>
      <Text size="sm"><Time at={token.lastUsedAt} none="Never" /></Text>
      {token.isUnused ? <Unused token={token} /> : <UseStrip use={token.use} />}
    </>
  ),
};

export const TOKEN_CREATOR: Column<Token> = {
  key: 'creator', title: 'Created by', sort: 'creator', width: 152,
  cell: (token) => (
    <>
      <Text size="sm" truncate title={token.creator.email}>{nameOf(token.creator)}</Text>
      <Text size="xs" c="dimmed" truncate>
        {token.creator.isSuspended ? 'Suspended user' : token.creator.role}
      </Text>
    </>
  ),
};

export const TOKEN_CHANGED: Column<Token> = {
  key: 'changed', title: 'Modified', sort: 'changedAt', width: 112, isWideOnly: true,
  cell: (token) => <Time at={token.changedAt} />,
};
