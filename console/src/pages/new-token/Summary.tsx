// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Anchor, Box, Group, Stack, Text } from '@mantine/core';
import { CircleDashed } from 'lucide-react';
import type { CheckedAddress, NewTokenPage, TokenLimits } from '../../api/types';
import { limitsInWords } from '../../words/limits';
import { counted } from '../../words/number';
import { callable, grouped, namesOf } from '../../words/permissions';
import { isDate, worksThrough } from '../../words/time';
import { KEY_WORDS } from './KeyChoice';
import type { KeyKind } from './KeyChoice';

const SHOWN = 6;

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box>
      <Text size="xs" c="dimmed">{title}</Text>
      <Box fz={14}>{children}</Box>
    </Box>
  );
}

/** The first few, and the rest at a click. */
function Some({ items, isMono = false }: { items: string[]; isMono?: boolean }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? items : items.slice(0, SHOWN);
  return (
    <>
      <Stack component="ul" gap={isMono ? 2 : 0} m={0} p={0} style={{ listStyle: 'none' }}>
        {shown.map((item) => (
          <Text component="li" key={item} size={isMono ? 'xs' : 'sm'} className={isMono ? 'mono wrap-anywhere' : undefined}
            fz={isMono ? 12 : undefined}>{item}</Text>
        ))}
      </Stack>
      {items.length > SHOWN && (
        <Anchor component="button" type="button" size="xs" onClick={() => setAll(!isAll)}>
          {isAll ? 'Show fewer' : `and ${items.length - SHOWN} more`}
        </Anchor>
      )}
    </>
  );
}

/** What the token will be and be able to do, as it is typed. */
export function Summary({ page, title, kind, isCanary, expiresOn, permissions, addresses, limits }: {
  page: NewTokenPage; title: string; kind: KeyKind; isCanary: boolean; expiresOn: string; permissions: ReadonlySet<string>;
  addresses: CheckedAddress[]; limits: TokenLimits;
}) {
  const all = namesOf(page.permissions);
  const chosen = all.filter((name) => permissions.has(name));
  const calls = callable(page.operations, permissions).map((operation) => `${operation.method} ${operation.path}`);
  const limited = limitsInWords(limits);
  const valid = addresses.filter((entry) => entry.isValid).map((entry) => entry.address ?? entry.typed);
  return (
    <Stack gap="md" aria-live="off">
      <Group gap="sm" wrap="nowrap">
        <CircleDashed size={32} strokeWidth={1.2} color="var(--mantine-color-dimmed)" aria-hidden style={{ flexShrink: 0 }} />
        <Box style={{ minWidth: 0 }}>
          <Text fw={600} className="wrap-anywhere" c={title.trim() ? undefined : 'dimmed'}>{title.trim() || 'No title yet'}</Text>
          <Text size="xs" c="dimmed">{KEY_WORDS[kind]}</Text>
        </Box>
      </Group>
      <Part title="Life">{isDate(expiresOn) ? <>It {worksThrough(expiresOn)}</> : 'No date yet'}</Part>
      {isCanary && <Part title="Canary token">It can do nothing. Whoever tries it raises an alarm.</Part>}
      {!isCanary && (
        <>
          <Part title={`${chosen.length} of ${counted(all.length, 'permission')}`}>
            {chosen.length === 0 ? 'None: it can only ask who it is.'
              : <Some items={grouped(chosen).map(([feature, actions]) => `${feature}: ${actions.join(', ')}`)} />}
          </Part>
          <Part title="Device groups">
            {page.groups.length === 0 ? 'All devices' : page.groups.map((group) => group.name).join(', ')}
          </Part>
          <Part title="Approved IP addresses">{valid.length === 0 ? 'From any address' : <Some items={valid} isMono />}</Part>
          {limited.length > 0 && <Part title="Limits"><Some items={limited} /></Part>}
          <Part title={`It will be able to call ${counted(calls.length, 'operation')}`}>
            {calls.length > 0 && <Some items={calls} isMono />}
          </Part>
        </>
      )}
    </Stack>
  );
}
