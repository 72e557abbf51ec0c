// SPDX-License-Identifier: Apache-2.0
//
// Why requests are refused, in words for people.
const REASONS: Record<string, string> = {
  not_a_jws: 'Not a signed message',
  too_large: 'Too large',
  bad_header: 'Header not readable',
  signature_input: 'Signature-Input not readable',
  not_signed: 'Not signed',
  plain_text: 'Sent without TLS',
  unknown_token: 'No such token',
  wrong_alg: 'Wrong algorithm',
  bad_signature: 'Wrong signature',
  canary: 'Canary token used',
  bearer: 'Bearer tokens not allowed',
  address: 'Address not approved',
  expired: 'Token expired',
  replaced: 'Token replaced',
  suspended: 'Token suspended',
  user_suspended: 'User suspended',
  not_yet: 'Before its first day',
  used_up: 'All uses used up',
  not_fresh: 'Clock too far off',
  replayed: 'Request already used',
  bad_request: 'Request not readable',
  digest: 'Body altered',
  no_route: 'No such operation',
  licence: 'Licence missing',
  permission: 'Permission missing',
  rate: 'Too many requests',
  quota: 'Quota of the day used up',
  concurrent: 'Too many at the same time',
  stale: 'Database silent',
  busy: 'Server too busy',
  upstream: 'Upstream not asked',
  broken: 'Fault of the server',
};

function keyOf(verdict: string): string {
  return verdict.toLowerCase().replace(/[\s-]+/g, '_').replace(/^refused_/, '');
}

/** "Permission missing" of `permission`, `REFUSED_PERMISSION` or `refused permission`. */
export function reasonInWords(verdict: string): string {
  const key = keyOf(verdict);
  if (REASONS[key]) return REASONS[key];
  const plain = key.replace(/_/g, ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** The gate's steps in their order, and which refusals are theirs (ARCHITECTURE.md). */
export const STEPS: [name: string, refusals: string[]][] = [
  ['read', ['not_a_jws', 'too_large']],
  ['header', ['bad_header', 'signature_input', 'not_signed', 'plain_text']],
  ['token', ['unknown_token', 'wrong_alg']],
  ['signature', ['bad_signature']],
  ['canary', ['canary']],
  ['address', ['address']],
  ['life', ['expired', 'replaced', 'suspended', 'user_suspended', 'not_yet', 'used_up', 'bearer']],
  ['fresh', ['not_fresh']],
  ['once', ['replayed']],
  ['route', ['bad_request', 'digest', 'no_route']],
  ['licence', ['licence']],
  ['permission', ['permission']],
  ['rate', ['rate', 'quota', 'concurrent']],
  ['answer', ['stale', 'busy', 'upstream', 'broken']],
];

/** Which step said no; -1 when it cannot be told. */
export function stepOf(verdict: string): number {
  return STEPS.findIndex(([, refusals]) => refusals.includes(keyOf(verdict)));
}
