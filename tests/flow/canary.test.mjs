// SPDX-License-Identifier: Apache-2.0
// A canary token: it looks like any other, can do nothing, and whoever signs with it is told
// of, while they hear what everybody hears.
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, sign, until } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';
import { askSigned } from './support/signed.mjs';

const GRACE = 'grace@example.com';
const WHOAMI = '/v3/whoami';
const AGENT = 'python-requests/2.31';

async function letters(house) {
  const folder = join(house.data, 'mail');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.includes('-canary-') && name.endsWith('.eml'));
  return Promise.all(names.map((name) => simpleParser(readFileSync(join(folder, name)))));
}

const events = (house) => list(house, 'events', 'list').filter((event) => event.event === 'API token canary used');

const post = (house, jws) => house.post(jws, { headers: { 'user-agent': AGENT } });

/** What is the same of two answers but for their id and time. */
const shape = ({ status, text, headers }) => [status, text, [...headers]
  .filter(([name]) => !['x-request-id', 'date'].includes(name)).map((pair) => pair.join(': '))];

/** A canary of this kind and user, ready for signing. */
function makeCanary(house, kind, email) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = house.file('public.pem', pair.publicKey.export({ type: 'spki', format: 'pem' }));
  const made = list(house, 'token', 'create', '--user', email, '--title', 'On the file server', '--canary',
    ...(kind === 'ES256' ? ['--public-key', key] : []));
  return { ...made, alg: kind, key: kind === 'ES256' ? pair.privateKey : createSecretKey(made.secret, 'utf8') };
}

/** The keyring has heard of it: its use is an event. */
async function used(house, token) {
  const count = events(house).length;
  await until(async () => {
    await post(house, await sign(token, 'GET', WHOAMI));
    return events(house).length;
  }, (now) => now > count);
}

for (const kind of ['HS256', 'ES256']) {
  test(`${kind}: a use is an event and a letter, and the caller hears nothing of it`, async (t) => {
    const house = makeHouse(t);
    house.ok('user', 'add', GRACE, '--role', 'Security Administrator', '--password-file', house.file('pw', 'a long enough password\n'));
    const token = makeCanary(house, kind, GRACE);
    const deleted = kind === 'HS256' ? house.hs256('gone') : house.es256('gone');
    house.ok('token', 'delete', deleted.id);
    assert.equal(token.isCanary, true);
    assert.deepEqual(token.permissions, []);
    await house.start();
    const gone = await post(house, await sign(deleted, 'GET', WHOAMI));
    const answer = await post(house, await sign(token, 'GET', WHOAMI));
    assert.equal(answer.status, 401);
    assert.deepEqual(shape(answer), shape(gone), 'as one that does not exist');

    // it is on record when the answer comes
    const [event] = events(house);
    assert.equal(event.address, '127.0.0.1');
    assert.deepEqual([event.actor.kind, event.actor.id], ['token', token.id]);
    assert.equal(event.requestId, answer.headers.get('x-request-id'));
    assert.deepEqual([event.details.action, event.details.after.userAgent, event.details.after.count], ['used', AGENT, 1]);
    await until(() => letters(house), (all) => all.length === 2, 15_000);
    const all = await letters(house);
    assert.deepEqual(all.map((letter) => letter.to.value[0].address).sort(), [ADMIN, GRACE]);
    for (const letter of all) {
      assert.equal(letter.subject, 'Canary token used: On the file server');
      for (const part of [letter.text, letter.html]) {
        assert.match(part, /from 127\.0\.0\.1 by a program that calls itself python-requests\/2\.31/);
        assert.match(part, new RegExp(token.id));
      }
    }
    // other requests, all refused the same way, and no second event within the minute
    for (const [method, uri, more] of [['PUT', '/v3/none', { data: 1 }], ['GET', WHOAMI, { issuedAt: 1 }]]) {
      assert.deepEqual(shape(await post(house, await sign(token, method, uri, more))), shape(gone));
    }
    assert.equal(events(house).length, 1);
    // who knows its number only raises nothing
    const forged = { ...token, alg: 'HS256', key: createSecretKey('x'.repeat(88), 'utf8') };
    assert.deepEqual(shape(await post(house, await sign(forged, 'GET', WHOAMI))), shape(gone));
    await house.stop();
    // what came within the minute is written at the stop
    assert.deepEqual(events(house).map((one) => one.details.after.count).sort(), [1, 2]);
  });
}

