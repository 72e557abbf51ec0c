// SPDX-License-Identifier: Apache-2.0
//
// THE PAGE TABLE: every page with its address, its place in the navigation and what one
// needs to see it. A page is one row here and one folder in pages/.
import { lazy } from 'react';
import type { ComponentType, LazyExoticComponent } from 'react';
import { Building2, FileClock, KeyRound, Laptop, Layers, MessageCircleQuestionMark, ShieldHalf, UsersRound, Waypoints } from 'lucide-react';
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
  {
    path: '/tokens/:id/roll', name: 'Roll API token', needs: ['API Credentials:Manage'],
    page: lazy(() => import('../pages/roll/RollPage')),
  },
  { path: '/tokens/:id', name: 'API token', page: lazy(() => import('../pages/token/TokenPage')) },
  { path: '/events', name: 'Event History', icon: FileClock, page: lazy(() => import('../pages/events/EventsPage')) },
  {
    path: '/devices', name: 'Devices', icon: Laptop, needs: ['Device reports:View'],
    page: lazy(() => import('../pages/devices/DevicesPage')),
  },
  {
    path: '/devices/import', name: 'Import devices', needs: ['Device import:Perform'],
    page: lazy(() => import('../pages/import/ImportPage')),
  },
  {
    path: '/devices/:uid', name: 'Device', needs: ['Device reports:View'],
    page: lazy(() => import('../pages/device/DevicePage')),
  },
  {
    path: '/groups', name: 'Device groups', icon: Layers, needs: ['Device Groups and folders:View'],
    page: lazy(() => import('../pages/groups/GroupsPage')),
  },
  {
    path: '/groups/new', name: 'New device group', needs: ['Device Groups and folders:Manage'],
    page: lazy(() => import('../pages/new-group/NewGroupPage')),
  },
  {
    path: '/groups/:uid', name: 'Device group', needs: ['Device Groups and folders:View'],
    page: lazy(() => import('../pages/group/GroupPage')),
  },
  {
    path: '/users', name: 'Users', icon: UsersRound, needs: ['Users:View'],
    page: lazy(() => import('../pages/users/UsersPage')),
  },
  {
    path: '/users/new', name: 'New user', needs: ['Users:Manage'],
    page: lazy(() => import('../pages/new-user/NewUserPage')),
  },
  {
    path: '/users/:uid', name: 'User', needs: ['Users:View'],
    page: lazy(() => import('../pages/user/UserPage')),
  },
  {
    path: '/roles', name: 'User roles', icon: ShieldHalf, needs: ['User roles:View'],
    page: lazy(() => import('../pages/roles/RolesPage')),
  },
  {
    path: '/roles/new', name: 'New user role', needs: ['User roles:Manage'],
    page: lazy(() => import('../pages/new-role/NewRolePage')),
  },
  {
    path: '/roles/:id', name: 'User role', needs: ['User roles:View'],
    page: lazy(() => import('../pages/role/RolePage')),
  },
  {
    path: '/upstreams', name: 'Upstreams', icon: Waypoints, needs: ['Upstreams:View'],
    page: lazy(() => import('../pages/upstreams/UpstreamsPage')),
  },
  {
    path: '/upstreams/new', name: 'Add upstream', needs: ['Upstreams:Manage'],
    page: lazy(() => import('../pages/new-upstream/NewUpstreamPage')),
  },
  {
    path: '/upstreams/:id', name: 'Upstream', needs: ['Upstreams:View'],
    page: lazy(() => import('../pages/upstream/UpstreamPage')),
  },
  { path: '/explain', name: 'Explain', icon: MessageCircleQuestionMark, page: lazy(() => import('../pages/explain/ExplainPage')) },
  {
    path: '/account', name: 'Account', icon: Building2, needs: ['Settings:View', 'Licenses:View'],
    page: lazy(() => import('../pages/account/AccountPage')),
  },
  { path: '/profile', name: 'My profile', page: lazy(() => import('../pages/profile/ProfilePage')) },
];

export function mayOpen(page: Page, may: (permission: string) => boolean): boolean {
  return !page.needs || page.needs.some(may);
}
