// SPDX-License-Identifier: Apache-2.0
//
// Links that open the page of a new token, or of a roll, filled in, and what such a link says.
export interface Prefill {
  title: string;
  description: string;
  /** `null`: the link says nothing about them. */
  permissions: string[] | null;
  addresses: string[];
  /** A date; '' = it says nothing. */
  expires: string;
  /** Device groups by uid, for a roll; `null`: it says nothing about them. */
  groups: string[] | null;
}

/** The query of a link to the page of a new token. */
export function prefillQuery({ title = '', description = '', permissions = null, addresses = [], expires = '', groups = null }: Partial<Prefill>): string {
  const params = new URLSearchParams();
  if (title) params.set('title', title);
  if (description) params.set('description', description);
  permissions?.forEach((name) => params.append('permission', name));
  if (permissions?.length === 0) params.append('permission', '');
  addresses.forEach((address) => params.append('address', address));
  if (expires) params.set('expires', expires);
  groups?.forEach((uid) => params.append('group', uid));
  return params.toString();
}

export function newTokenLink(prefill: Partial<Prefill>): string {
  const query = prefillQuery(prefill);
  return query ? `/tokens/new?${query}` : '/tokens/new';
}

export function rollLink(id: string, prefill: Partial<Prefill> = {}): string {
  const query = prefillQuery(prefill);
  return `/tokens/${encodeURIComponent(id)}/roll${query ? `?${query}` : ''}`;
}

/** Those of `offered` that a link names; all of them when it names none. */
export function chosenOf(offered: string[], wanted: string[] | null): string[] {
  return wanted ? offered.filter((one) => wanted.includes(one)) : offered;
}

export function readPrefill(params: URLSearchParams): Prefill {
  const permissions = params.getAll('permission');
  const groups = params.getAll('group');
  return {
    title: params.get('title') ?? '',
    description: params.get('description') ?? '',
    permissions: permissions.length > 0 ? permissions.filter((name) => name !== '') : null,
    addresses: params.getAll('address'),
    expires: params.get('expires') ?? '',
    groups: groups.length > 0 ? groups : null,
  };
}
