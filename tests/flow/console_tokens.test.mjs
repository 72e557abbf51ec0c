// SPDX-License-Identifier: Apache-2.0
//
// Tokens and Event History over the admin API: what DESIGN's rules of a token say, as a
// script asks for it, against the real program.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, must, openHouse, until } from './support/house.mjs';

const PASSWORD = 'a password of somebody';
const DAY_MS = 86_400_000;
const day = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** A user made by command, with a password of their own. */
function addUser(house, email, role) {
  house.ok('user', 'add', email, '--role', role, '--password-file', house.file(`pw-${email}`, `${PASSWORD}\n`));
}

async function make(visitor, more = {}) {
  const reply = await visitor.post('/tokens', { title: 'a token', key: { kind: 'generate' }, ...more });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
}

/** A pair by node's own crypto. */
function keyPair(namedCurve = 'P-256') {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    privateKey,
    prove: (challenge) => signBytes('sha256', Buffer.from(`tokenhouse-key-proof:${challenge}`),
      { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  };
}

/** Walks a list to its end. */
export async function walk(visitor, path, query = {}, pageSize = 7) {
  const rows = [];
  let after;
  for (let pages = 0; pages < 200; pages++) {
    const text = new URLSearchParams({ ...query, pageSize, ...(after ? { after } : {}) });
    const reply = await visitor.get(`${path}?${text}`);
    assert.equal(reply.status, 200, reply.text);
    assert.ok(reply.json.data.length <= pageSize);
    rows.push(...reply.json.data);
    after = reply.json.next;
    if (!after) return { rows, total: reply.json.total };
  }
  assert.fail('the list has no end');
}

describe('making a token', () => {
  test('a generated key is shown once, and signs', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const page = (await ada.get('/tokens/new')).json;
    assert.deepEqual(page.expiresOn, { usual: day(90), first: day(1), last: page.expiresOn.last });
    assert.equal(page.address, '127.0.0.1');
    const reports = page.permissions.find((row) => row.feature === 'Device reports');
    assert.equal(reports.view.name, 'Device reports:View');
    assert.ok(reports.view.operations.includes('GET /v3/reporting/devices'));
    assert.equal(page.permissions.find((row) => row.feature === 'API Credentials'), undefined, 'no API operation needs it');
    assert.equal(page.operations.find((o) => o.path === '/v3/reporting/devices').summary, 'List devices');

    const made = await make(ada, { title: ' Nightly ', description: 'reads', approvedAddresses: ['127.0.0.1', '10.0.0.0/8'],
      permissions: ['Device Fields:Manage', 'Device reports:View'] });
    assert.equal(made.secretKey.length, 88);
    assert.match(made.file, new RegExp(`Token ID: *${made.token.id}`));
    assert.equal(made.token.title, 'Nightly');
    assert.deepEqual(made.token.permissions, ['Device Fields:View', 'Device Fields:Manage', 'Device reports:View'], 'Manage implies View');
    assert.deepEqual(made.token.approvedAddresses, ['127.0.0.1', '10.0.0.0/8']);
    assert.equal(made.token.expiresOn, day(90));
    assert.equal(made.token.expiresAt, new Date(Date.parse(`${day(90)}T00:00:00Z`) + DAY_MS).toISOString());
    assert.equal(made.token.publicKey, null);
    assert.deepEqual([made.token.label, made.token.version, made.token.isMine, made.token.use.length], ['Active', 1, true, 30]);
    assert.equal(made.token.creator.email, ADMIN);
    const again = (await ada.get(`/tokens/${made.token.id}`));
    assert.deepEqual(again.json, made.token);
    assert.equal(again.headers.etag, '"1"');
    assert.ok(!again.text.includes(made.secretKey));
    const token = { id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') };
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    assert.ok(!house.ok('events', 'list', '--json').includes(made.secretKey));
  });

  test('an uploaded key, proved or not', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const pair = keyPair();
    const { proofChallenge } = (await ada.get('/tokens/new')).json;
    const check = (publicKey, proof = null) => ada.post('/tokens/check-key', { publicKey, proof });
    const checked = (await check(pair.pem)).json;
    assert.equal(checked.pem, pair.pem);
    assert.equal(checked.isProved, false);
    const der = createPublicKey(pair.pem).export({ type: 'spki', format: 'der' });
    const { createHash } = await import('node:crypto');
    assert.equal(checked.fingerprint, `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`);
    assert.equal((await check(pair.pem, pair.prove(proofChallenge))).json.isProved, true);

    for (const [pem, proof, field] of [
      [pair.privatePem, null, 'publicKey'], ['', null, 'publicKey'], [keyPair('P-384').pem, null, 'publicKey'],
      ['nonsense', null, 'publicKey'],
      [pair.pem, keyPair().prove(proofChallenge), 'proof'], [pair.pem, pair.prove(`${proofChallenge}x`), 'proof'],
      [pair.pem, 'AAAA', 'proof'],
    ]) {
      const refused = await check(pem, proof);
      assertProblem(refused, 422, 'INVALID');
      assert.equal(refused.json.errors[0].field, field, refused.text);
      assert.ok(!refused.text.includes('MIG'), 'nothing of a key is said back');
    }
    // a challenge is the session's own
    const other = await loggedIn(house);
    const theirs = (await other.get('/tokens/new')).json.proofChallenge;
    assert.notEqual(theirs, proofChallenge);
    assertProblem(await check(pair.pem, pair.prove(theirs)), 422, 'INVALID');

    const proved = await make(ada, { key: { kind: 'public', publicKey: pair.pem, proof: pair.prove(proofChallenge) } });
    assert.deepEqual([proved.secretKey, proved.file, proved.token.publicKey.isProved, proved.token.kind], [null, null, true, 'ES256']);
    const plain = await make(ada, { key: { kind: 'public', publicKey: pair.pem, proof: null } });
    assert.equal(plain.token.publicKey.isProved, false);
    const token = { id: proved.token.id, alg: 'ES256', key: createPrivateKey(pair.privatePem) };
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    const refused = await ada.post('/tokens', { title: 'x', key: { kind: 'public', publicKey: pair.pem, proof: keyPair().prove(proofChallenge) } });
    assertProblem(refused, 422, 'INVALID');
    assert.equal(refused.json.errors[0].field, 'key.proof');
  });

  test('every field says what is wrong with it, and nothing is made', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const good = { title: 'x', key: { kind: 'generate' } };
    for (const [body, field, words] of [
      [{ ...good, title: '' }, 'title', /empty/],
      [{ ...good, title: '   ' }, 'title', /empty/],
      [{ ...good, title: 'x'.repeat(121) }, 'title', /121 characters/],
      [{ ...good, title: 'a\u202eb' }, 'title', /control/],
      [{ ...good, title: 7 }, 'title', /text/],
      [{ key: good.key }, 'title', /missing/],
      [{ ...good, description: 'x'.repeat(1001) }, 'description', /1001/],
      [{ ...good, expiresOn: day(0) }, 'expiresOn', /cannot be the expiry date/],
      [{ ...good, expiresOn: day(367) }, 'expiresOn', /at most one year/],
      [{ ...good, expiresOn: '2027-02-30' }, 'expiresOn', /not a date/],
      [{ ...good, expiresOn: 20270101 }, 'expiresOn', /text/],
      [{ ...good, permissions: ['No such:View'] }, 'permissions', /no permission/],
      [{ ...good, permissions: ['Users:View'] }, 'permissions', /no API operation needs it/],
      [{ ...good, permissions: [1] }, 'permissions', /names/],
      [{ ...good, permissions: 'all' }, 'permissions', /list/],
      [{ ...good, approvedAddresses: ['10.0.0.1/8'] }, 'approvedAddresses', /10\.0\.0\.0\/8/],
      [{ ...good, approvedAddresses: ['10.0.0.1', 'nowhere'] }, 'approvedAddresses', /Invalid IP address: 'nowhere'/],
      [{ ...good, approvedAddresses: [''] }, 'approvedAddresses', /not empty/],
      [{ ...good, approvedAddresses: Array.from({ length: 257 }, (_, i) => `10.0.${i >> 8}.${i & 255}`) }, 'approvedAddresses', /256/],
      [{ ...good, key: null }, 'key', /missing/],
      [{ ...good, key: {} }, 'key.kind', /generate, public or bearer/],
      [{ ...good, key: { kind: 'generate', publicKey: 'x' } }, 'key.kind', /no publicKey/],
      [{ ...good, key: { kind: 'public' } }, 'key.publicKey', /missing/],
      [{ ...good, key: { kind: 'public', publicKey: 'x' } }, 'key.publicKey', /P-256/],
      [{ ...good, key: { kind: 'generate', more: 1 } }, 'key', /more/],
      [{ ...good, groups: [] }, 'groups', /no field/],
    ]) {
      const reply = await ada.post('/tokens', body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
      assert.match(reply.json.errors[0].detail, words);
    }
    assert.equal((await ada.get('/tokens')).json.total, 0);
    const twice = await ada.ask('POST', '/tokens', { raw: '{"title":"a","title":"b"}', headers: { 'content-type': 'application/json' } });
    assertProblem(twice, 400, 'MALFORMED');
  });

  test('addresses are looked at one by one', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const { data } = (await ada.post('/tokens/check-addresses', { text: '10.0.0.1, 10.0.0.1/32;2001:DB8::0\n10.0.0.1/8 fish' })).json;
    assert.deepEqual(data.map((d) => [d.typed, d.address, d.isValid, d.isDuplicate]), [
      ['10.0.0.1', '10.0.0.1', true, false], ['10.0.0.1/32', '10.0.0.1', true, true], ['2001:DB8::0', '2001:db8::', true, false],
      ['10.0.0.1/8', null, false, false], ['fish', null, false, false]]);
    assert.match(data[3].detail, /10\.0\.0\.0\/8/);
    assert.equal(data[0].detail, null);
    assert.deepEqual((await ada.post('/tokens/check-addresses', { text: '' })).json.data, []);
  });
});

