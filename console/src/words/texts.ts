// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a typed text, before the server has been asked.
export const NAME_MAX = 120;

/** Characters as people count them, not UTF-16 units. */
function charactersOf(text: string): number {
  return [...text.trim()].length;
}

/** `what` begins the sentence: "The name". Null: nothing is wrong. */
export function lengthFault(text: string, what: string, most: number): string | null {
  const count = charactersOf(text);
  return count > most ? `${what} has ${count} characters; at most ${most} fit.` : null;
}

export function nameFault(text: string, ifEmpty: string): string | null {
  return text.trim() ? lengthFault(text, 'The name', NAME_MAX) : ifEmpty;
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;

export function emailFault(text: string): string | null {
  return EMAIL.test(text.trim()) ? null : 'Enter an e-mail address, like ada@example.com.';
}
