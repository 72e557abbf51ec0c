// SPDX-License-Identifier: Apache-2.0
//
// Why requests are refused, in words for people.
const REASONS: Record<string, string> = {
  not_a_jws: 'Not a signed message',
  too_large: 'Too large',
  bad_header: 'Header not readable',
  unknown_token: 'No such token',
  wrong_alg: 'Wrong algorithm',
  bad_signature: 'Wrong signature',
  address: 'Address not approved',
  expired: 'Token expired',
  suspended: 'Token suspended',
  user_suspended: 'User suspended',
  not_fresh: 'Clock too far off',
  replayed: 'Request already used',
  bad_request: 'Request not readable',
  no_route: 'No such operation',
  licence: 'Licence missing',
  permission: 'Permission missing',
  rate: 'Too many requests',
  stale: 'Database silent',
  busy: 'Server too busy',
  broken: 'Fault of the server',
};

/** "Permission missing" of `permission`, `REFUSED_PERMISSION` or `refused permission`. */
export function reasonInWords(verdict: string): string {
  const key = verdict.toLowerCase().replace(/[\s-]+/g, '_').replace(/^refused_/, '');
  if (REASONS[key]) return REASONS[key];
  const plain = key.replace(/_/g, ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