describe('the life of a token', () => {
  test('edits are of a version; the second editor hears of the first', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const eve = await loggedIn(house);
    const { token } = await make(ada);
    const path = `/tokens/${token.id}`;
    assertProblem(await ada.patch(path, { title: 'b' }), 428, 'IF_MATCH_NEEDED');
    const edited = await ada.patch(path, { title: 'b', approvedAddresses: ['::1'] }, { headers: { 'if-match': '"1"' } });
    assert.equal(edited.status, 200, edited.text);
    assert.deepEqual([edited.json.title, edited.json.approvedAddresses, edited.json.version, edited.headers.etag], ['b', ['::1'], 2, '"2"']);
    assertProblem(await eve.patch(path, { title: 'c' }, { headers: { 'if-match': '"1"' } }), 412, 'CHANGED');
    assertProblem(await eve.patch(path, { title: 'c' }, { headers: { 'if-match': '*' } }), 412, 'CHANGED');
    assert.equal((await ada.get(path)).json.title, 'b');
    const none = await ada.patch(path, { description: '', expiresOn: null }, { headers: { 'if-match': '"2"' } });
    assert.equal(none.json.version, 2, 'nothing differs');
    for (const [body, field] of [[{ title: '' }, 'title'], [{ expiresOn: day(-1) }, 'expiresOn'], [{ expiresOn: '' }, 'expiresOn'],
      [{ approvedAddresses: ['x'] }, 'approvedAddresses'], [{ permissions: [] }, 'permissions'], [{ description: 'x'.repeat(1001) }, 'description']]) {
      const reply = await ada.patch(path, body, { headers: { 'if-match': '"2"' } });
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
    }
    const { data } = (await ada.get(`${path}/events`)).json;
    assert.deepEqual(data.map((e) => e.action), ['edited', 'created']);
    assert.deepEqual(data[0].details.before, { title: 'a token', approvedAddresses: [] });
    assert.deepEqual(data[0].details.after, { title: 'b', approvedAddresses: ['::1'] });
    assert.deepEqual([data[0].actor.name, data[0].address, data[0].object.id], [ADMIN, '127.0.0.1', token.id]);
  });

  test('suspended, resumed, deleted, with events and with effect', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const made = await make(ada);
    const path = `/tokens/${made.token.id}`;
    const token = { id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') };
    const hears = (status) => until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === status);
    await hears(200);
    const asleep = await ada.post(`${path}/suspend`);
    assert.deepEqual([asleep.status, asleep.json.label, asleep.json.mayEdit, asleep.json.mayResume, asleep.json.maySuspend], [200, 'Suspended', false, true, false]);
    await hears(401);
    assertProblem(await ada.patch(path, { title: 'z' }, { headers: { 'if-match': '"2"' } }), 409, 'CONFLICT');
    assert.equal((await ada.post(`${path}/suspend`)).status, 200, 'already so');
    assert.equal((await ada.post(`${path}/resume`)).json.label, 'Active');
    await hears(200);
    assert.equal((await ada.delete(path)).status, 204);
    await hears(401);
    assertProblem(await ada.delete(path), 404, 'NOT_FOUND');
    assertProblem(await ada.get(path), 404, 'NOT_FOUND');
    const { data } = (await ada.get(`/events?object=${token.id}`)).json;
    assert.deepEqual(data.map((e) => e.action), ['deleted', 'resumed', 'suspended', 'created']);
    assert.equal(data[0].details.after, undefined);
    assert.equal(data[0].details.before.title, 'a token');
  });

  test('what a System Administrator suspended its user cannot resume', async (t) => {
    const house = makeHouse(t);
    addUser(house, 'eve@example.com', 'Security Administrator');
    await house.start();
    const [ada, eve] = await Promise.all([loggedIn(house), loggedIn(house, 'eve@example.com', PASSWORD)]);
    const { token } = await make(eve);
    const path = `/tokens/${token.id}`;
    assert.equal(token.suspension, null);
    const own = (await eve.post(`${path}/suspend`)).json;
    assert.deepEqual([own.suspension.by.email, own.suspension.isHeld, own.suspension.isByCommand, own.mayResume, own.maySuspend],
      ['eve@example.com', false, false, true, false]);
    assert.ok(Math.abs(Date.parse(own.suspension.at) - Date.now()) < 60_000);
    assert.equal((await ada.get(path)).json.maySuspend, true, 'so that it stays suspended');
    const held = (await ada.post(`${path}/suspend`)).json;
    assert.deepEqual([held.suspension.by.email, held.suspension.isHeld, held.mayResume, held.maySuspend], [ADMIN, true, true, false]);
    const seen = (await eve.get(path)).json;
    assert.deepEqual([seen.label, seen.suspension.by.email, seen.mayResume, seen.mayDelete], ['Suspended', ADMIN, false, true]);
    const refused = await eve.post(`${path}/resume`);
    assertProblem(refused, 409, 'CONFLICT');
    assert.match(refused.json.detail, /suspended by .* at .*: only a System Administrator can resume it/);
    assert.equal((await ada.post(`${path}/resume`)).json.suspension, null);
    // a filter of many does the same
    const { tokens } = (await ada.get('/tokens/bulk?act=suspend')).json;
    await ada.post('/tokens/bulk', { act: 'suspend', tokens: tokens.map((one) => one.ref) });
    assertProblem(await eve.post(`${path}/resume`), 409, 'CONFLICT');
    house.ok('token', 'resume', token.id);
    house.ok('token', 'suspend', token.id);
    const command = (await eve.get(path)).json;
    assert.deepEqual([command.suspension.by, command.suspension.isByCommand, command.mayResume], [null, true, false]);
  });

  test('use and refusals are told, by reason', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const made = await make(ada, { permissions: ['Device reports:View'] });
    const token = { id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') };
    const path = `/tokens/${made.token.id}`;
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    const refused = await house.ask(token, 'GET', '/v3/reporting/devices', { query: 'q=hidden' });
    assert.equal(refused.status, 403);
    await house.ask({ ...token, key: createSecretKey('wrong', 'utf8') }, 'GET', '/v3/whoami');
    const { data } = (await ada.get(`${path}/refusals`)).json;
    assert.equal(data.length, 1, 'who has not proved the key leaves nothing');
    assert.ok(Math.abs(new Date(data[0].issuedAt) - Date.now()) < 60_000);
    assert.deepEqual({ ...data[0], at: 0, detail: 0, issuedAt: 0 }, {
      at: 0, detail: 0, issuedAt: 0, requestId: refused.headers.get('x-request-id'), tokenId: made.token.id,
      verdict: 'permission', code: 'PERMISSION_MISSING', status: 403, method: 'GET', uri: '/v3/reporting/devices', query: 'q=***',
      body: null, address: '127.0.0.1',
    });
    assert.match(data[0].detail, /Device Fields:View/);
    assert.ok(!JSON.stringify(data).includes('hidden'));
    // counters reach the store with the housekeeper's flush, at the latest when the house stops
    await house.stop();
    await house.start();
    const back = await loggedIn(house);
    const use = (await back.get(`${path}/use`)).json;
    assert.equal(use.days.length, 30);
    assert.deepEqual(use.days.at(-1).refused, { permission: 1 });
    assert.ok(use.days.at(-1).permitted >= 1);
    assert.equal(use.useCount, use.days.at(-1).permitted);
    assert.equal(use.lastUsedFrom, '127.0.0.1');
    const shown = (await back.get(path)).json;
    assert.equal(shown.use.at(-1), use.useCount);
    assert.deepEqual((await back.get(`${path}/refusals`)).json.data, [], 'since this start');
  });

  test('rights that the role has lost are not in force while rights are live', async (t) => {
    const house = makeHouse(t);
    house.ok('role', 'add', 'Reporters', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View', '--permission', 'Device Fields:View');
    addUser(house, 'eve@example.com', 'Reporters');
    await house.start();
    const eve = await loggedIn(house, 'eve@example.com', PASSWORD);
    const { token } = await make(eve);
    assert.deepEqual(token.permissionsInForce, ['Device Fields:View', 'Device reports:View']);
    house.ok('role', 'change', 'Reporters', '--remove', 'Device reports:View');
    const shown = (await eve.get(`/tokens/${token.id}`)).json;
    assert.deepEqual([shown.permissions.length, shown.permissionsInForce], [2, ['Device Fields:View']]);
    house.ok('account', 'change', '--live-rights', 'off');
    assert.equal((await eve.get(`/tokens/${token.id}`)).json.permissionsInForce.length, 2);
  });
});

