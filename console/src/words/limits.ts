// SPDX-License-Identifier: Apache-2.0
//
// Limits of a token: as they are typed, as the server has them, and in words.
import type { TokenLimits } from '../api/types';
import { counted, figures } from './number';
import { dayInWords, isDate } from './time';

/** As typed; '' = no limit. A rate is "300/m". */
export interface LimitsDraft {
  rate: string;
  quotaPerDay: number | string;
  concurrent: number | string;
  maxUses: number | string;
  notBefore: string;
}

export const NO_LIMITS: TokenLimits = { rate: null, quotaPerDay: null, concurrent: null, maxUses: null, notBefore: null };
export const RATE_UNITS = [
  { value: 's', label: 'a second' }, { value: 'm', label: 'a minute' }, { value: 'h', label: 'an hour' }, { value: 'd', label: 'a day' },
];
const RATE_MAX = 1_000_000;
const CONCURRENT_MAX = 10_000;
const COUNT_MAX = 1_000_000_000_000;

export function limitsDraftOf(limits: TokenLimits): LimitsDraft {
  return {
    rate: limits.rate ?? '', quotaPerDay: limits.quotaPerDay ?? '', concurrent: limits.concurrent ?? '',
    maxUses: limits.maxUses ?? '', notBefore: limits.notBefore ?? '',
  };
}

const numberOf = (typed: number | string) => (typed === '' ? null : Number(typed));

export function limitsOf(draft: LimitsDraft): TokenLimits {
  return {
    rate: draft.rate || null, quotaPerDay: numberOf(draft.quotaPerDay), concurrent: numberOf(draft.concurrent),
    maxUses: numberOf(draft.maxUses), notBefore: draft.notBefore || null,
  };
}

export function sameLimits(a: TokenLimits, b: TokenLimits): boolean {
  return (Object.keys(NO_LIMITS) as (keyof TokenLimits)[]).every((name) => a[name] === b[name]);
}

function countFault(typed: number | string, most: number): string | null {
  const count = numberOf(typed);
  if (count === null || (Number.isInteger(count) && count >= 1 && count <= most)) return null;
  return `Enter a whole number from 1 to ${figures(most)}, or leave it empty.`;
}

function rateFault(rate: string): string | null {
  if (rate === '') return null;
  const [, count] = /^(\d+)\/[smhd]$/.exec(rate) ?? [];
  return count === undefined ? countFault('?', RATE_MAX) : countFault(count, RATE_MAX);
}

function firstDayFault(date: string, expiresOn: string): string | null {
  if (date === '') return null;
  if (!isDate(date)) return 'Enter a date as YYYY-MM-DD, or leave it empty.';
  return isDate(expiresOn) && date > expiresOn ? 'The token would have expired before its first day.' : null;
}

/** For a form that has them as `limits` and the expiry date as `expiresOn`. */
export const LIMIT_RULES = {
  rate: rateFault,
  quotaPerDay: (typed: number | string) => countFault(typed, COUNT_MAX),
  concurrent: (typed: number | string) => countFault(typed, CONCURRENT_MAX),
  maxUses: (typed: number | string) => countFault(typed, COUNT_MAX),
  notBefore: (typed: string, values: { expiresOn: string }) => firstDayFault(typed, values.expiresOn),
};
export const LIMIT_FIELDS = ['limits.rate', 'limits.quotaPerDay', 'limits.concurrent', 'limits.maxUses', 'limits.notBefore'];

/** "300 requests a minute", one for each limit that there is. */
export function limitsInWords(limits: TokenLimits): string[] {
  const words: string[] = [];
  const [count, unit] = limits.rate?.split('/') ?? [];
  if (count && unit) words.push(`${counted(Number(count), 'request')} ${RATE_UNITS.find((one) => one.value === unit)?.label ?? ''}`);
  if (limits.quotaPerDay) words.push(`${counted(limits.quotaPerDay, 'request')} on a day`);
  if (limits.concurrent) words.push(`${counted(limits.concurrent, 'request')} at the same time`);
  if (limits.maxUses) words.push(`${counted(limits.maxUses, 'request')} in all`);
  if (limits.notBefore) words.push(`from ${dayInWords(limits.notBefore)}, 00:00 UTC, on`);
  return words;
}
