// SPDX-License-Identifier: Apache-2.0
//
// Bearer tokens: only where the account allows them, only over TLS, kept as a hash only, and
// made to be found by scanners.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { tlsOf } from './support/certificates.mjs';
import { Visitor, loggedIn, send } from './support/console.mjs';
import { ADMIN, ROOT, makeHouse, sign, until } from './support/house.mjs';
import { askSigned } from './support/signed.mjs';
import { contents, list, refused } from './support/outside.mjs';

const WHOAMI = '/v3/whoami';
const SHAPE = /^th_[0-9a-f]{32}_[0-9A-Za-z]{49}$/;

/** A house that speaks TLS, and trusts what a proxy on this machine says. */
async function openTls(t, settings = '') {
  const house = makeHouse(t);
  await house.start({ ini: `${tlsOf(house).ini}${settings}` });
  house.scheme = 'https';
  return house;
}

const make = (house, ...more) => list(house, 'token', 'create', '--user', ADMIN, '--title', 'bearer', '--bearer', ...more);
const ask = (house, bearer, method = 'GET', path = WHOAMI, { headers = {}, body } = {}) =>
  send(house, method, path, { headers: { authorization: `Bearer ${bearer}`, ...headers }, body });

test('off, it is neither made nor taken; on, it opens the ordinary door', async (t) => {
  const house = await openTls(t);
  refused(house.cli('token', 'create', '--user', ADMIN, '--title', 'x', '--bearer'), 1, /does not allow bearer tokens/);
  assert.equal(list(house, 'account', 'show').allowBearer, false);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const made = make(house, '--permission', 'Device reports:View', '--permission', 'Device Fields:View');
  assert.match(made.secret, SHAPE);
  assert.equal(made.secret.slice(3, 35), made.id.replaceAll('-', ''));
  await until(() => ask(house, made.secret), (reply) => reply.status === 200);

  const who = await ask(house, made.secret);
  assert.deepEqual([who.json.data.tokenId, who.json.data.alg], [made.id, 'bearer']);
  assert.equal((await ask(house, made.secret, 'HEAD')).status, 200);
  assert.equal((await ask(house, made.secret, 'GET', '/v3/reporting/devices')).status, 200);
  const challenge = async () => (await send(house, 'GET', WHOAMI, {})).headers['www-authenticate'];
  assert.equal(await challenge(), 'Signature realm="Tokenhouse", Bearer realm="Tokenhouse"');
  const no = await ask(house, made.secret, 'PUT', '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555', { body: '{}' });
  assert.equal(no.json.details[0].code, 'PERMISSION_MISSING');
  assert.equal((await send(house, 'GET', WHOAMI, { headers: { authorization: `bEARER  ${made.secret} ` } })).status, 200);

  // what is kept is its hash, and nothing of it is written anywhere
  const dump = contents(house);
  assert.ok(dump.toLowerCase().includes(createHash('sha256').update(made.secret).digest('hex')));
  assert.ok(!dump.includes(made.secret.slice(36, 70)) && !house.log.includes(made.secret.slice(36, 70)));

  // switched off again, only who holds one is told
  house.ok('account', 'change', '--allow-bearer', 'off');
  await until(() => ask(house, made.secret), (reply) => reply.status === 401);
  const off = await ask(house, made.secret);
  assert.equal(off.json.details[0].code, 'BEARER_NOT_ALLOWED');
  assert.equal(await challenge(), 'Signature realm="Tokenhouse"');
  const stranger = await ask(house, `${made.secret.slice(0, -7)}x${made.secret.slice(-6)}`);
  assert.equal(stranger.status, 401);
  assert.deepEqual(stranger.json.details, []);
  const events = list(house, 'events', 'list').filter((event) => event.event === 'Setting updated');
  assert.equal(events.length, 2);
});

/** The same with another secret, and a checksum that fits. */
function forge(bearer, change) {
  const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const body = change(bearer.slice(0, -6));
  let crc = crc32(body);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = DIGITS[crc % 62] + digits;
    crc = Math.floor(crc / 62);
  }
  return body + digits;
}

