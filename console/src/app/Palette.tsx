// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-K: tokens, people, devices, groups, upstreams and pages, by typing.
import { useEffect, useId, useRef, useState } from 'react';
import { Box, Group, Modal, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Laptop, Layers, Search, UserRound, Waypoints } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useSession } from '../api/session';
import { useSearch } from '../ask/search';
import { Coin } from '../parts/Coin';
import { nameOf } from '../words/people';
import { mayOpen, PAGES } from './pages';

interface Hit {
  path: string;
  name: string;
  hint: string;
  icon: ReactNode;
}

const ICON = { size: 18, 'aria-hidden': true };

function useHits(text: string): { hits: Hit[]; isAsking: boolean } {
  const { may } = useSession();
  const [asked] = useDebouncedValue(text.trim(), 120);
  const found = useSearch(asked);
  const wanted = text.trim().toLowerCase();
  const pages = PAGES
    .filter((page) => !page.path.includes(':') && mayOpen(page, may))
    .filter((page) => page.name.toLowerCase().includes(wanted))
    .map((page): Hit => {
      const Icon = page.icon ?? Layers;
      return { path: page.path, name: page.name, hint: 'Page', icon: <Icon {...ICON} /> };
    });
  const data = wanted ? found.data : undefined;
  const things: Hit[] = data ? [
    ...data.tokens.map((token) => ({
      path: `/tokens/${token.id}`, name: token.title, hint: `Token · ${token.label}`,
      icon: <Coin id={token.id} size={20} />,
    })),
    ...data.devices.map((device) => ({
      path: `/devices/${device.uid}`, name: device.name, hint: 'Device', icon: <Laptop {...ICON} />,
    })),
    ...data.users.map((user) => ({
      path: `/users/${user.uid}`, name: nameOf(user), hint: user.email, icon: <UserRound {...ICON} />,
    })),
    ...data.groups.map((group) => ({
      path: `/groups/${group.uid}`, name: group.name, hint: 'Device group', icon: <Layers {...ICON} />,
    })),
    ...data.upstreams.map((upstream) => ({
      path: `/upstreams/${upstream.id}`, name: upstream.name, hint: `Upstream · ${upstream.prefix || '/'}`, icon: <Waypoints {...ICON} />,
    })),
  ] : [];
  return { hits: [...things, ...pages], isAsking: wanted !== '' && (found.isFetching || asked !== text.trim()) };
}

export default function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const { hits, isAsking } = useHits(text);
  const [, go] = useLocation();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => setAt(0), [text]);
  useEffect(() => { if (isOpen) setText(''); }, [isOpen]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const here = Math.min(at, hits.length - 1);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    go(hit.path);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(here + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(here - 1, 0));
    else if (event.key === 'Enter') open(hits[here]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened={isOpen} onClose={onClose} withCloseButton={false} padding={0} size={560} yOffset="12vh"
      centered={false} title={<VisuallyHidden>Search</VisuallyHidden>}
      styles={{ header: { padding: 0, minHeight: 0 } }}>
      <TextInput role="combobox" aria-label="Search tokens, devices, people, upstreams and pages" aria-expanded
        aria-controls={`${id}-list`} aria-activedescendant={here >= 0 ? `${id}-${here}` : undefined}
        aria-autocomplete="list" placeholder="Search tokens, devices, people, upstreams, pages"
        value={text} data-autofocus onChange={(event) => setText(event.currentTarget.value)} onKeyDown={onKeyDown}
        leftSection={<Search size={18} aria-hidden />} variant="unstyled" size="lg" autoComplete="off"
        style={{ borderBottom: '1px solid var(--th-line)' }} styles={{ input: { height: 52 } }} />
      <Box ref={list} id={`${id}-list`} role="listbox" aria-label="Found" p="xs" mah={400}
        style={{ overflowY: 'auto' }}>
        {hits.map((hit, index) => (
          <Group key={hit.path} id={`${id}-${index}`} role="option" aria-selected={index === here} h={40} px="sm"
            gap="sm" wrap="nowrap" onClick={() => open(hit)} onMouseMove={() => setAt(index)}
            style={{ borderRadius: 6, cursor: 'pointer', background: index === here ? 'var(--th-quiet)' : undefined }}>
            {hit.icon}
            <Text size="sm" truncate style={{ flex: 1 }}>{hit.name}</Text>
            <Text size="xs" c="dimmed" truncate maw={180}>{hit.hint}</Text>
          </Group>
        ))}
      </Box>
      <Text size="sm" c="dimmed" px="md" pb={hits.length ? 0 : 'md'} role="status">
        {hits.length === 0 && !isAsking ? 'Nothing found.' : ''}
      </Text>
    </Modal>
  );
}
