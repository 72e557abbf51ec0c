// SPDX-License-Identifier: Apache-2.0
//
// What commands leave behind, looked at from outside.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { ADMIN } from './house.mjs';

/** Everything in the database as one text, read by SQLite's own dump through Python. */
export const contents = (house) => execFileSync('python3', ['-c',
  'import sqlite3, sys\nfor line in sqlite3.connect(sys.argv[1]).iterdump(): print(line)',
  join(house.data, 'tokenhouse.db')], { encoding: 'utf8', maxBuffer: 256 << 20 });

/** A command that must end with this status, nothing on stdout, and one line that matches. */
export function refused(done, status, words) {
  assert.equal(done.status, status, `${done.stdout}${done.stderr}`);
  assert.equal(done.stdout, '');
  assert.match(done.stderr, words);
  assert.match(done.stderr, /^tokenhouse[^\n]*: [^\n]*\n$/, 'one sentence, in one line');
}

/** Runs commands that cannot be done: each ends with 1 and its words, and stores nothing. */
export function storesNothing(house, rows) {
  const before = contents(house);
  for (const [args, words] of rows) refused(house.cli(...args), 1, words);
  assert.equal(contents(house), before);
}

/** A list that a command prints as JSON. */
export const list = (house, ...args) => JSON.parse(house.ok(...args, '--json'));

/** What `token create --json` gave, ready for signing with its secret key. */
export const signer = (made) => ({ ...made, alg: 'HS256', key: createSecretKey(made.secret, 'utf8') });

/** A user with a password, a role and a token of theirs, ready for signing. */
export function userWithToken(house, email, { role = 'System Administrator', args = [] } = {}) {
  const password = house.file(`password-of-${email}`, 'another long enough password\n');
  if (email !== ADMIN) house.ok('user', 'add', email, '--role', role, '--password-file', password);
  return signer(list(house, 'token', 'create', '--user', email, '--title', `of ${email}`, ...args));
}
