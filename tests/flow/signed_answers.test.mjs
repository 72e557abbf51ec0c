// SPDX-License-Identifier: Apache-2.0
//
// Answers signed on demand (RFC 9421 section 5), verified by a library that is not ours,
// and by tokenhouse call --verify-answer with somebody in between.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVerifier, httpbis } from 'http-message-signatures';
import { calculateJwkThumbprint } from 'jose';
import { parseDictionary } from 'structured-headers';
import { send } from './support/console.mjs';
import { ADMIN, PROGRAM, openHouse, sign, until } from './support/house.mjs';
import { askSigned, digestOf, signRequest } from './support/signed.mjs';

const WHOAMI = '/v3/whoami';
const DEVICES = '/v3/reporting/devices';

/** Verifies an answer by the server's key; gives the parameters of its signature. */
async function verify(house, reply, request) {
  const key = createPublicKey(house.ok('events', 'key'));
  let params;
  const good = await httpbis.verifyMessage({
    keyLookup: (given) => {
      params = given;
      return { id: given.keyid, algs: ['ecdsa-p256-sha256'], verify: createVerifier(key, 'ecdsa-p256-sha256') };
    },
    tolerance: 5,
  }, { status: reply.status, headers: reply.headers }, request);
  assert.equal(good, true);
  assert.equal(params.keyid, await calculateJwkThumbprint(key.export({ format: 'jwk' })));
  assert.equal(reply.headers['content-digest'], digestOf(reply.bytes));
  return params;
}

test('both doors sign what is asked for, with label, nonce and tag of the caller', async (t) => {
  const house = await openHouse(t);
  const [token, narrow] = [house.es256('es'), house.hs256('narrow', '--permission', 'Geolocation:View')];
  await until(() => askSigned(house, narrow, 'GET', WHOAMI), (reply) => reply.status === 200);
  const asked = 'mine=("@status" "content-digest" "content-type" "x-request-id" "content-length" "@method";req "@target-uri";req);created;expires;nonce="n-\\"1\\"";tag="a tag"';

  // whoami is answered on the loop, devices by a worker, and what is refused by the gate
  for (const [who, path, status] of [[token, WHOAMI, 200], [token, DEVICES, 200], [narrow, DEVICES, 403], [token, '/v3/nothing', 404]]) {
    const request = await signRequest(house, who, 'GET', path, { headers: { 'accept-signature': asked } });
    const reply = await send(house, 'GET', path, { headers: request.headers });
    assert.equal(reply.status, status);
    const params = await verify(house, reply, request);
    assert.deepEqual([params.nonce, params.tag, params.alg], ['n-"1"', 'a tag', 'ecdsa-p256-sha256']);
    assert.ok(params.expires > params.created / 1000);
    const [label] = [...parseDictionary(reply.headers['signature-input']).keys()];
    assert.equal(label, 'mine');
    const other = { ...reply, headers: { ...reply.headers, 'content-digest': digestOf('other') } };
    await assert.rejects(async () => verify(house, other, request));

    const jws = await sign(who, 'GET', path);
    const headers = { host: `127.0.0.1:${house.port}`, 'content-digest': digestOf(jws),
      'accept-signature': 'sig1=("@status" "content-digest" "@method";req "content-digest";req);nonce="x"' };
    const answer = await send(house, 'POST', '/jws/validate', { headers, body: jws });
    assert.equal(answer.status, status);
    await verify(house, answer, { method: 'POST', url: `${house.url}/jws/validate`, headers });
  }
  // the answer names the signature that it answers
  const bound = { headers: { 'accept-signature': 'a=("@status" "signature";req;key="sig1")' } };
  const request = await signRequest(house, token, 'GET', WHOAMI, bound);
  await verify(house, await send(house, 'GET', WHOAMI, { headers: request.headers }), request);
});

