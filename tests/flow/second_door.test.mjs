// SPDX-License-Identifier: Apache-2.0
//
// The second door: ordinary requests signed by RFC 9421. Signed by a library that is not
// ours; structured fields are written by another one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDictionary, serializeDictionary, Token } from 'structured-headers';
import { send } from './support/console.mjs';
import { openHouse, until } from './support/house.mjs';
import { askSigned, digestOf, signRequest } from './support/signed.mjs';

const DEVICE = '11111111-2222-4333-8444-555555555555';
const FIELDS = `/v3/configurations/customfields/devices/${DEVICE}`;
const WHOAMI = '/v3/whoami';

const known = (house, token) => until(() => askSigned(house, token, 'GET', WHOAMI), (reply) => reply.status === 200);

test('both algorithms open it, and a JWS gets the same answer', async (t) => {
  const house = await openHouse(t);
  const tokens = [house.hs256('hs'), house.es256('es')];
  for (const token of tokens) await known(house, token);
  for (const token of tokens) {
    const strip = (json) => ({ ...json.data, serverDateTimeUtc: '' });
    const reply = await askSigned(house, token, 'GET', WHOAMI);
    assert.equal(reply.json.data.tokenId, token.id);
    assert.deepEqual(strip(reply.json), strip((await house.ask(token, 'GET', WHOAMI)).json));

    const list = await askSigned(house, token, 'GET', '/v3/reporting/devices?pageSize=2&select=esn',
      { fields: ['@method', '@authority', '@path', '@query', '@scheme', '@query-param;name="pageSize"', 'host'] });
    assert.deepEqual(list.json, (await house.ask(token, 'GET', '/v3/reporting/devices', { query: 'pageSize=2&select=esn' })).json);
    assert.equal(list.status, 200);

    const head = await askSigned(house, token, 'HEAD', WHOAMI);
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.ok(Number(head.headers['content-length']) > 0);
  }
});

test('a body is signed by its digest, and nothing else is taken for it', async (t) => {
  const house = await openHouse(t);
  const token = house.es256('es');
  const body = '{"deviceUid":"nothing"}';
  await known(house, token);
  const refused = (reply, status, code, words) => {
    assert.equal(reply.status, status, reply.text);
    assert.equal(reply.json.details[0].code, code, reply.text);
    assert.match(reply.text, words);
  };
  const direct = await house.ask(token, 'PUT', FIELDS, { data: JSON.parse(body) });
  for (const headers of [{}, { 'content-digest': digestOf(body, 'sha512') }]) {
    const reply = await askSigned(house, token, 'PUT', FIELDS, { body, headers });
    assert.equal(reply.status, direct.status);
    assert.deepEqual(reply.json, direct.json, 'the resource saw the same body');
  }
  const signed = await signRequest(house, token, 'PUT', FIELDS, { body });
  refused(await send(house, 'PUT', FIELDS, { headers: signed.headers, body: body.replace('nothing', 'another') }),
    400, 'CONTENT_DIGEST_MISMATCH', /another sha-256/);
  refused(await send(house, 'PUT', FIELDS, { headers: signed.headers, body }), 401, 'REQUEST_ALREADY_USED', /already/);
  const bare = { body, fields: ['@method', '@target-uri'] };
  refused(await askSigned(house, token, 'PUT', FIELDS, bare), 400, 'BAD_SIGNATURE_INPUT', /content-digest/);
  refused(await askSigned(house, token, 'PUT', FIELDS, { body, params: ['created', 'keyid'] }), 400, 'BAD_SIGNATURE_INPUT', /nonce/);
});

test('what is not signed hears what would be taken, and nothing about tokens', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('hs');
  await known(house, token);
  const strangers = [
    await askSigned(house, { ...token, id: 'nobody' }, 'GET', WHOAMI),
    await askSigned(house, { ...token, secret: 'x'.repeat(88) }, 'GET', WHOAMI),
    await send(house, 'GET', WHOAMI, {
      headers: { ...(await signRequest(house, token, 'GET', '/v3/reporting/devices')).headers },
    }),
  ];
  for (const reply of strangers) {
    assert.equal(reply.status, 401);
    assert.equal(reply.text, strangers[0].text);
    assert.equal(reply.headers['www-authenticate'], 'Signature realm="Tokenhouse"');
    const [[covered, params]] = parseDictionary(reply.headers['accept-signature']).values();
    assert.deepEqual(covered.map(([name]) => name), ['@method', '@target-uri']);
    assert.deepEqual([...params.keys()], ['created', 'tag']);
  }
  const unsigned = await send(house, 'PUT', WHOAMI, { body: '{}' });
  assert.equal(unsigned.status, 401);
  assert.equal(unsigned.json.details[0].code, 'NOT_SIGNED');
  assert.match(unsigned.text, /compact JWS with POST \/jws\/validate/);
  assert.match(unsigned.headers['accept-signature'], /"content-digest"/);
  assert.equal((await send(house, 'GET', '/v3/no/such/thing')).text, (await send(house, 'GET', WHOAMI)).text,
    'not even whether there is such a path');
  const options = await send(house, 'OPTIONS', WHOAMI);
  assert.equal(options.status, 204);
  assert.match(options.headers.allow, /\bGET\b.*\bOPTIONS\b/);
  assert.equal((await send(house, 'GET', '/nothing')).status, 404);
  assert.equal((await askSigned(house, token, 'GET', '/nothing')).status, 404);
});