test('what is nearly one is heard like any stranger', async (t) => {
  const house = await openTls(t);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const [one, two] = [make(house), make(house)];
  const signing = house.hs256('signs');
  await until(() => ask(house, two.secret), (reply) => reply.status === 200);
  await until(() => askSigned(house, signing, 'GET', WHOAMI), (reply) => reply.status === 200);
  const swap = (text, at) => text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);
  const texts = [
    forge(one.secret, (body) => swap(body, 40)), forge(one.secret, (body) => swap(body, body.length - 1)),
    forge(one.secret, (body) => two.secret.slice(0, 36) + body.slice(36)), swap(one.secret, 84), swap(one.secret, 10),
    forge(one.secret, (body) => `th_${'0'.repeat(32)}${body.slice(35)}`), one.secret.slice(0, -1), `${one.secret}0`, 'th_', 'th_x',
    forge(one.secret, (body) => `th_${signing.id.replaceAll('-', '')}${body.slice(35)}`), one.secret.toUpperCase().replace('TH_', 'th_'),
  ];
  assert.equal(forge(one.secret, (body) => body), one.secret, 'the checksum is the CRC-32 of zlib');
  let heard;
  for (const text of texts) {
    const reply = await ask(house, text);
    assert.equal(reply.status, 401, text);
    heard ??= reply.text;
    assert.equal(reply.text, heard, text);
  }
  // it signs nothing, whatever somebody claims
  const fake = { ...one, alg: 'HS256', key: Buffer.from(one.secret) };
  for (const jws of [await sign(fake, 'GET', WHOAMI), await sign({ ...fake, key: createHash('sha256').update(one.secret).digest() }, 'GET', WHOAMI)]) {
    assert.equal((await send(house, 'POST', '/jws/validate', { body: jws })).text, heard);
  }
  assert.equal((await askSigned(house, { ...fake, secret: one.secret }, 'GET', WHOAMI)).text, heard);
  // a signature goes before it, and tokens of other houses are none of our business
  assert.equal((await askSigned(house, signing, 'GET', WHOAMI, { headers: { authorization: `Bearer ${one.secret}` } })).json.data.tokenId, signing.id);
  assert.equal((await ask(house, 'eyJhbGciOiJIUzI1NiJ9.e30.x')).json.details[0].code, 'NOT_SIGNED');
});

/** What is the same of two answers but for their id and time. */
const shape = ({ status, text, headers }) => [status, text, Object.entries(headers)
  .filter(([name]) => !['x-request-id', 'date'].includes(name)).map((pair) => pair.join(': '))];

test('a canary is heard like a deleted one, whether or not bearer tokens are taken', async (t) => {
  const house = await openTls(t);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const [canary, gone, other] = [make(house, '--canary'), make(house), make(house)];
  house.ok('token', 'delete', gone.id);
  await until(() => ask(house, other.secret), (reply) => reply.status === 200);
  await until(() => ask(house, gone.secret), (reply) => reply.status === 401);
  const used = () => list(house, 'events', 'list').filter((event) => event.event === 'API token canary used').length;
  assert.deepEqual(shape(await ask(house, canary.secret)), shape(await ask(house, gone.secret)));
  assert.equal(used(), 1);
  house.ok('account', 'change', '--allow-bearer', 'off');
  await until(() => ask(house, other.secret), (reply) => reply.status === 401);
  assert.equal((await ask(house, other.secret)).json.details[0].code, 'BEARER_NOT_ALLOWED');
  assert.deepEqual(shape(await ask(house, canary.secret)), shape(await ask(house, gone.secret)));
});

test('its successor is one again, or has a key; a token with a key is not made weaker by a roll', async (t) => {
  const house = await openTls(t);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const old = make(house);
  const keyed = house.hs256('keyed');
  refused(house.cli('token', 'roll', keyed.id, '--bearer'), 1, /not rolled into a bearer token/);
  const next = list(house, 'token', 'roll', old.id, '--bearer', '--overlap', '0');
  assert.match(next.secret, SHAPE);
  assert.notEqual(next.secret, old.secret);
  await until(() => ask(house, old.secret), (reply) => reply.json.details?.[0]?.code === 'TOKEN_REPLACED');
  assert.equal((await ask(house, next.secret)).status, 200);
  const strong = list(house, 'token', 'roll', next.id);
  assert.equal(strong.algorithm, 'HS256');
  const ada = await loggedIn(house);
  assert.equal((await ada.get(`/tokens/${keyed.id}`)).json.kind, 'HS256');
  const etag = (await ada.get(`/tokens/${keyed.id}`)).headers.etag;
  const no = await ada.post(`/tokens/${keyed.id}/roll`, { key: { kind: 'bearer' } }, { headers: { 'if-match': etag } });
  assert.equal(no.status, 422, no.text);
  assert.equal(no.json.errors[0].field, 'key.kind');
});

