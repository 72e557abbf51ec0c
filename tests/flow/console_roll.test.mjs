// SPDX-License-Identifier: Apache-2.0
// Rolling over the admin API: what is offered, what can be chosen, who may, and how the
// overlap is moved and called off.
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, openHouse, until } from './support/house.mjs';

const PASSWORD = 'a password of somebody';
const DAY_MS = 86_400_000;
const ifMatch = (version) => ({ headers: { 'if-match': `"${version}"` } });
const GENERATE = { key: { kind: 'generate' } };

async function make(visitor, more = {}) {
  const reply = await visitor.post('/tokens', { title: 'nightly', ...GENERATE, ...more });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
}
const rollPath = (made) => `/tokens/${made.token.id}/roll`;

test('a roll offers what the old token has, and makes a successor with links both ways', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const old = await make(ada, {
    description: 'why', permissions: ['Device reports:View', 'Software reports:View'], approvedAddresses: ['127.0.0.0/8'],
  });
  const page = await ada.get(rollPath(old));
  assert.equal(page.status, 200, page.text);
  assert.deepEqual([page.json.token.id, page.json.lost, page.json.groups, page.json.overlapDays],
    [old.token.id, [], [], { usual: 7, most: 30 }]);
  assert.deepEqual(page.json.permissions.map((row) => row.view.name), ['Device reports:View', 'Software reports:View']);
  assert.equal(page.json.expiresOn.usual, old.token.expiresOn);

  const rolled = await ada.post(rollPath(old), GENERATE, ifMatch(old.token.version));
  assert.equal(rolled.status, 201, rolled.text);
  const { token, secretKey, file, old: after } = rolled.json;
  assert.equal(secretKey.length, 88);
  assert.ok(file.includes(token.id) && file.includes(secretKey));
  assert.deepEqual([token.title, token.description, token.permissions, token.approvedAddresses],
    ['nightly', 'why', old.token.permissions, ['127.0.0.0/8']]);
  assert.deepEqual([token.replaces, token.replacedBy], [{ id: old.token.id, title: 'nightly' }, null]);
  assert.deepEqual([after.replacedBy.id, after.replacedBy.title, after.mayRoll, after.maySuspend], [token.id, 'nightly', false, true]);
  assert.equal(Date.parse(after.replacedBy.endsAt) - Date.parse(after.replacedBy.rolledAt), 7 * DAY_MS);
  assert.equal(after.expiresAt, after.replacedBy.endsAt);
  assertProblem(await ada.get(rollPath(old)), 409, 'CONFLICT');
  assertProblem(await ada.post(rollPath(old), GENERATE, ifMatch(after.version)), 409, 'CONFLICT');
  await until(() => house.ask({ id: token.id, alg: 'HS256', key: createSecretKey(secretKey, 'utf8') }, 'GET', '/v3/whoami'),
    (answer) => answer.status === 200);
});