test('of several signatures the one tagged for us counts', async (t) => {
  const house = await openHouse(t);
  const token = house.es256('es');
  await known(house, token);
  const stranger = { ...token, id: 'a-proxy' };
  const params = ['created', 'keyid', 'tag'];
  const both = async (tag) => {
    const first = await signRequest(house, stranger, 'GET', WHOAMI, { name: 'proxy', params, paramValues: { tag: 'proxy' } });
    const { headers } = await signRequest(house, token, 'GET', WHOAMI, { headers: first.headers, params, paramValues: { tag } });
    return send(house, 'GET', WHOAMI, { headers });
  };
  assert.equal((await both('tokenhouse')).status, 200);
  const reply = await both('other');
  assert.equal(reply.status, 400);
  assert.match(reply.text, /there are 2 signatures, and 0 of them/);
});

/**
 * A random dictionary of structured fields, as structured-headers writes it. Without dates:
 * that library reads them only at the end of a text (tests/unit/httpsig has them).
 */
function makeDictionary(pick) {
  const text = () => Array.from({ length: pick(8) }, () => String.fromCharCode(0x20 + pick(0x5f))).join('');
  const key = () => `${'abcdefghij*'[pick(11)]}${'abc0_-.*'[pick(8)]}${pick(1000)}`;
  const bare = () => [
    () => pick(2 ** 30) - 2 ** 29, () => (pick(2_000_000) - 1_000_000) / 1000 + 0.001, text,
    () => new Token(`${'aA*'[pick(3)]}/${'x:y!#'[pick(5)]}`), () => pick(2) === 1,
    () => Uint8Array.from({ length: pick(9) }, () => pick(256)).buffer,
  ][pick(6)]();
  const params = () => new Map(Array.from({ length: pick(4) }, () => [key(), bare()]));
  const value = () => (pick(3) === 0
    ? [Array.from({ length: pick(4) }, () => [bare(), params()]), params()]
    : [bare(), params()]);
  return serializeDictionary(new Map(Array.from({ length: 1 + pick(6) }, () => [key(), value()])));
}

/** A small generator with a seed, so that a failure can be had again. */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor(state / 2 ** 32 * n);
  };
}

test('structured fields are read and written as another library does', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('hs');
  await known(house, token);
  const pick = dice(20261127);
  const fields = ['@method', '@target-uri', 'priority;sf'];
  let read = 0;
  for (let i = 0; i < 300; i++) {
    const written = makeDictionary(pick);
    // blanks where the grammar allows them, which both sides must take out again
    const loose = pick(2) ? written : written.replaceAll(', ', ' ,\t');
    let priority = loose;
    if (pick(3) === 0) { // one byte is another one
      const at = pick(loose.length);
      priority = loose.slice(0, at) + String.fromCharCode(0x21 + pick(0x5e)) + loose.slice(at + 1);
      const keys = priority.match(/[;,] *[a-z*][a-z0-9_.*-]*/g) ?? [];
      try {
        parseDictionary(priority);
      } catch {
        continue; // the next test has those
      }
      if (new Set(keys).size !== keys.length) continue; // a name twice: we are stricter
    }
    const signed = await signRequest(house, token, 'GET', WHOAMI, { headers: { priority }, fields });
    const reply = await send(house, 'GET', WHOAMI, { headers: signed.headers });
    assert.equal(reply.status, 200, `${priority}\n${reply.text}`);
    read++;
  }
  assert.ok(read > 150, `${read} were compared`);
});

test('what is no dictionary for another library is none for us', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('hs');
  await known(house, token);
  const pick = dice(7);
  let compared = 0;
  for (let i = 0; i < 400; i++) {
    const written = makeDictionary(pick);
    const at = pick(written.length + 1);
    const broken = (written.slice(0, at) + ' "(),;=:?%*aZ0-'[pick(15)] + written.slice(at)).trim();
    let isRead = true;
    try {
      parseDictionary(broken);
    } catch {
      isRead = false;
    }
    if (isRead) continue; // compared above
    const { headers } = await signRequest(house, token, 'GET', WHOAMI, { headers: { priority: 'a' }, more: ['priority;sf'] });
    const reply = await send(house, 'GET', WHOAMI, { headers: { ...headers, priority: broken } });
    assert.equal(reply.status, 400, `${broken}\n${reply.text}`);
    assert.match(reply.text, /not the structured field/);
    const input = await send(house, 'GET', WHOAMI, { headers: { 'signature-input': broken, signature: 'a=:AAAA:' } });
    assert.equal(input.status, 400, broken);
    compared++;
  }
  assert.ok(compared > 100, `${compared} were compared`);
});
