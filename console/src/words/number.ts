// SPDX-License-Identifier: Apache-2.0
const WHOLE = new Intl.NumberFormat('en-GB');

export function figures(count: number): string {
  return WHOLE.format(count);
}

/** "1 token", "12,000 tokens" */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${figures(count)} ${count === 1 ? one : many}`;
}
