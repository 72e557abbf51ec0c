// SPDX-License-Identifier: Apache-2.0
//
// What the answers of an API behind the house carry of ours: limits, signatures, and the
// place that their request holds until they are over. And what strangers hear there.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import { createVerifier, httpbis } from 'http-message-signatures';
import { send } from './support/console.mjs';
import { makeHouse, sign, until } from './support/house.mjs';
import { askSigned, digestOf, signRequest } from './support/signed.mjs';
import { addUpstream, goodServer } from './support/upstream.mjs';

/** A house before an API, and tokens by their names and options. */
async function before(t, handle, { tokens = { Caller: [] }, ini = '', ...more } = {}) {
  const api = await goodServer(t, handle);
  const house = makeHouse(t);
  const made = Object.entries(tokens).map(([name, options]) => house.hs256(name, ...options));
  addUpstream(house, { ports: [api.port], ...more });
  await house.start({ ini });
  await until(() => askSigned(house, made.at(-1), 'GET', '/v3/whoami'), (reply) => reply.status === 200);
  return { api, house, tokens: made };
}

test('a forwarded answer tells its limits as our own do, and so does a failure', async (t) => {
  const { api, house, tokens: [limited, free] } = await before(t, (request, response) => {
    response.writeHead(200, { 'ratelimit-policy': '"theirs";q=9;w=1' });
    if (request.url.endsWith('long')) response.write('x'.repeat(200_000));
    response.end('done');
  }, { tokens: { limited: ['--rate', '100/m', '--quota', '50'], free: [] } });
  for (const id of ['short', 'long']) {
    const reply = await askSigned(house, limited, 'GET', `/things/${id}`);
    assert.equal(reply.status, 200);
    assert.match(reply.headers['ratelimit-policy'], /"token";q=100;w=60, "day";q=50;w=86400/);
    assert.match(reply.headers['ratelimit-policy'], /"theirs";q=9;w=1/, 'the API may have limits of its own');
    assert.match(reply.headers.ratelimit, /^"token";r=\d+;t=\d+, "day";r=\d+;t=\d+$/);
  }
  const jws = await house.ask(limited, 'GET', '/things/short');
  assert.match(jws.headers.get('ratelimit'), /^"token";r=\d+/);
  const none = await askSigned(house, free, 'GET', '/things/short');
  assert.equal(none.headers.ratelimit, undefined);
  api.server.closeAllConnections();
  await new Promise((done) => { api.server.close(done); });
  const dead = await askSigned(house, limited, 'GET', '/things/short');
  assert.equal(dead.status, 502);
  assert.match(dead.headers.ratelimit, /^"token";r=\d+/);
});

/** Verifies an answer by the server's key; the components that its signature covers. */
async function covered(house, reply, request) {
  const key = createPublicKey(house.ok('events', 'key'));
  assert.equal(await httpbis.verifyMessage({
    keyLookup: ({ keyid }) => ({ id: keyid, algs: ['ecdsa-p256-sha256'], verify: createVerifier(key, 'ecdsa-p256-sha256') }),
  }, { status: reply.status, headers: reply.headers }, request), true);
  return [.../\(([^)]*)\)/.exec(reply.headers['signature-input'])[1].matchAll(/"([^"]+)"/g)].map((m) => m[1]);
}

test('a forwarded answer is signed when its caller asks: all of it up to a megabyte, beyond that what is known', async (t) => {
  const { house, tokens: [token] } = await before(t, (request, response) => {
    const [, kind, size] = /things\/([a-z]+)-(\d+)/.exec(request.url);
    const bytes = Buffer.alloc(Number(size), 'y');
    response.writeHead(203, { 'content-type': 'text/plain', etag: '"e1"', ...(kind === 'length' ? { 'content-length': bytes.length } : {}),
      ...(kind === 'own' ? { 'content-digest': digestOf(bytes, 'sha512') } : {}), ...(kind === 'theirs' ? { signature: 'x=:AA==:', 'signature-input': 'x=();created=1' } : {}) });
    if (kind === 'slow') {
      response.write(bytes.subarray(0, 10));
      setTimeout(() => response.end(bytes.subarray(10)), 100);
    } else if (kind === 'chunks') {
      response.write(bytes.subarray(0, 10));
      response.end(bytes.subarray(10));
    } else response.end(bytes);
  });
  const whole = 'a=("@status" "content-digest" "content-type" "etag" "@method";req "@target-uri";req);nonce="n"';
  const known = 'b=("@status" "content-type" "x-request-id" "@target-uri";req)';
  const ask = async (id, asked, method = 'GET') => {
    const request = await signRequest(house, token, method, `/things/${id}`, { headers: { 'accept-signature': asked } });
    return { request, reply: await send(house, method, `/things/${id}`, { headers: request.headers }) };
  };
  for (const id of ['length-10', 'length-300000', 'chunks-300000', 'slow-300000', 'length-1048576', 'chunks-1048576', 'slow-0']) {
    const { reply, request } = await ask(id, whole);
    assert.equal(reply.status, 203);
    assert.deepEqual(await covered(house, reply, request), ['@status', 'content-digest', 'content-type', 'etag', '@method', '@target-uri'], id);
    assert.equal(reply.headers['content-digest'], digestOf(reply.bytes), id);
  }
  for (const id of ['length-1048577', 'chunks-1048577', 'slow-3000000']) {
    const long = await ask(id, `${whole}, ${known}`);
    assert.equal(long.reply.bytes.length, Number(id.split('-')[1]));
    assert.deepEqual(await covered(house, long.reply, long.request), ['@status', 'content-type', 'x-request-id', '@target-uri'], id);
    const no = (await ask(id, whole)).reply;
    assert.deepEqual([no.headers.signature, no.headers['content-digest'], no.status], [undefined, undefined, 203]);
  }
  // the API's own digest is passed on, and can be covered as it came
  const own = await ask('own-10', whole);
  assert.ok((await covered(house, own.reply, own.request)).includes('content-digest'));
  assert.equal(own.reply.headers['content-digest'], digestOf(own.reply.bytes, 'sha512'));
  assert.equal((await ask('theirs-10', whole)).reply.headers.signature, 'x=:AA==:', 'one signature, theirs');
  const head = await ask('length-10', known, 'HEAD');
  assert.ok((await covered(house, head.reply, head.request)).includes('@status'));
  // nobody asked, nobody is answered so
  assert.equal((await askSigned(house, token, 'GET', '/things/length-10')).headers.signature, undefined);
});

