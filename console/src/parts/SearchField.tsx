// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'react';
import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { Search } from 'lucide-react';

const PAUSE_MS = 150;

/** The search field of a list; `/` goes there. It tells after a short pause in typing. */
export function SearchField({ label, hint, value, onSearch, hasKey = true, width = 320 }: {
  label: string; hint?: string; value: string; onSearch: (text: string) => void; hasKey?: boolean; width?: number | string;
}) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const input = useRef<HTMLInputElement>(null);
  const tell = useDebouncedCallback((next: string) => {
    told.current = next;
    onSearch(next);
  }, PAUSE_MS);
  useHotkeys(hasKey ? [['/', () => input.current?.focus()]] : []);
  useEffect(() => {
    if (value === told.current) return; // our own words coming back
    told.current = value;
    setText(value);
  }, [value]);
  const type = (next: string) => {
    setText(next);
    tell(next);
  };
  return (
    <TextInput ref={input} type="text" role="searchbox" aria-label={label} placeholder={hint ?? label} value={text}
      w={{ base: '100%', xs: width }} onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => { if (event.key === 'Escape' && text) { event.stopPropagation(); type(''); } }}
      leftSection={<Search size={16} aria-hidden />}
      rightSection={text ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => { type(''); input.current?.focus(); }} />
        : hasKey ? <Kbd size="xs" aria-hidden visibleFrom="sm">/</Kbd> : null} />
  );
}