test('what cannot be had is not signed, and neither is what strangers hear', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('hs');
  await until(() => askSigned(house, token, 'GET', WHOAMI), (reply) => reply.status === 200);
  const ask = (field, who = token) => askSigned(house, who, 'GET', WHOAMI, { headers: { 'accept-signature': field } });
  const isSigned = (reply) => {
    const names = ['signature', 'signature-input', 'content-digest'].filter((name) => reply.headers[name]);
    assert.ok(names.length === 0 || names.length === 3, names.join());
    return names.length === 3;
  };
  for (const no of ['a=("date")', 'a=("@method")', 'a=("@status");alg="hmac-sha256"', 'a=("@status");keyid="other"', 'a=("@status");x',
    'a=("@new")', 'a="@status"', 'a', 'a=("@status"', 'a=("@status" "@status")', 'a=("@status");created=1', 'a=("@status"), a=("@status")']) {
    const reply = await ask(no);
    assert.equal(reply.status, 200);
    assert.equal(isSigned(reply), false, no);
  }
  for (const yes of ['a=("@status")', 'a=()', 'a=("date"), b=("@status")', 'a=("@status");alg="ecdsa-p256-sha256"']) {
    assert.equal(isSigned(await ask(yes)), true, yes);
  }
  const stranger = await ask('a=("@status")', { ...token, id: 'nobody' });
  assert.equal(stranger.status, 401);
  assert.equal(isSigned(stranger), false);
  // a canary is a stranger, whoever writes its use down, and also when nobody does
  const canary = house.hs256('bait', '--canary');
  const used = async () => JSON.parse(house.ok('events', 'list', '--json')).some((event) => event.event === 'API token canary used');
  await until(() => ask('a=("@status")', canary), used);
  house.ok('token', 'suspend', canary.id);
  for (let i = 0; i < 20; i++) {
    const trap = await ask('a=("@status")', canary);
    assert.equal(trap.text, stranger.text);
    assert.equal(isSigned(trap), false);
  }
  assert.equal(isSigned(await send(house, 'GET', WHOAMI, { headers: { 'accept-signature': 'a=("@status")' } })), false);
});

/** Somebody in between, who changes answers by `change(reply)`. */
async function between(t, house, change) {
  const kept = { changes: 0 };
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      const reply = await send(house, request.method, request.url,
        { headers: request.headers, body: parts.length ? Buffer.concat(parts) : undefined });
      const { status, headers, bytes } = kept.change(reply);
      response.writeHead(status, { ...headers, 'content-length': bytes.length, connection: 'close' }).end(bytes);
    });
  });
  kept.change = change;
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  t.after(() => server.close());
  kept.url = `http://127.0.0.1:${server.address().port}`;
  return kept;
}

test('call --verify-answer believes the server, and nobody in between', async (t) => {
  const house = await openHouse(t);
  const token = join(house.folder, 'x.token');
  house.ok('token', 'create', '--user', ADMIN, '--title', 'verified', '--out', token);
  const key = house.file('server.pem', house.ok('events', 'key'));
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  const call = (...args) => new Promise((done) => {
    const child = spawn(PROGRAM, ['call', ...args, '--token', token]);
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (bytes) => { out[name] += bytes; });
    child.stdin.end();
    child.on('close', (status) => done({ status, ...out }));
  });
  const middle = await between(t, house, (reply) => reply);
  const PUT = ['PUT', '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555', '--data', '{"a":1}'];
  await until(() => call('GET', WHOAMI, '--server', house.url), (done) => done.status === 0);
  for (const native of [[], ['--native']]) {
    const ask = (...args) => call(...args, ...native, '--server', middle.url, '--verify-answer', key);
    for (const args of [['GET', WHOAMI], ['GET', `${DEVICES}?pageSize=1`, '--all'], ['HEAD', WHOAMI]]) {
      if (args[0] === 'HEAD' && native.length === 0) continue;
      const done = await ask(...args);
      assert.equal(done.status, 0, `${args} ${done.stderr}`);
    }
    assert.match((await ask(...PUT)).stderr, /the server refused: status 4/, 'a refusal is signed too');

    let last;
    const lies = [
      [/not signed/, ({ headers: { signature, 'signature-input': input, ...headers }, ...reply }) => ({ ...reply, headers })],
      [/another sha-256/, (reply) => ({ ...reply, bytes: Buffer.from(reply.text.replace('verified', 'Verified')) })],
      [/not the server's/, (reply) => ({ ...reply, status: 201 })],
      [/not the server's/, (reply) => {
        const bytes = Buffer.from('{}');
        return { ...reply, bytes, headers: { ...reply.headers, 'content-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:` } };
      }],
      [/something else/, (reply) => ({ ...reply, headers: { ...reply.headers, 'signature-input': reply.headers['signature-input'].replace('"@status" ', '') } })],
      [/for another request/, (reply) => { last ??= reply; return last; }],
    ];
    for (const [words, change] of lies) {
      middle.change = (reply) => reply;
      if (/another request/.test(words.source)) {
        middle.change = change;
        assert.equal((await ask('GET', WHOAMI)).status, 0);
      }
      middle.change = change;
      const done = await ask('GET', WHOAMI);
      assert.equal(done.status, 1);
      assert.equal(done.stdout, '', 'what is not believed is not printed');
      assert.match(done.stderr, words);
    }
    middle.change = (reply) => reply;
    const wrong = await call('GET', WHOAMI, ...native, '--server', middle.url, '--verify-answer', house.file('other.pem', stranger.publicKey));
    assert.match(wrong.stderr, /not the server's/);
  }
});