describe('who sees what', () => {
  test('everybody their own, a System Administrator all', async (t) => {
    const house = makeHouse(t);
    addUser(house, 'eve@example.com', 'Power User');
    addUser(house, 'bob@example.com', 'Power User');
    addUser(house, 'guest@example.com', 'Guest User');
    await house.start();
    const [ada, eve, bob, guest] = await Promise.all([loggedIn(house), loggedIn(house, 'eve@example.com', PASSWORD),
      loggedIn(house, 'bob@example.com', PASSWORD), loggedIn(house, 'guest@example.com', PASSWORD)]);
    const { token } = await make(eve, { title: 'of eve' });
    await make(bob, { title: 'of bob' });
    const titles = async (v, query = '') => (await v.get(`/tokens${query}`)).json.data.map((row) => row.title).sort();
    assert.deepEqual(await titles(ada), ['of bob', 'of eve']);
    assert.deepEqual(await titles(eve), ['of eve']);
    assert.deepEqual(await titles(bob, '?q=of'), ['of bob']);
    assert.deepEqual(await titles(bob, `?creator=${token.creator.uid}`), []);
    assert.deepEqual(await titles(ada, `?creator=${token.creator.uid}`), ['of eve']);
    assert.deepEqual(await titles(guest), []);
    for (const ask of [['GET', ''], ['GET', '/events'], ['GET', '/use'], ['GET', '/refusals'], ['POST', '/suspend'], ['POST', '/resume'], ['DELETE', '']]) {
      assertProblem(await bob.ask(ask[0], `/tokens/${token.id}${ask[1]}`), 404, 'NOT_FOUND');
    }
    assertProblem(await bob.patch(`/tokens/${token.id}`, { title: 'mine' }, { headers: { 'if-match': '"1"' } }), 404, 'NOT_FOUND');
    assert.equal((await ada.patch(`/tokens/${token.id}`, { title: 'seen' }, { headers: { 'if-match': '"1"' } })).status, 200);
    // a role without API Credentials:Manage
    for (const ask of [['POST', '/tokens', {}], ['GET', '/tokens/new'], ['POST', '/tokens/check-key', {}], ['POST', '/tokens/check-addresses', {}],
      ['DELETE', `/tokens/${token.id}`], ['POST', `/tokens/${token.id}/suspend`]]) {
      const reply = await guest.ask(ask[0], ask[1], { body: ask[2] });
      assertProblem(reply, 403, 'NOT_PERMITTED');
      assert.match(reply.json.detail, /API Credentials:Manage/);
    }
    // events: one's own and of one's tokens
    const kinds = (list) => list.json.data.map((e) => `${e.kind}/${e.action}/${e.actor.name}`);
    const seen = kinds(await eve.get('/events?kind=API+token+updated'));
    assert.deepEqual(seen, [`API token updated/edited/${ADMIN}`, 'API token updated/created/eve@example.com']);
    assert.ok((await eve.get('/events')).json.data.every((e) => e.actor.name === 'eve@example.com' || e.object.id === token.id || e.object.name === 'eve@example.com'));
    assert.equal((await bob.get(`/events?object=${token.id}`)).json.total, 0);
  });

  test('nobody without a session', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    ada.cookie = null;
    for (const path of ['/tokens', '/tokens/x', '/events', '/events/export', '/users', '/roles', '/groups', '/devices', '/account', '/licences', '/search?q=x', '/permissions']) {
      assertProblem(await ada.get(path), 401, 'NOT_LOGGED_IN');
    }
  });
});