test('explain tells of it, and of the setting that it needs', async (t) => {
  const house = await openTls(t);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const made = make(house);
  const explained = () => house.cli('explain', made.id, 'GET', WHOAMI);
  assert.equal(explained().status, 0, explained().stdout);
  house.ok('account', 'change', '--allow-bearer', 'off');
  assert.match(explained().stdout, /does not take bearer tokens/);
  assert.match(explained().stdout, /Roll the token to one with a key/);
});

test('in plain text it is refused, and called leaked', async (t) => {
  const house = makeHouse(t);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const made = make(house);
  await house.start({ ini: '[server]\ntrusted_proxies = 127.0.0.1\n' });
  for (const bearer of [made.secret, `th_${'0'.repeat(32)}_${'0'.repeat(49)}`]) {
    const reply = await ask(house, bearer);
    assert.equal(reply.status, 400);
    assert.equal(reply.json.details[0].code, 'TLS_REQUIRED');
    assert.match(reply.text, /leaked/);
  }
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
  assert.equal((await ask(house, made.secret, 'GET', WHOAMI, { headers })).status, 200, 'a trusted proxy ends TLS');
});

test('scanners find it by the rules of docs/secret-scanning.md', async (t) => {
  const house = makeHouse(t);
  house.ok('account', 'change', '--allow-bearer', 'on');
  const document = readFileSync(join(ROOT, 'docs/secret-scanning.md'), 'utf8');
  const rules = [...document.matchAll(/\\bth_\S*?\\b/g)].map((m) => m[0]);
  assert.equal(rules.length, 3);
  const python = /^```python\n([^]*?)^```$/m.exec(document)[1];
  const isOne = (text) => spawnSync('python3', ['-c', `${python}\nimport sys\nprint(is_tokenhouse(sys.argv[1]))`, text], { encoding: 'utf8' }).stdout.trim();
  const out = join(house.folder, 'bearer.txt');
  const made = [make(house).secret, make(house).secret];
  house.ok('token', 'create', '--user', ADMIN, '--title', 'to a file', '--bearer', '--out', out);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  made.push(readFileSync(out, 'utf8').trim());
  made.push(/th_\S+/.exec(document)[0]);
  for (const secret of made) {
    for (const rule of rules) {
      assert.equal(new RegExp(rule).exec(`KEY="${secret}";`)[0], secret);
      assert.equal(new RegExp(rule).exec(`${secret}x`), null);
    }
    assert.equal(isOne(secret), 'True');
    assert.equal(isOne(`${secret.slice(0, -1)}${secret.at(-1) === 'a' ? 'b' : 'a'}`), 'False');
  }
  assert.equal(new Set(made).size, made.length);
});

test('the console makes one where it is allowed, and lists it as what it is', async (t) => {
  const house = makeHouse(t);
  await house.start();
  const ada = await loggedIn(house);
  assert.ok(ada instanceof Visitor);
  const body = { title: 'by the console', key: { kind: 'bearer' } };
  const no = await ada.post('/tokens', body);
  assert.equal(no.status, 403, no.text);
  assert.match(no.json.detail, /does not allow bearer tokens/);
  const account = await ada.get('/account');
  assert.equal(account.json.allowBearer, false);
  assert.equal((await ada.patch('/account', { allowBearer: true }, { headers: { 'if-match': account.headers.etag } })).json.allowBearer, true);
  const made = await ada.post('/tokens', body);
  assert.equal(made.status, 201, made.text);
  assert.match(JSON.stringify(made.json), /th_[0-9a-f]{32}_/);
  const listed = await ada.get('/tokens?kind=bearer');
  assert.deepEqual(listed.json.data.map((token) => [token.title, token.kind]), [['by the console', 'bearer']]);
  assert.equal((await ada.get('/tokens?kind=HS256')).json.data.length, 0);
});
