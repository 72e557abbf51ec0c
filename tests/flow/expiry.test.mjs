// SPDX-License-Identifier: Apache-2.0
// A token works to the last second of its date and is dead in the next one; then it stays
// in the list, labelled, and can only be deleted (rules 5 and 10). Nobody can wait a day
// here, so the date's last second is brought near in the database, before the server starts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeHouse, sleep, until } from './support/house.mjs';
import { list, refused, storesNothing } from './support/outside.mjs';

const WHOAMI = '/v3/whoami';

/** From that Unix time on the token is dead. */
const endAt = (house, token, seconds) => execFileSync('python3', ['-c', `
import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
assert d.execute("UPDATE token SET expires_at_s = ? WHERE id = ?", (int(sys.argv[2]), sys.argv[3])).rowcount == 1
d.commit()`, join(house.data, 'tokenhouse.db'), String(seconds), token.id]);

test('a token dies while the server runs, in the second after its last', async (t) => {
  const house = makeHouse(t);
  const [token, other] = [house.es256('ends'), house.hs256('goes on')];
  const end = Math.floor(Date.now() / 1000) + 6;
  endAt(house, token, end);
  await house.start();
  const statuses = [];
  while (Date.now() < (end + 1) * 1000) {
    const before = Date.now();
    const answer = await house.ask(token, 'GET', WHOAMI);
    statuses.push({ before, after: Date.now(), status: answer.status });
    await sleep(50);
  }
  // what was asked and answered before the end was let in; what was asked after it, was not
  const alive = statuses.filter((s) => s.after < end * 1000);
  const dead = statuses.filter((s) => s.before >= end * 1000);
  assert.ok(alive.length > 3 && dead.length > 3, JSON.stringify(statuses));
  assert.ok(alive.every((s) => s.status === 200) && dead.every((s) => s.status === 401), JSON.stringify(statuses));
  const answer = await house.ask(token, 'GET', WHOAMI);
  assert.equal(answer.json.details[0].code, 'TOKEN_EXPIRED');
  assert.match(answer.json.details[0].message, new RegExp(new Date((end - 1) * 1000).toISOString().slice(0, 10)));
  assert.equal((await house.ask(other, 'GET', WHOAMI)).status, 200);
  // whoever cannot sign does not learn that it has expired
  const stranger = await house.ask({ ...token, alg: 'HS256', key: Buffer.from('x'.repeat(40)) }, 'GET', WHOAMI);
  assert.deepEqual([stranger.status, stranger.json.details], [401, []]);
});

test('an expired token stays in the list and can only be deleted', async (t) => {
  const house = makeHouse(t);
  const [token, suspended] = [house.hs256('over'), house.hs256('over and suspended')];
  house.ok('token', 'suspend', suspended.id);
  for (const each of [token, suspended]) endAt(house, each, Math.floor(Date.now() / 1000) - 1);
  assert.deepEqual(list(house, 'token', 'list').map((row) => row.state), ['Expired', 'Expired']);
  assert.match(house.ok('token', 'list'), /over +\S+ +HS256 +Expired /);
  assert.match(house.ok('token', 'show', token.id), /^State: +Expired$/m);
  const words = /the token expired on \d{4}-\d\d-\d\d: it can only be deleted/;
  storesNothing(house, [
    [['token', 'edit', token.id, '--title', 'x'], words],
    [['token', 'edit', token.id, '--expires', new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10)], words],
    [['token', 'suspend', token.id], words],
    [['token', 'resume', suspended.id], words],
  ]);
  await house.start();
  await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.json?.details?.[0]?.code === 'TOKEN_EXPIRED');
  house.ok('token', 'delete', token.id);
  house.ok('token', 'delete', suspended.id);
  await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 401 && a.json.details.length === 0);
  assert.deepEqual(list(house, 'token', 'list'), []);
  refused(house.cli('token', 'delete', token.id), 1, /there is no token/);
});