describe('the list of tokens', () => {
  test('every sort shows each once, in both directions; filters hold', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const pair = keyPair();
    for (let i = 0; i < 23; i++) {
      await make(ada, { title: ['Beta', 'alpha', 'Ärger', '100%'][i % 4], expiresOn: day(1 + i % 6),
        key: i % 2 ? { kind: 'public', publicKey: pair.pem, proof: null } : { kind: 'generate' } });
    }
    const all = (await walk(ada, '/tokens')).rows;
    for (const id of all.slice(0, 3).map((row) => row.id)) await ada.post(`/tokens/${id}/suspend`);
    const ids = all.map((row) => row.id).sort();
    for (const sort of ['expiresOn', 'title', 'kind', 'label', 'creator', 'lastUsedAt', 'changedAt', 'createdAt']) {
      const up = await walk(ada, '/tokens', { sort });
      const down = await walk(ada, '/tokens', { sort: `-${sort}` });
      assert.deepEqual(up.rows.map((row) => row.id).sort(), ids, sort);
      assert.equal(up.total, 23);
      assert.deepEqual(down.rows.map((row) => row.id), up.rows.map((row) => row.id).reverse(), sort);
    }
    const titles = (await walk(ada, '/tokens', { sort: 'title' })).rows.map((row) => row.title);
    assert.deepEqual([...new Set(titles)], ['100%', 'alpha', 'Beta', 'Ärger'], 'case does not matter');
    const total = async (query) => (await ada.get(`/tokens?${new URLSearchParams(query)}`)).json.total;
    assert.equal(await total({ kind: 'ES256' }), 11);
    assert.equal(await total({ label: 'Suspended' }), 3);
    assert.equal(await total({ label: 'Active,Suspended,Expires soon,Expired' }), 23);
    assert.equal(await total({ label: 'Expired' }), 0);
    assert.equal(await total({ q: 'ÄRGER' }), titles.filter((x) => x === 'Ärger').length);
    assert.equal(await total({ q: '0%' }), titles.filter((x) => x === '100%').length);
    assert.equal(await total({ q: '%' }), titles.filter((x) => x === '100%').length, 'no wildcard');
    assert.equal(await total({ q: ids[7] }), 1);
    assert.equal(await total({ q: ADMIN }), 23);
    assert.equal(await total({ creator: 'nobody' }), 0);
  });

  test('what cannot be asked is refused', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    for (let i = 0; i < 3; i++) await make(ada, { title: `t${i}` });
    const { next } = (await ada.get('/tokens?pageSize=1&sort=title')).json;
    assert.equal((await ada.get(`/tokens?pageSize=2&sort=title&after=${next}`)).json.data.length, 2, 'another page size is the same list');
    for (const [query, field] of [['sort=secret', 'sort'], ['sort=-', 'sort'], ['label=Dead', 'label'], ['kind=none', 'kind'], ['pageSize=0', 'pageSize'],
      ['pageSize=501', 'pageSize'], ['pageSize=x', 'pageSize'], ['nonsense=1', 'nonsense'], ['after=AAAA', 'after'], [`after=${next}`, 'after'],
      [`sort=-title&after=${next}`, 'after'], [`sort=title&q=t&after=${next}`, 'after'], [`sort=title&after=${next.slice(0, -2)}AA`, 'after']]) {
      const reply = await ada.get(`/tokens?${query}`);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, query);
    }
    addUser(house, 'eve@example.com', 'System Administrator');
    const eve = await loggedIn(house, 'eve@example.com', PASSWORD);
    assertProblem(await eve.get(`/tokens?sort=title&after=${next}`), 422, 'INVALID');
    assertProblem(await ada.get('/tokens?q=a&q=b'), 400, 'MALFORMED');
  });
});

