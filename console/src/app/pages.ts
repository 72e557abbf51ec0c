// SPDX-License-Identifier: Apache-2.0
//
// THE PAGE TABLE: every page with its address, its place in the navigation and what one
// needs to see it. A page is one row here and one folder in pages/.
import { lazy } from 'react';
import type { ComponentType, LazyExoticComponent } from 'react';
import { KeyRound } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export interface Page {
  /** Below /console; `:name` parts are the page's parameters. */
  path: string;
  name: string;
  page: LazyExoticComponent<ComponentType>;
  /** Only pages with an icon are in the navigation. */
  icon?: LucideIcon;
  /** One of these permissions is enough; missing: everybody may see it. */
  needs?: string[];
}

export const PAGES: Page[] = [
  {
    path: '/tokens', name: 'API tokens', icon: KeyRound,
    page: lazy(() => import('../pages/tokens/TokensPage')),
  },
  {
    path: '/tokens/new', name: 'New API token', needs: ['API Credentials:Manage'],
    page: lazy(() => import('../pages/new-token/NewTokenPage')),
  },
  { path: '/tokens/:id', name: 'API token', page: lazy(() => import('../pages/token/TokenPage')) },
];

export function mayOpen(page: Page, may: (permission: string) => boolean): boolean {
  return !page.needs || page.needs.some(may);
}
