// SPDX-License-Identifier: Apache-2.0
// Many tokens at once, by command and over the admin API: first exactly which, then the
// act on exactly these, or on none.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, until } from './support/house.mjs';
import { contents, list, refused, userWithToken } from './support/outside.mjs';

const PASSWORD = 'another long enough password';
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const titles = (house) => list(house, 'token', 'list').map((row) => row.title).sort();

/** Tokens were made so many days ago: nobody can wait for it. */
const madeAgo = (house, days, ...ids) => execFileSync('python3', ['-c', `
import sqlite3, sys, time
d = sqlite3.connect(sys.argv[1])
for id in sys.argv[3:]:
    assert d.execute("UPDATE token SET created_at_s = ? WHERE id = ?", (int(time.time()) - int(sys.argv[2]) * 86400, id)).rowcount == 1
d.commit()`, join(house.data, 'tokenhouse.db'), String(days), ...ids]);

test('token suspend and token delete by a filter print which first, and do exactly these', (t) => {
  const house = makeHouse(t);
  house.ok('group', 'add', 'Lyon');
  const [old, young] = [house.hs256('old'), house.hs256('young', '--group', 'Lyon')];
  const hers = userWithToken(house, 'grace@example.com');
  madeAgo(house, 100, old.id, hers.id);

  const before = contents(house);
  const shown = house.cli('token', 'suspend', '--unused-days', '90');
  assert.equal(shown.status, 1);
  assert.match(shown.stdout, new RegExp(`${old.id} +old `));
  assert.match(shown.stdout, new RegExp(`${hers.id} +of grace@example\\.com `));
  assert.doesNotMatch(shown.stdout, new RegExp(young.id));
  assert.match(shown.stderr, /nothing was changed; --yes does it to the 2 tokens shown/);
  assert.equal(contents(house), before);

  assert.match(house.ok('token', 'suspend', '--unused-days', '90', '--creator', ADMIN, '--yes'), /^1 token is suspended\.$/m);
  assert.deepEqual(list(house, 'token', 'list').filter((row) => row.isSuspended).map((row) => row.title), ['old']);
  assert.match(house.ok('token', 'suspend', '--creator', ADMIN, '--state', 'suspended', '--yes'), /^No token fits\.$/m);
  house.ok('token', 'delete', '--group', 'Lyon', '--yes');
  assert.deepEqual(titles(house), ['of grace@example.com', 'old']);
  house.ok('token', 'delete', '--made-before', day(-90), '--algorithm', 'HS256', '--yes');
  assert.deepEqual(titles(house), []);
  assert.equal(list(house, 'events', 'list').filter((event) => event.action === 'deleted' && event.object.kind === 'token').length, 3);

  for (const [args, words] of [
    [['token', 'suspend'], /something is missing; wanted: \[ID\] or a filter/],
    [['token', 'delete', old.id, '--creator', ADMIN], /exclude each other/],
    [['token', 'delete', '--unused-days', '0'], /'0' is no number of days/],
    [['token', 'delete', '--made-before', 'may'], /'may' is not a date/],
    [['token', 'delete', '--state', 'odd'], /'odd' is no state/],
    [['token', 'delete', '--algorithm', 'none'], /'none' is no algorithm/],
  ]) refused(house.cli(...args), 2, words);
  refused(house.cli('token', 'delete', '--creator', 'nobody@example.com'), 1, /there is no user/);
  refused(house.cli('token', 'delete', '--group', 'Rome'), 1, /there is no device group/);
});

test('the act over the admin API is on what was shown, or on nothing', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const make = async (title) => (await ada.post('/tokens', { title, key: { kind: 'generate' } })).json;
  const [first, second] = [await make('first'), await make('second')];
  const shown = (await ada.get('/tokens/bulk?act=suspend&kind=HS256')).json;
  assert.equal(shown.count, 2);
  assert.deepEqual(shown.tokens.map((token) => [token.title, token.label, token.creator, token.lastUsedAt]).sort(),
    [['first', 'Active', ADMIN, null], ['second', 'Active', ADMIN, null]]);
  const refs = shown.tokens.map((token) => token.ref);
  const act = (body, query = '?kind=HS256') => ada.post(`/tokens/bulk${query}`, { act: 'suspend', tokens: refs, ...body });

  const third = await make('third');
  const changed = await act({ isAllFound: true });
  assertProblem(changed, 409, 'CONFLICT');
  assert.match(changed.json.detail, /1 came, 0 went, 0 changed/);
  assert.equal((await ada.get(`/tokens/${first.token.id}`)).json.label, 'Active');
  assert.deepEqual((await act({}, '')).json, { count: 2 });
  for (const [made, label] of [[first, 'Suspended'], [second, 'Suspended'], [third, 'Active']])
    assert.equal((await ada.get(`/tokens/${made.token.id}`)).json.label, label);
  assertProblem(await act({}, ''), 409, 'CONFLICT'); // their versions have risen

  for (const [body, query, field] of [
    [{ act: 'explode' }, '', 'act'], [{ tokens: ['x'] }, '', 'tokens'], [{ tokens: [`${third.token.id}@one`] }, '', 'tokens'],
    [{}, '?madeBefore=may', 'madeBefore'], [{}, '?unusedDays=0', 'unusedDays'], [{}, '?unusedDays=3&isUnused=true', 'unusedDays'],
  ]) {
    const reply = await act(body, query);
    assertProblem(reply, 422, 'INVALID');
    assert.equal(reply.json.errors[0].field, field, reply.text);
  }
  assert.equal((await ada.get(`/tokens?madeBefore=${day(0)}`)).json.data.length, 0);
  assert.equal((await ada.get(`/tokens?madeBefore=${day(1)}`)).json.data.length, 3);
  assert.equal((await ada.get('/tokens/bulk?act=suspend&label=Suspended')).json.count, 0);
  assert.equal((await ada.get('/tokens/bulk?act=delete&label=Suspended')).json.count, 2);
});

test('one shows, and changes, one’s own tokens only', async (t) => {
  const house = await openHouse(t);
  const hers = userWithToken(house, 'grace@example.com', { role: 'Administrator' });
  const ours = userWithToken(house, ADMIN);
  const grace = await loggedIn(house, 'grace@example.com', PASSWORD);
  const shown = (await grace.get('/tokens/bulk?act=delete')).json;
  assert.deepEqual(shown.tokens.map((token) => token.id), [hers.id]);
  assertProblem(await grace.post('/tokens/bulk', { act: 'delete', tokens: [`${ours.id}@1`, shown.tokens[0].ref] }), 409, 'CONFLICT');
  assert.equal((await grace.post('/tokens/bulk', { act: 'delete', tokens: [shown.tokens[0].ref], isAllFound: true })).status, 200);
  await until(() => house.ask(hers, 'GET', '/v3/whoami'), (answer) => answer.status === 401);
  await until(() => house.ask(ours, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
});
