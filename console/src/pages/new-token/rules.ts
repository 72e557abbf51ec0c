// SPDX-License-Identifier: Apache-2.0
//
// What every token's form checks by itself, before the server does.
import type { CheckedAddress } from '../../api/types';
import { expiryFault } from '../../parts/ExpiryField';
import { LIMIT_FIELDS, LIMIT_RULES } from '../../words/limits';
import { descriptionFault, titleFault } from './texts';

export const CHECKED_ON_BLUR = ['title', 'description', 'expiresOn', ...LIMIT_FIELDS];

export function tokenRules(expiry: Parameters<typeof expiryFault>[1]) {
  return {
    title: titleFault,
    description: descriptionFault,
    expiresOn: (value: string) => expiryFault(value, expiry),
    approvedAddresses: (value: CheckedAddress[]) =>
      (value.every((entry) => entry.isValid) ? null : 'Correct or remove the addresses that are invalid.'),
    limits: LIMIT_RULES,
  };
}
