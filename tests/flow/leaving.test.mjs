// SPDX-License-Identifier: Apache-2.0
// Before somebody is suspended or deleted it is shown what goes with them; whose tokens
// they are is shown to those who may see them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, openHouse, makeHouse, until } from './support/house.mjs';
import { refused, userWithToken } from './support/outside.mjs';

const PASSWORD = 'another long enough password';

test('user suspend and user delete print what the tokens are and did', async (t) => {
  const house = await openHouse(t);
  const token = userWithToken(house, 'grace@example.com');
  await until(() => house.ask(token, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  await house.ask(token, 'GET', '/v3/nothing');
  assert.equal((await house.ask(token, 'GET', '/v3/reporting/devices')).status, 200);
  await house.stop(); // writes the last uses down
  const text = house.ok('user', 'suspend', 'grace@example.com', '--yes');
  assert.match(text, /^grace@example\.com has 1 token; requests of the last 30 days:$/m);
  const [, id, state, requests, refusals, from] = /^(\S+) +of grace@example\.com +(\S+) +(\d+) +(\d+) .* (\S+) *$/m.exec(text);
  assert.deepEqual([id, state, Number(requests) > 0, refusals, from], [token.id, 'Active', true, '1', '127.0.0.1']);
  assert.match(text, / 1 +Device (Fields|reports):View, Device (Fields|reports):View(, \S[^,]*)?( and \d+ more)? +\d{4}-/, 'what it used');
  assert.match(text, /The user grace@example\.com is suspended; the user's tokens are invalid\.\n$/);
  assert.match(house.ok('user', 'delete', 'grace@example.com'), new RegExp(`${token.id}[^]*is deleted, and the user's tokens with it`));
});

test('what cannot be done prints no preview', (t) => {
  const house = makeHouse(t);
  refused(house.cli('user', 'delete', ADMIN, '--yes'), 1, /is the last System Administrator/);
  house.ok('user', 'add', 'idle@example.com');
  assert.match(house.ok('user', 'suspend', 'idle@example.com'), /^idle@example\.com has no tokens\.$/m);
});

test('leaving over the admin API: the busiest first, and tokens only for who may see them', async (t) => {
  const house = await openHouse(t);
  const token = userWithToken(house, 'grace@example.com', { args: ['--approved-ip', '127.0.0.0/8', '--approved-ip', '192.0.2.1'] });
  const idle = userWithToken(house, 'grace2@example.com');
  house.ok('role', 'add', 'Keepers', '--permission', 'Users:Manage');
  house.ok('user', 'add', 'kim@example.com', '--role', 'Keepers', '--password-file', house.file('pw', `${PASSWORD}\n`));
  await until(() => house.ask(token, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  assert.equal((await house.ask(token, 'GET', '/v3/reporting/devices')).status, 200);
  const [ada, kim] = [await loggedIn(house), await loggedIn(house, 'kim@example.com', PASSWORD)];
  const uidOf = async (q) => (await ada.get(`/users?q=${q}`)).json.data[0].uid;
  const [grace, other] = [await uidOf('grace@'), await uidOf('grace2@')];
  await until(async () => (await ada.get(`/users/${grace}/leaving`)).json.tokens[0].used, (used) => used.permissions.includes('Device reports:View')
    && !used.permissions.includes('Users:Manage') && used.approvedAddresses.join() === '127.0.0.0/8', 30_000);
  const shown = await ada.get(`/users/${grace}/leaving`);
  const { tokens, ...totals } = shown.json;
  assert.deepEqual([totals.tokenCount, totals.livingCount, totals.refused, tokens.length], [1, 1, 0, 1]);
  assert.deepEqual([tokens[0].token.id, tokens[0].permitted, tokens[0].token.lastUsedFrom], [token.id, totals.permitted, '127.0.0.1']);
  assert.equal(tokens[0].token.lastUsedAt, totals.lastUsedAt);
  const unused = (await ada.get(`/users/${other}/leaving`)).json;
  assert.deepEqual([unused.permitted, unused.lastUsedAt, unused.tokens[0].token.id], [0, null, idle.id]);
  assert.deepEqual(unused.tokens[0].used, { permissions: [], approvedAddresses: [] });
  const hidden = (await kim.get(`/users/${grace}/leaving`)).json;
  assert.deepEqual([hidden.tokens, hidden.tokenCount, hidden.permitted], [null, 1, totals.permitted]);
  const self = await loggedIn(house, 'grace@example.com', PASSWORD);
  assert.equal((await self.get(`/users/${grace}/leaving`)).status, 200);
  assertProblem(await ada.get('/users/11111111-2222-4333-8444-555555555555/leaving'), 404, 'NOT_FOUND');
});
