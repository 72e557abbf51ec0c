// SPDX-License-Identifier: Apache-2.0
//
// Two who do the same thing at the same moment, and somebody whose rights change in
// between: what was looked at before must be true inside the act.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor, loggedIn, totp } from './support/console.mjs';
import { makeHouse, openHouse } from './support/house.mjs';

const PASSWORD = 'a password of somebody';
const AT_ONCE = 8;
const WORKERS = { ini: '[server]\nworker_count = 4\n' };
const ifMatch = (etag) => ({ headers: { 'if-match': etag } });

function addUser(house, email, role) {
  house.ok('user', 'add', email, '--role', role, '--password-file', house.file(`pw-${email}`, `${PASSWORD}\n`));
}

/** The same at once, as often as `count`; gives the answers by their status. */
async function atOnce(ask, count = AT_ONCE) {
  const answers = await Promise.all(Array.from({ length: count }, (_, i) => ask(i)));
  return { ok: answers.filter((a) => a.status < 300), refused: answers.filter((a) => a.status >= 300), answers };
}

async function makeToken(visitor, title = 'A token') {
  const made = await visitor.post('/tokens', { title, key: { kind: 'generate' } });
  assert.equal(made.status, 201, made.text);
  return made.json.token;
}

test('of many edits of one version one is made, and the others hear of it', async (t) => {
  const house = await openHouse(t, WORKERS);
  const ada = await loggedIn(house);
  const token = await makeToken(ada);
  const path = `/tokens/${token.id}`;
  const { etag } = (await ada.get(path)).headers;
  const { ok, refused } = await atOnce((i) => ada.patch(path, { title: `Edit ${i}` }, ifMatch(etag)));
  assert.deepEqual([ok.length, refused.length], [1, AT_ONCE - 1]);
  for (const answer of refused) assert.deepEqual([answer.status, answer.json.code], [412, 'CHANGED']);
  assert.equal((await ada.get(path)).json.title, ok[0].json.title);
  assert.equal((await ada.get(`${path}/events`)).json.data.filter((e) => e.action === 'edited').length, 1);
});

test('a token that is rolled by many at once has one successor', async (t) => {
  const house = await openHouse(t, WORKERS);
  const ada = await loggedIn(house);
  const token = await makeToken(ada);
  const path = `/tokens/${token.id}/roll`;
  const { etag } = (await ada.get(path)).headers;
  const { ok } = await atOnce(() => ada.post(path, { key: { kind: 'generate' } }, ifMatch(etag)));
  assert.equal(ok.length, 1);
  assert.equal((await ada.get('/tokens')).json.total, 2);
});

test('two System Administrators who suspend each other: one is left', async (t) => {
  const house = makeHouse(t);
  addUser(house, 'eve@example.com', 'System Administrator');
  await house.start(WORKERS);
  const people = [await loggedIn(house), await loggedIn(house, 'eve@example.com', PASSWORD)];
  const uids = await Promise.all(people.map(async (one) => (await one.get('/session')).json.user.uid));
  const { ok, refused } = await atOnce((i) => people[i].post(`/users/${uids[1 - i]}/suspend`), 2);
  // the other's session ends in the same transaction: what they had on its way does too
  assert.ok(refused.length >= 1 && refused.every(({ status }) => status === 401 || status === 403), JSON.stringify(refused.map((a) => a.text)));
  assert.ok(ok.length <= 1);
  const users = JSON.parse(house.ok('user', 'list', '--json'));
  assert.equal(users.filter((user) => !user.isSuspended).length, 1, JSON.stringify(users));
});

test('no token is made with a permission after the role has lost it', async (t) => {
  const house = makeHouse(t);
  house.ok('role', 'add', 'Makers', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View', '--permission', 'Device Fields:View');
  addUser(house, 'eve@example.com', 'Makers');
  await house.start(WORKERS);
  const [ada, eve] = [await loggedIn(house), await loggedIn(house, 'eve@example.com', PASSWORD)];
  const role = (await ada.get('/roles?q=Makers')).json.data[0];
  const less = ada.patch(`/roles/${role.id}`, { permissions: ['API Credentials:Manage', 'Device Fields:View'] }, ifMatch(`"${role.version}"`));
  const made = await atOnce((i) => eve.post('/tokens', { title: `T${i}`, key: { kind: 'generate' } }));
  assert.equal((await less).status, 200);
  const history = (await ada.get('/events?pageSize=200')).json.data;
  const lost = history.find((e) => e.kind === 'User role updated' && e.action === 'edited');
  assert.ok(lost && made.ok.length > 0);
  for (const { json } of made.ok) {
    const born = history.find((e) => e.object.id === json.token.id && e.action === 'created');
    const has = json.token.permissions.includes('Device reports:View');
    assert.equal(has, born.id < lost.id, 'what it has is what the role had when it was made');
  }
  const after = await eve.post('/tokens', { title: 'Too much', key: { kind: 'generate' }, permissions: ['Device reports:View'] });
  assert.deepEqual([after.status, after.json.code], [422, 'INVALID'], after.text);
});

test('a recovery code, and a code of the authenticator, let one in', async (t) => {
  const house = await openHouse(t, WORKERS);
  const ada = await loggedIn(house);
  const begun = (await ada.post('/profile/second-factor', { password: 'correct horse battery staple' })).json;
  const nowMs = Date.now();
  const { recoveryCodes } = (await ada.put('/profile/second-factor', { code: totp(begun.secret, nowMs) })).json;
  for (const code of [recoveryCodes[0], totp(begun.secret, nowMs + 30_000)]) {
    const visitors = [new Visitor(house), new Visitor(house), new Visitor(house)];
    for (const visitor of visitors) assert.equal((await visitor.logIn()).state, 'second-factor');
    const { ok } = await atOnce((i) => visitors[i].post('/session/second-factor', { code }), visitors.length);
    assert.equal(ok.length, 1);
  }
});
