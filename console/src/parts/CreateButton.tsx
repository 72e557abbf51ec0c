// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Plus } from 'lucide-react';
import { Link, useLocation } from 'wouter';

/** Leads to the page that makes a new one; `c` does the same. */
export function CreateButton({ path, words }: { path: string; words: string }) {
  const [, go] = useLocation();
  useHotkeys([['c', () => go(path)]]);
  return (
    <Button component={Link} href={path} leftSection={<Plus size={16} aria-hidden />} aria-keyshortcuts="c">
      {words}
    </Button>
  );
}