test('a request keeps its place until the answer behind is over, or its caller has gone', async (t) => {
  const waiting = [];
  const { house, tokens: [token] } = await before(t, (request, response) => {
    if (request.url === '/things/now') response.end('done');
    else waiting.push(response);
  }, { tokens: { one: ['--concurrent', '1'] }, firstByteMs: 60_000 });
  const code = (reply) => reply.json?.details?.[0]?.code;
  const now = () => askSigned(house, token, 'GET', '/things/now');
  const isFree = () => until(now, (reply) => reply.status === 200);
  const isTaken = async (what) => {
    for (let i = 0; i < 5; i++) assert.equal(code(await now()), 'TOO_MANY_AT_ONCE', what);
  };
  /** Asks, and waits until the API has the request. */
  const begin = async (agent) => {
    const { headers } = await signRequest(house, token, 'GET', '/things/later');
    const asked = http.request({ port: house.port, path: '/things/later', headers, agent });
    const reply = new Promise((done, failed) => { asked.on('response', done).on('error', failed); });
    reply.catch(() => {});
    asked.end();
    await until(async () => waiting.length, (count) => count > 0);
    return { asked, reply, response: waiting.pop() };
  };
  await isFree();
  const one = await begin();
  await isTaken('no answer yet');
  one.response.write('first');
  const answer = await one.reply;
  await isTaken('half an answer');
  one.response.end();
  for await (const bytes of answer) assert.ok(bytes);
  await isFree();

  const gone = await begin();
  await isTaken();
  gone.asked.destroy();
  await isFree();
  const halfway = await begin();
  halfway.response.write('first');
  (await halfway.reply).on('error', () => {});
  await isTaken();
  halfway.asked.destroy();
  await isFree();
  const cut = await begin();
  await isTaken();
  let isAnswered = false;
  cut.reply.then(() => { isAnswered = true; });
  cut.response.destroy();
  await until(async () => {
    waiting.pop()?.destroy(); // a GET is asked once more when a kept connection ends
    return isAnswered;
  }, (isOver) => isOver);
  assert.equal((await cut.reply).statusCode, 502);
  await isFree();
  // by the other door, too
  const jws = await sign(token, 'GET', '/things/later');
  const posted = house.post(jws);
  await until(async () => waiting.length, (count) => count > 0);
  await isTaken();
  waiting.pop().end();
  assert.equal((await posted).status, 200);
  await isFree();
});

test('strangers are told how to sign, wherever an API is', async (t) => {
  const { house } = await before(t, (request, response) => response.end('done'), { prefix: '/shop/eu' });
  for (const path of ['/shop/eu/things/1', '/shop/eu/nothing', '/shop/eu', '/s%68op/eu/things/1', '/v3/whoami']) {
    for (const method of ['GET', 'POST']) {
      const reply = await send(house, method, path, {});
      assert.equal(reply.status, 401, `${method} ${path}`);
      assert.equal(reply.json.details[0].code, 'NOT_SIGNED');
      assert.match(reply.headers['accept-signature'], method === 'GET' ? /"@target-uri"\)/ : /"content-digest"/);
      assert.match(reply.headers['www-authenticate'], /^Signature/);
    }
    const options = await send(house, 'OPTIONS', path, {});
    assert.equal(options.status, 204);
    assert.match(options.headers.allow, /GET/);
  }
  for (const path of ['/shop', '/shop/', '/shop/europe', '/shop/e', '/shop%2Feu/things/1', '/shop/eu%', '/other', '/shop/eu2/things/1']) {
    assert.equal((await send(house, 'GET', path, {})).status, 404, path);
  }
});