describe('Event History', () => {
  test('is filtered, followed and exported alike', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const before = (await ada.get('/events?pageSize=1')).json.data[0].id;
    const { token } = await make(ada, { title: '=cmd|calc', description: 'two\r\nlines, "quoted"' });
    await ada.patch(`/tokens/${token.id}`, { title: '@SUM(A1)' }, { headers: { 'if-match': '"1"' } });
    house.ok('group', 'add', 'Paris');
    const fresh = (await ada.get(`/events?newerThan=${before}`)).json.data;
    assert.deepEqual(fresh.map((e) => e.kind), ['Device group updated', 'API token updated', 'API token updated']);
    assert.deepEqual([fresh[0].actor.kind, fresh[1].actor.kind], ['command', 'user']);
    assert.equal((await ada.get(`/events?newerThan=${fresh[0].id}`)).json.data.length, 0);
    const count = async (query) => (await ada.get(`/events?${new URLSearchParams(query)}`)).json.total;
    assert.equal(await count({ kind: 'Device group updated,API token updated' }), 3);
    assert.equal(await count({ kind: 'API token updated', q: 'sum(' }), 1);
    assert.equal(await count({ object: token.id }), 2);
    assert.equal(await count({ actor: 'GROUP ADD' }), 1);
    assert.equal(await count({ from: new Date(Date.now() + 60_000).toISOString() }), 0);
    assert.equal(await count({ object: token.id, to: new Date(Date.now() + 60_000).toISOString() }), 2);
    for (const [query, field] of [['kind=Nothing', 'kind'], ['from=yesterday', 'from'], ['newerThan=-1', 'newerThan'], ['sort=id', 'sort'], ['format=csv', 'format']]) {
      const reply = await ada.get(`/events?${query}`);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field);
    }
    assert.ok((await ada.get('/events/kinds')).json.data.includes('API token expired'));
    const walked = await walk(ada, '/events', {}, 2);
    assert.equal(walked.rows.length, walked.total);
    assert.deepEqual(walked.rows.map((e) => e.id), walked.rows.map((_, i) => walked.rows[0].id - i), 'no gaps');

    const lines = (await ada.get('/events/export?format=jsonl'));
    assert.match(lines.headers['content-disposition'], /attachment; filename="event-history-.*\.jsonl"/);
    assert.deepEqual(lines.text.trim().split('\n').map((line) => JSON.parse(line)), walked.rows);
    const some = await ada.get(`/events/export?format=jsonl&object=${token.id}`);
    assert.equal(some.text.trim().split('\n').length, 2);
    const csv = (await ada.get(`/events/export?format=csv&object=${token.id}`)).text;
    const rows = readCsv(csv);
    assert.deepEqual(rows[0].slice(0, 4), ['id', 'at', 'kind', 'action']);
    assert.equal(rows.length, 3);
    const name = rows[0].indexOf('objectName');
    assert.deepEqual([rows[1][name], rows[2][name]], ["'@SUM(A1)", "'=cmd|calc"], 'a formula is a text');
    assert.deepEqual(JSON.parse(rows[2].at(-1)).after.description, 'two\r\nlines, "quoted"');
    assertProblem(await ada.get('/events/export?format=xml'), 422, 'INVALID');
  });
});

/** RFC 4180, by the book. */
function readCsv(text) {
  const rows = [[]];
  for (const [, field, end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    rows.at(-1).push(field.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  assert.deepEqual(rows.pop(), []);
  return rows;
}

test('the catalogue shows what opens what', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const { data, operations } = (await ada.get('/permissions')).json;
  const names = data.flatMap((row) => [row.view, row.manage, ...row.other]).filter(Boolean).map((action) => action.name);
  const listed = JSON.parse(must(['role', 'permissions', '--json'])).map((row) => row.name);
  assert.deepEqual(names.toSorted(), listed.toSorted());
  const document = JSON.parse(readFileSync(new URL('../../api/tokenhouse.openapi.json', import.meta.url)));
  assert.equal(operations.length, Object.values(document.paths).flatMap((path) => Object.keys(path)).length);
});
