// SPDX-License-Identifier: Apache-2.0
//
// Parts of one page as tabs; which one is open is in the address bar.
import type { ReactNode } from 'react';
import { Tabs } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { figures } from '../words/number';
import classes from './PageTabs.module.css';

export interface PageTab {
  name: string;
  /** How many there are in it, shown behind the name. */
  count?: number;
  content: ReactNode;
}

/** "First request" → `first-request`: in the address bar, and in IDs, which hold no blanks. */
function keyOf(tab: PageTab): string {
  return tab.name.toLowerCase().replace(/\W+/g, '-');
}

export function PageTabs({ tabs }: { tabs: (PageTab | false | null)[] }) {
  const [params, setParams] = useSearchParams();
  const shown = tabs.filter((tab): tab is PageTab => !!tab);
  const open = shown.find((tab) => keyOf(tab) === params.get('tab')) ?? shown[0];
  if (!open) return null;
  return (
    <Tabs value={keyOf(open)} keepMounted={false}
      onChange={(key) => setParams(key && key !== keyOf(shown[0]!) ? { tab: key } : {}, { replace: true })}>
      <Tabs.List mb="md" className={classes.list}>
        {shown.map((tab) => <Tabs.Tab key={tab.name} value={keyOf(tab)}>{tab.name}{tab.count === undefined ? '' : ` (${figures(tab.count)})`}</Tabs.Tab>)}
      </Tabs.List>
      {shown.map((tab) => <Tabs.Panel key={tab.name} value={keyOf(tab)}>{tab.content}</Tabs.Panel>)}
    </Tabs>
  );
}
