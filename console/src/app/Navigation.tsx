// SPDX-License-Identifier: Apache-2.0
import { NavLink, Stack, Text } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { useSession } from '../api/session';
import { useServerState } from '../ask/state';
import { mayOpen, PAGES } from './pages';

/** The pages that one may see; what a role may not see is not there. */
export function Navigation({ onKeys }: { onKeys: () => void }) {
  const { session, may } = useSession();
  const [path] = useLocation();
  const state = useServerState();
  const shown = PAGES.filter((page) => page.icon && mayOpen(page, may));
  return (
    <Stack h="100%" justify="space-between" gap="md">
      <Stack gap={2}>
        {shown.map((page) => {
          const Icon = page.icon!;
          const isHere = path === page.path || path.startsWith(`${page.path}/`);
          return (
            <NavLink key={page.path} component={Link} href={page.path} label={page.name} active={isHere}
              aria-current={isHere ? 'page' : undefined} variant="light"
              leftSection={<Icon size={18} aria-hidden />}
              styles={{ root: { borderRadius: 6, height: 36, padding: '0 12px' }, label: { fontWeight: isHere ? 600 : 450 } }} />
          );
        })}
      </Stack>
      <Stack gap={0} px="sm" pb="xs">
        <Text size="xs" c="dimmed" className="wrap-anywhere">{session.account.name}</Text>
        <Text size="xs" c="dimmed">
          {state.data ? `Version ${state.data.version}` : ''} · <button type="button" onClick={onKeys}
            style={{ all: 'unset', cursor: 'pointer', textDecoration: 'underline' }} className="plain-button">
            Keys: ?
          </button>
        </Text>
      </Stack>
    </Stack>
  );
}