test('a subset can be chosen, more cannot; each refusal names its field', async (t) => {
  const house = await openHouse(t);
  house.ok('group', 'add', 'Lyon');
  house.ok('group', 'add', 'Paris');
  house.ok('group', 'assign', 'Lyon', '--user', ADMIN);
  house.ok('group', 'assign', 'Paris', '--user', ADMIN);
  const ada = await loggedIn(house);
  const old = await make(ada, { permissions: ['Device reports:View', 'Software reports:View'], approvedAddresses: ['10.0.0.0/8'] });
  const { groups, expiresOn, proofChallenge } = (await ada.get(rollPath(old))).json;
  assert.deepEqual(groups.map((group) => group.name), ['Lyon', 'Paris']);
  const roll = (body, version = old.token.version) => ada.post(rollPath(old), { ...GENERATE, ...body }, ifMatch(version));
  for (const [body, field] of [
    [{ permissions: ['Geolocation:View'] }, 'permissions'],
    [{ approvedAddresses: [] }, 'approvedAddresses'],
    [{ approvedAddresses: ['10.0.0.1', '11.0.0.1'] }, 'approvedAddresses'],
    [{ groups: ['11111111-2222-4333-8444-555555555555'] }, 'groups'],
    [{ overlapDays: 31 }, 'overlapDays'],
    [{ overlapDays: -1 }, 'overlapDays'],
    [{ expiresOn: '2020-01-01' }, 'expiresOn'],
    [{ title: ' ' }, 'title'],
    [{ key: { kind: 'public', publicKey: 'no key' } }, 'key.publicKey'],
    [{ wrong: 1 }, 'wrong'],
  ]) {
    const reply = await roll(body);
    assertProblem(reply, 422, 'INVALID');
    assert.equal(reply.json.errors[0].field, field, reply.text);
  }
  assertProblem(await roll({}, 99), 412, 'CHANGED');
  assertProblem(await ada.post(rollPath(old), GENERATE), 428, 'IF_MATCH_NEEDED');

  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' });
  const proof = signBytes('sha256', Buffer.from(`tokenhouse-key-proof:${proofChallenge}`),
    { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  const rolled = await roll({
    key: { kind: 'public', publicKey, proof }, title: 'weekly', permissions: ['Device reports:View'], groups: [groups[1].uid],
    approvedAddresses: ['10.1.0.0/16'], expiresOn: expiresOn.first, overlapDays: 0,
  });
  assert.equal(rolled.status, 201, rolled.text);
  const { token } = rolled.json;
  assert.deepEqual([token.kind, token.publicKey.isProved, token.title, token.permissions, token.groups.map((group) => group.name),
    token.approvedAddresses, token.expiresOn, rolled.json.secretKey],
  ['ES256', true, 'weekly', ['Device reports:View'], ['Paris'], ['10.1.0.0/16'], expiresOn.first, null]);
  assert.equal(rolled.json.old.label, 'Expired');
});

test('an overlap is moved within 30 days, ended, and a roll is called off', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const [moved, off] = [await make(ada), await make(ada)];
  assertProblem(await ada.patch(rollPath(moved), { overlapDays: 3 }, ifMatch(1)), 409, 'CONFLICT');
  for (const old of [moved, off]) assert.equal((await ada.post(rollPath(old), GENERATE, ifMatch(1))).status, 201);
  assertProblem(await ada.patch(rollPath(moved), { overlapDays: 3 }, ifMatch(1)), 412, 'CHANGED');
  assertProblem(await ada.patch(rollPath(moved), { overlapDays: 31 }, ifMatch(2)), 422, 'INVALID');
  const later = await ada.patch(rollPath(moved), { overlapDays: 30 }, ifMatch(2));
  const { rolledAt, endsAt } = later.json.replacedBy;
  assert.equal(Date.parse(endsAt) - Date.parse(rolledAt), 30 * DAY_MS);
  const ended = await ada.patch(rollPath(moved), { overlapDays: 0 }, ifMatch(3));
  assert.deepEqual([ended.json.label, ended.json.mayEdit], ['Expired', false]);
  assertProblem(await ada.patch(rollPath(moved), { overlapDays: 30 }, ifMatch(4)), 409, 'CONFLICT');

  const successor = (await ada.get(`/tokens/${off.token.id}`)).json.replacedBy.id;
  const kept = await ada.ask('DELETE', rollPath(off), ifMatch(2));
  assert.deepEqual([kept.status, kept.json.replacedBy, kept.json.expiresAt], [200, null, off.token.expiresAt]);
  assert.equal((await ada.get(`/tokens/${successor}`)).status, 404);
});

test('others cannot roll somebody’s token; an administrator rolls it for its user', async (t) => {
  const house = await openHouse(t);
  const password = house.file('pw', `${PASSWORD}\n`);
  house.ok('role', 'add', 'Callers', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View');
  house.ok('user', 'add', 'grace@example.com', '--role', 'Callers', '--password-file', password);
  const [ada, grace] = [await loggedIn(house), await loggedIn(house, 'grace@example.com', PASSWORD)];
  const [hers, mine] = [await make(ada), await make(grace)];
  assertProblem(await grace.get(rollPath(hers)), 404, 'NOT_FOUND');
  assertProblem(await grace.post(rollPath(hers), GENERATE, ifMatch(1)), 404, 'NOT_FOUND');
  assertProblem(await grace.patch(rollPath(hers), { overlapDays: 1 }, ifMatch(1)), 404, 'NOT_FOUND');
  const rolled = await ada.post(rollPath(mine), GENERATE, ifMatch(1));
  assert.deepEqual([rolled.status, rolled.json.token.creator.email, rolled.json.token.permissions],
    [201, 'grace@example.com', ['Device reports:View']]);
});
