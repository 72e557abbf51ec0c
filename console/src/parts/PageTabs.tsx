// SPDX-License-Identifier: Apache-2.0
//
// Parts of one page as tabs; which one is open is in the address bar.
import type { ReactNode } from 'react';
import { Tabs } from '@mantine/core';
import { useSearchParams } from 'wouter';

export interface PageTab {
  name: string;
  content: ReactNode;
}

export function PageTabs({ tabs }: { tabs: (PageTab | false | null)[] }) {
  const [params, setParams] = useSearchParams();
  const shown = tabs.filter((tab): tab is PageTab => !!tab);
  const open = shown.find((tab) => tab.name === params.get('tab')) ?? shown[0];
  if (!open) return null;
  return (
    <Tabs value={open.name} keepMounted={false}
      onChange={(name) => setParams(name && name !== shown[0]!.name ? { tab: name } : {}, { replace: true })}>
      <Tabs.List mb="md">
        {shown.map((tab) => <Tabs.Tab key={tab.name} value={tab.name}>{tab.name}</Tabs.Tab>)}
      </Tabs.List>
      {shown.map((tab) => <Tabs.Panel key={tab.name} value={tab.name}>{tab.content}</Tabs.Panel>)}
    </Tabs>
  );
}