test('at the second door it is as one that does not exist, too', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('bait', '--canary');
  const deleted = house.hs256('gone');
  house.ok('token', 'delete', deleted.id);
  await house.start();
  const told = ({ status, headers, text }) => [status, text, Object.entries(headers)
    .filter(([name]) => !['x-request-id', 'date'].includes(name)).map((pair) => pair.join(': '))];
  const gone = await askSigned(house, deleted, 'GET', WHOAMI);
  assert.equal(gone.status, 401);
  assert.deepEqual(told(await askSigned(house, token, 'GET', WHOAMI)), told(gone), 'the first, which a worker answers');
  assert.equal(events(house).length, 1);
  assert.deepEqual(told(await askSigned(house, token, 'GET', WHOAMI)), told(gone), 'the second, which is answered at once');
});

test('a server that is killed after the answer has it on record', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('bait', '--canary');
  await house.start();
  for (let i = 1; i <= 3; i++) {
    const answer = await post(house, await sign(token, 'GET', WHOAMI));
    await house.kill();
    assert.equal(answer.status, 401);
    assert.equal(events(house).length, i);
    await house.start();
  }
});

test('a thousand uses are one event, and one more that counts them', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('bait', '--canary');
  await house.start();
  const jws = await sign(token, 'GET', WHOAMI);
  for (let i = 0; i < 10; i++) {
    const all = await Promise.all(Array.from({ length: 100 }, () => post(house, jws)));
    assert.ok(all.every((answer) => answer.status === 401));
  }
  assert.equal(events(house).length, 1);
  await house.stop();
  assert.deepEqual(events(house).map((one) => one.details.after.count).reduce((a, b) => a + b), 1000);
  assert.equal(events(house).length, 2);
  assert.equal((await letters(house)).length, 1);
});

test('over the admin API: made, shown, silenced, and nothing can be chosen for it', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const made = await ada.post('/tokens', { title: 'bait', key: { kind: 'generate' }, isCanary: true });
  assert.equal(made.status, 201, made.text);
  const plain = await ada.post('/tokens', { title: 'bait', key: { kind: 'generate' } });
  assert.deepEqual([made.json.token.isCanary, plain.json.token.isCanary], [true, false]);
  assert.deepEqual(made.json.token.permissions, []);
  const like = (text, id, secret) => text.replace(id, 'ID').replace(secret, 'SECRET');
  assert.equal(like(made.json.file, made.json.token.id, made.json.secretKey),
    like(plain.json.file, plain.json.token.id, plain.json.secretKey), 'its file looks like any other');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  assert.equal((await ada.post('/tokens', { title: 'bait', key: { kind: 'public', publicKey: pem }, isCanary: true })).status, 201);
  assertProblem(await ada.post('/tokens', { title: 'x', key: { kind: 'generate' }, isCanary: true, permissions: ['Device reports:View'] }), 422, 'INVALID');
  assertProblem(await ada.post('/tokens', { title: 'x', key: { kind: 'generate' }, isCanary: true, approvedAddresses: ['10.0.0.1'] }), 422, 'INVALID');

  const token = { id: made.json.token.id, alg: 'HS256', key: createSecretKey(made.json.secretKey, 'utf8') };
  await used(house, token);
  const refusals = (await ada.get(`/tokens/${token.id}/refusals`)).json.data;
  assert.match(refusals[0].detail, /canary/);
  const told = (await ada.get(`/events?kind=${encodeURIComponent('API token canary used')}`)).json.data;
  assert.equal(told[0].object.id, token.id);
  assert.equal((await ada.get(`/tokens/${token.id}`)).json.lastUsedAt, null, 'it was never let in');
  // suspended it is silent; the answer is the same
  const before = await post(house, await sign(token, 'GET', WHOAMI));
  assert.equal((await ada.post(`/tokens/${token.id}/suspend`)).status, 200);
  assert.deepEqual(shape(await post(house, await sign(token, 'GET', WHOAMI))), shape(before));
  // commands say the same
  refused(house.cli('token', 'create', '--user', ADMIN, '--title', 'x', '--canary', '--permission', 'Device reports:View'), 1, /a canary token has no permissions/);
  assert.match(house.ok('token', 'show', token.id), /^Canary: /m);
});
