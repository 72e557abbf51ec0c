// SPDX-License-Identifier: Apache-2.0
//
// What is around every page: navigation, search, theme, own menu; and the log-in dialog
// that opens over the page when the session has ended.
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { ActionIcon, AppShell, Box, Burger, Group, Kbd, Menu, Text, Tooltip,
  UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { Keyboard, LogOut, Moon, Search, Sun, UserRound } from 'lucide-react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useLeave, useSession } from '../api/session';
import { nameOf } from '../words/people';
import { ErrorBoundary } from '../parts/ErrorBoundary';
import { Mark } from '../parts/Mark';
import { PageSkeleton } from '../parts/PageSkeleton';
import { KeySheet } from './KeySheet';
import { Leaving } from './Leaving';
import { Navigation } from './Navigation';
import { NotFound, NotYours } from './NotFound';
import { SessionEnded } from './SessionEnded';
import { mayOpen, PAGES } from './pages';

const Palette = lazy(() => import('./Palette'));

function ThemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const words = isDark ? 'Light theme' : 'Dark theme';
  return (
    <Tooltip label={words}>
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={words} c="var(--mantine-color-dimmed)"
        onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function OwnMenu({ onKeys }: { onKeys: () => void }) {
  const { session } = useSession();
  const leave = useLeave();
  const [, go] = useLocation();
  const hasProfile = PAGES.some((page) => page.path === '/profile');
  return (
    <Menu position="bottom-end" width={240} returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} c="var(--mantine-color-dimmed)"
          aria-label={`Own menu of ${nameOf(session.user)}`}>
          <UserRound size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py="xs">
          <Text size="sm" fw={600} className="wrap-anywhere">{nameOf(session.user)}</Text>
          <Text size="xs" c="dimmed" className="wrap-anywhere">{session.user.email}</Text>
          <Text size="xs" c="dimmed">{session.user.role}</Text>
        </Box>
        <Menu.Divider />
        {hasProfile && (
          <Menu.Item leftSection={<UserRound size={16} aria-hidden />} onClick={() => go('/profile')}>
            My profile
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Keyboard size={16} aria-hidden />} onClick={onKeys}>
          Keyboard
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => leave()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function SearchButton({ onOpen }: { onOpen: () => void }) {
  const isNarrow = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  if (isNarrow) {
    return (
      <ActionIcon variant="subtle" color="gray" size={36} aria-label="Search" onClick={onOpen}
        c="var(--mantine-color-dimmed)">
        <Search size={18} aria-hidden />
      </ActionIcon>
    );
  }
  return (
    <UnstyledButton onClick={onOpen} h={36} px="sm" w={360}
      style={{ border: '1px solid var(--mantine-color-default-border)', borderRadius: 6, background: 'var(--mantine-color-body)' }}>
      <Group justify="space-between" wrap="nowrap">
        <Group gap="xs" wrap="nowrap" c="dimmed" style={{ minWidth: 0 }}>
          <Search size={16} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" c="dimmed" truncate>Search</Text>
        </Group>
        <Kbd size="xs" style={{ whiteSpace: 'nowrap' }}>Ctrl K</Kbd>
      </Group>
    </UnstyledButton>
  );
}

function Pages() {
  const { may } = useSession();
  return (
    <Switch>
      <Route path="/"><Redirect to="/tokens" replace /></Route>
      {[...PAGES].sort((a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':'))).map((page) => (
        <Route key={page.path} path={page.path}>
          {mayOpen(page, may) ? <page.page /> : <NotYours page={page} />}
        </Route>
      ))}
      <Route><NotFound /></Route>
    </Switch>
  );
}

/** A new page begins at its top, and a screen reader hears that it is there. */
function useArrival(main: React.RefObject<HTMLElement | null>) {
  const [path] = useLocation();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
  return path;
}

export default function Frame() {
  const [isDrawerOpen, drawer] = useDisclosure(false);
  const [isPaletteOpen, palette] = useDisclosure(false);
  const [areKeysOpen, keys] = useDisclosure(false);
  const [wasPaletteOpen, setWasOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useArrival(main);
  const { hasEnded } = useSession();
  const { close } = drawer;
  useEffect(close, [path, close]);
  const openPalette = () => {
    setWasOpen(true);
    palette.open();
  };
  useHotkeys([['?', keys.open], ['shift+?', keys.open]]);
  useHotkeys([['mod+K', openPalette]], []);
  return (
    <AppShell header={{ height: 56 }} padding={0}
      navbar={{ width: 224, breakpoint: 768, collapsed: { mobile: !isDrawerOpen } }}
      styles={{ header: { borderColor: 'var(--th-line)' }, navbar: { borderColor: 'var(--th-line)' } }}>
      <a href="#main" className="skip" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        Go to the page
      </a>
      <AppShell.Header bg="var(--mantine-color-body)">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isDrawerOpen} onClick={drawer.toggle} hiddenFrom="sm" size="sm"
              aria-label={isDrawerOpen ? 'Close navigation' : 'Open navigation'} aria-expanded={isDrawerOpen} />
            <Mark size={28} />
            <Text fw={600} fz={16}>Tokenhouse</Text>
          </Group>
          <SearchButton onOpen={openPalette} />
          <Group gap={4} wrap="nowrap">
            <ThemeButton />
            <OwnMenu onKeys={keys.open} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" bg="var(--mantine-color-body)" aria-label="Main">
        <Navigation onKeys={keys.open} />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: 'none' }}>
        <Box maw={1248} mx="auto" px={{ base: 'md', sm: 'lg' }} py="lg">
          <ErrorBoundary key={path}>
            <Suspense fallback={<PageSkeleton />}><Pages /></Suspense>
          </ErrorBoundary>
        </Box>
      </AppShell.Main>
      {wasPaletteOpen && (
        <Suspense fallback={null}><Palette isOpen={isPaletteOpen} onClose={palette.close} /></Suspense>
      )}
      <Leaving />
      <KeySheet isOpen={areKeysOpen} onClose={keys.close} />
      {hasEnded && <SessionEnded />}
    </AppShell>
  );
}
