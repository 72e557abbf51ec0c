// SPDX-License-Identifier: Apache-2.0
//
// A password that is easy to read out and hard to guess.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'; // none that look alike: i l o 0 1

/** Five groups of four letters; 31^20 of them, 99 bits. */
export function madePassword(): string {
  const letters: string[] = [];
  while (letters.length < 20) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      // 248 = 8 · 31: above it some letters would come more often
      if (byte < 248 && letters.length < 20) letters.push(LETTERS[byte % LETTERS.length]!);
    }
  }
  return letters.join('').match(/.{4}/g)!.join('-');
}
