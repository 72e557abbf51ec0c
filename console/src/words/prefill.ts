// SPDX-License-Identifier: Apache-2.0
//
// Links that open the page of a new token filled in, and what such a link says.
export interface Prefill {
  title: string;
  description: string;
  /** `null`: the link says nothing about them. */
  permissions: string[] | null;
  addresses: string[];
}

/** The query of a link to the page of a new token. */
export function prefillQuery({ title = '', description = '', permissions = null, addresses = [] }: Partial<Prefill>): string {
  const params = new URLSearchParams();
  if (title) params.set('title', title);
  if (description) params.set('description', description);
  permissions?.forEach((name) => params.append('permission', name));
  if (permissions?.length === 0) params.append('permission', '');
  addresses.forEach((address) => params.append('address', address));
  return params.toString();
}

export function newTokenLink(prefill: Partial<Prefill>): string {
  const query = prefillQuery(prefill);
  return query ? `/tokens/new?${query}` : '/tokens/new';
}

export function readPrefill(params: URLSearchParams): Prefill {
  const permissions = params.getAll('permission');
  return {
    title: params.get('title') ?? '',
    description: params.get('description') ?? '',
    permissions: permissions.length > 0 ? permissions.filter((name) => name !== '') : null,
    addresses: params.getAll('address'),
  };
}
