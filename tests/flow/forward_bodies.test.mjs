// SPDX-License-Identifier: Apache-2.0
//
// Bodies of requests that are signed themselves, on their way to an API behind the house:
// as they come, no faster than the API reads, and never to their end unless they are what
// was signed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { tlsOf } from './support/certificates.mjs';
import { loggedIn, send } from './support/console.mjs';
import { ADMIN, makeHouse, sleep, until } from './support/house.mjs';
import { list } from './support/outside.mjs';
import { digestOf, signRequest } from './support/signed.mjs';
import { addUpstream, description } from './support/upstream.mjs';

const MIB = 1 << 20;
const PART = Buffer.from(Array.from({ length: MIB }, (_, i) => (i * 31 + (i >> 8)) & 255));

/** An API that hashes what it hears. Gives { port, seen }, where seen is each request's state. */
async function hashingApi(t, { handle } = {}) {
  const seen = [];
  const server = http.createServer((request, response) => {
    const state = { method: request.method, headers: request.headers, length: 0, isWhole: false, isCut: false, request };
    const hash = createHash('sha256');
    seen.push(state);
    request.on('error', () => {});
    request.on('aborted', () => { state.isCut = true; });
    if (handle?.(request, response, state)) return;
    request.on('data', (bytes) => {
      state.length += bytes.length;
      hash.update(bytes);
    });
    request.on('end', () => {
      state.isWhole = true;
      response.end(JSON.stringify({ length: state.length, hash: hash.digest('hex') }));
    });
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { port: server.address().port, seen };
}

async function before(t, { ini = '', handle, tls = false, options = [], document } = {}) {
  const api = await hashingApi(t, { handle });
  const house = makeHouse(t);
  const token = house.hs256('Sender', ...options);
  addUpstream(house, { ports: [api.port], firstByteMs: 60_000, ...(document ? { document } : {}) });
  let server = ini.includes('[server]') ? ini : `[server]\n${ini}`;
  if (tls) server = server.replace('[server]\n', tlsOf(house).ini);
  await house.start({ ini: server });
  if (tls) house.scheme = 'https';
  await until(async () => send(house, 'GET', '/v3/whoami', await signRequest(house, token, 'GET', '/v3/whoami')), (reply) => reply.status === 200);
  return { api, house, token };
}

/** The digest of `count` parts. */
function digestOfParts(count) {
  const hash = createHash('sha256');
  for (let i = 0; i < count; i++) hash.update(PART);
  return hash.digest();
}
const field = (hash) => `sha-256=:${hash.toString('base64')}:`;

/** The head of a signed POST whose body is to be sent by hand. */
async function signHead(house, token, digest, { method = 'POST', headers = {} } = {}) {
  const { headers: signed } = await signRequest(house, token, method, '/things/1', {
    headers: { 'content-digest': digest, ...headers }, fields: ['@method', '@target-uri', 'content-digest'],
  });
  return signed;
}

function begin(house, headers, method = 'POST') {
  const request = http.request({ host: '127.0.0.1', port: house.port, path: '/things/1', method, headers, agent: false });
  const reply = new Promise((done, failed) => {
    request.on('error', failed);
    request.on('response', (response) => {
      const parts = [];
      response.on('error', failed);
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        done({ status: response.statusCode, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined });
      });
    });
  });
  reply.catch(() => {});
  return { request, reply };
}

async function sendParts(stream, count) {
  for (let i = 0; i < count; i++) {
    if (!stream.write(PART)) await once(stream, 'drain');
  }
  stream.end();
}

const resident = async (house) =>
  Number(/^process_resident_memory_bytes (\d+)/m.exec(await (await fetch(`${house.health}/metrics`)).text())[1]);
const code = (reply) => reply.json?.details?.[0]?.code;

test('hundreds of megabytes go through, with and without a length, and memory stays flat', async (t) => {
  const COUNT = 300;
  const { api, house, token } = await before(t);
  const hash = digestOfParts(COUNT);
  let flat;
  for (const framing of [{ 'content-length': COUNT * MIB }, { 'transfer-encoding': 'chunked' }]) {
    const { request, reply } = begin(house, { ...await signHead(house, token, field(hash)), ...framing });
    await sendParts(request, COUNT);
    const answer = await reply;
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json, { length: COUNT * MIB, hash: hash.toString('hex') });
    const { headers } = api.seen.at(-1);
    assert.equal(headers['content-length'], framing['content-length'] === undefined ? undefined : String(COUNT * MIB));
    assert.equal(headers['content-digest'], field(hash));
    assert.equal(headers.signature, undefined);
    const now = await resident(house);
    flat ??= now;
    assert.ok(now - flat < 16 * MIB, `memory grew by ${now - flat}`);
    assert.ok(now < 400 * MIB, 'less than what went through twice (a build with sanitizers has its own needs)');
  }
});

test('the same over HTTP/2, several at a time', async (t) => {
  const COUNT = 12;
  const { house, token } = await before(t, { tls: true });
  const hash = digestOfParts(COUNT);
  const session = http2.connect(`https://127.0.0.1:${house.port}`, { rejectUnauthorized: false });
  t.after(() => session.close());
  const post = async (wanted, length) => {
    const { host, ...headers } = await signHead(house, token, field(wanted));
    const stream = session.request({ ':method': 'POST', ':path': '/things/1', ':authority': host, ...headers, ...(length ? { 'content-length': length } : {}) });
    const [status] = await Promise.all([once(stream, 'response').then(([all]) => all[':status']), sendParts(stream, COUNT)]);
    const parts = [];
    for await (const part of stream) parts.push(part);
    return { status, json: JSON.parse(Buffer.concat(parts)) };
  };
  const replies = await Promise.all([post(hash), post(hash, COUNT * MIB), post(digestOfParts(1)), post(hash)]);
  assert.deepEqual(replies.map((reply) => reply.status), [200, 200, 400, 200]);
  for (const reply of replies.filter(({ status }) => status === 200)) assert.deepEqual(reply.json, { length: COUNT * MIB, hash: hash.toString('hex') });
  assert.equal(code(replies[2]), 'CONTENT_DIGEST_MISMATCH');
});

test('a body that is not what was signed never becomes a whole request, and is a refusal like any other', async (t) => {
  const { api, house, token } = await before(t, { options: ['--max-uses', '1000'] });
  const ada = await loggedIn(house);
  const bodies = [[Buffer.from('{"a":1}'), 'small'], [Buffer.concat([PART, PART, PART]), 'large']];
  let count = 0;
  for (const [body, size] of bodies) {
    const last = Buffer.from(body);
    last[last.length - 1] ^= 1;
    const first = Buffer.from(body);
    first[0] ^= 1;
    for (const framing of [(bytes) => ({ 'content-length': bytes.length }), () => ({ 'transfer-encoding': 'chunked' })]) {
      for (const wrong of [last, first, body.subarray(1), Buffer.concat([body, Buffer.from('x')])]) {
        const seen = api.seen.length;
        const { request, reply } = begin(house, { ...await signHead(house, token, digestOf(body)), ...framing(wrong) });
        request.end(wrong);
        const answer = await reply;
        count++;
        assert.deepEqual([answer.status, code(answer)], [400, 'CONTENT_DIGEST_MISMATCH'], size);
        if (api.seen.length > seen) {
          await until(async () => api.seen.at(-1).isCut, (isCut) => isCut);
          assert.ok(!api.seen.at(-1).isWhole);
          assert.ok(api.seen.at(-1).length < wrong.length, 'the last piece was held back');
          if (size === 'small') assert.equal(api.seen.at(-1).length, 0);
        }
      }
      const { request, reply } = begin(house, { ...await signHead(house, token, digestOf(body)), ...framing(body) });
      request.end(body);
      assert.equal((await reply).status, 200, 'and what is right goes through');
    }
  }
  // both digests count
  for (const [digest, status] of [[`${digestOf('b')}, ${digestOf('b', 'sha512')}`, 200], [`${digestOf('b')}, ${digestOf('c', 'sha512')}`, 400],
    [`${digestOf('c')}, ${digestOf('b', 'sha512')}`, 400], ['md5=:AA==:', 400], [digestOf('b').slice(0, -3), 400]]) {
    const { request, reply } = begin(house, { ...await signHead(house, token, digest), 'content-length': 1 });
    request.end('b');
    assert.equal((await reply).status, status, digest);
    count += status === 400;
  }
  const refusals = (await ada.get(`/tokens/${token.id}/refusals`)).json.data;
  assert.equal(refusals.filter((one) => one.verdict === 'digest').length, Math.min(count, 50));
  assert.deepEqual([refusals[0].method, refusals[0].uri, refusals[0].status], ['POST', '/things/1', 400]);
  assert.match(house.log, /refused why="?digest"?/);
});

test('who goes away in the middle ends the request behind, and gives the place back', async (t) => {
  const { api, house, token } = await before(t, { options: ['--concurrent', '1'] });
  for (const framing of [{ 'content-length': 8 * MIB }, { 'transfer-encoding': 'chunked' }]) {
    const at = api.seen.length;
    const { request } = begin(house, { ...await signHead(house, token, field(digestOfParts(8))), ...framing });
    request.write(PART);
    request.write(PART);
    await until(async () => api.seen[at]?.length ?? 0, (length) => length > 0);
    const busy = begin(house, { ...await signHead(house, token, digestOf('x')), 'content-length': 1 });
    busy.request.end('x');
    assert.equal(code(await busy.reply), 'TOO_MANY_AT_ONCE');
    request.destroy();
    const state = api.seen[at];
    await until(async () => state.isCut, (isCut) => isCut);
    assert.ok(!state.isWhole);
    await until(async () => {
      const { request: other, reply } = begin(house, { ...await signHead(house, token, digestOf('x')), 'content-length': 1 });
      other.end('x');
      return reply;
    }, (reply) => reply.status === 200);
  }
});

test('who sends too slowly is refused, who sends slowly but steadily is not', async (t) => {
  const { api, house, token } = await before(t, { ini: '[limits]\nbody_timeout_ms = 1500\n' });
  const body = Buffer.alloc(6 * 20_000, 's');
  const slow = begin(house, { ...await signHead(house, token, digestOf(body)), 'content-length': body.length });
  const steady = begin(house, { ...await signHead(house, token, digestOf(body)), 'content-length': body.length });
  slow.request.write('s');
  for (let at = 0; at < body.length; at += 20_000) {
    steady.request.write(body.subarray(at, at + 20_000));
    if (slow.request.writable && !slow.request.destroyed) slow.request.write('s');
    await sleep(600); // longer in all than one timeout
  }
  steady.request.end();
  assert.equal((await steady.reply).status, 200);
  assert.equal((await slow.reply.catch((error) => ({ status: error.code }))).status, 408);
  await until(async () => api.seen.filter((state) => state.isCut).length, (count) => count === 1);
});

test('an API that reads slowly holds its sender back', async (t) => {
  let go;
  const { house, token } = await before(t, { handle: (request) => {
    request.pause();
    go = () => request.resume();
    return false;
  } });
  const COUNT = 200;
  const { request, reply } = begin(house, { ...await signHead(house, token, field(digestOfParts(COUNT))), 'content-length': COUNT * MIB });
  let sent = 0;
  const sending = (async () => {
    for (let i = 0; i < COUNT; i++) {
      if (!request.write(PART)) await once(request, 'drain');
      sent++;
    }
    request.end();
  })();
  await until(async () => {
    const was = sent;
    await sleep(400);
    return go && sent === was && sent > 0;
  }, (isHeld) => isHeld);
  assert.ok(sent < COUNT / 2, `${sent} MB were taken`);
  const grown = await resident(house);
  go();
  await sending;
  assert.equal((await reply).json.length, COUNT * MIB);
  assert.ok(await resident(house) - grown < 16 * MIB);
});

test('an API that answers early is heard, and one that breaks off is told of', async (t) => {
  const { house, token } = await before(t, { handle: (request, response, state) => {
    if (state.headers['x-do'] === 'early') response.writeHead(413, { connection: 'close' }).end('too much');
    else if (state.headers['x-do'] === 'cut') request.once('data', () => request.socket.destroy());
    else if (state.headers['x-do'] === 'echo') request.pipe(response);
    else return false;
    return true;
  } });
  const ask = async (act, count = 4) => {
    const { request, reply } = begin(house, { ...await signHead(house, token, field(digestOfParts(count))), 'content-length': count * MIB, 'x-do': act });
    sendParts(request, count).catch(() => {});
    return reply.catch((error) => ({ status: error.code }));
  };
  const early = await ask('early');
  assert.deepEqual([early.status, early.text], [413, 'too much']);
  const cut = await ask('cut');
  assert.deepEqual([cut.status, code(cut)], [502, 'UPSTREAM_CUT_OFF']);
  const echo = await ask('echo');
  assert.deepEqual([echo.status, echo.text.length > 0], [200, true], 'it may answer while it still reads');
});

test('a body is asked for when its request is permitted, and not before', async (t) => {
  const { api, house, token } = await before(t);
  const stranger = { ...token, id: 'nobody' };
  for (const [who, digest, isPermitted] of [[token, digestOf('body'), true], [stranger, digestOf('body'), false], [token, undefined, false]]) {
    const { headers } = await signRequest(house, who, 'POST', '/things/1', digest
      ? { headers: { 'content-digest': digest }, fields: ['@method', '@target-uri', 'content-digest'] } : {});
    const { request, reply } = begin(house, { ...headers, 'content-length': 4, expect: '100-continue' });
    let isContinued = false;
    request.on('continue', () => {
      isContinued = true;
      request.end('body');
    });
    request.flushHeaders();
    const answer = await reply;
    assert.equal(isContinued, isPermitted);
    assert.equal(answer.status, isPermitted ? 200 : digest ? 401 : 400, answer.text);
    if (!digest) assert.match(answer.text, /content-digest/);
  }
  assert.equal(api.seen.length, 1);
  // who sends at once hears the refusal all the same
  const { request, reply } = begin(house, { ...await signHead(house, stranger, field(digestOfParts(1))), 'content-length': PART.length });
  request.end(PART);
  assert.equal((await reply).status, 401);
  const long = begin(house, { ...await signHead(house, token, digestOf('x')), 'content-length': 2 ** 35 });
  long.request.flushHeaders();
  assert.equal((await long.reply).status, 413, 'more than upstream_body_max_bytes');
});

test('one connection, one request after the other, their bodies in one packet or in many', async (t) => {
  const { api, house, token } = await before(t);
  const bodies = ['first', 'x'.repeat(100_000), 'third'];
  let wire = Buffer.alloc(0);
  for (const [i, body] of bodies.entries()) {
    const headers = await signHead(house, token, digestOf(body));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const framed = i === 1 ? `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : `content-length: ${body.length}\r\n\r\n${body}`;
    wire = Buffer.concat([wire, Buffer.from(`POST /things/1 HTTP/1.1\r\n${lines}${framed}`)]);
  }
  const together = net.connect(house.port, '127.0.0.1');
  let heard = '';
  together.on('data', (bytes) => { heard += bytes; });
  together.write(wire);
  await until(async () => heard.match(/HTTP\/1\.1 200/g)?.length, (count) => count === bodies.length);
  together.destroy();
  assert.deepEqual(api.seen.map((state) => state.length), bodies.map((body) => body.length));

  const body = 'y'.repeat(300);
  const headers = await signHead(house, token, digestOf(body));
  const socket = net.connect(house.port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => { text += bytes; });
  socket.setNoDelay(true);
  const whole = Buffer.from(`POST /things/1 HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}transfer-encoding: chunked\r\n\r\n12c\r\n${body}\r\n0\r\n\r\n`);
  for (let at = 0; at < whole.length; at += 50) {
    socket.write(whole.subarray(at, at + 50));
    await sleep(2);
  }
  await until(async () => text, (all) => /HTTP\/1\.1 200/.test(all));
  socket.destroy();
});

test('chunks that can be read in two ways end it, with a request behind that is not whole', async (t) => {
  const { api, house, token } = await before(t);
  const headers = await signHead(house, token, digestOf('abc'));
  const socket = net.connect(house.port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => { text += bytes; });
  socket.on('error', () => {});
  socket.write(`POST /things/1 HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`);
  await until(async () => api.seen.length, (count) => count === 1);
  socket.write('0x0\r\n\r\n');
  await until(async () => text, (heard) => /^HTTP\/1\.1 400/.test(heard));
  await until(async () => api.seen[0].isCut, (isCut) => isCut);
  assert.ok(!api.seen[0].isWhole);
  socket.destroy();
});

test('where permissions depend on the body it is read first; a bearer token has nothing to check', async (t) => {
  const { api, house, token } = await before(t, {
    ini: '[server]\ntrusted_proxies = 127.0.0.1\n',
    document: description({ '/looked/{id}': { post: {
      operationId: 'looked', 'x-tokenhouse': { permissions: [], when: [{ body: '/danger', equals: true, permissions: ['Device Fields:Manage'] }] },
      responses: { 200: { description: 'ok' } } } } }),
    options: ['--permission', 'Device reports:View'],
  });
  for (const [body, status] of [['{"danger":false}', 200], ['{"danger":true}', 403], ['{', 400]]) {
    const { headers } = await signRequest(house, token, 'POST', '/looked/1', { body });
    assert.equal((await send(house, 'POST', '/looked/1', { headers, body })).status, status, body);
  }
  house.ok('account', 'change', '--allow-bearer', 'on');
  const bearer = list(house, 'token', 'create', '--user', ADMIN, '--title', 'b', '--bearer');
  const headers = { authorization: `Bearer ${bearer.secret}`, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
  await until(() => send(house, 'GET', '/v3/whoami', { headers }), (reply) => reply.status === 200);
  const { request, reply } = begin(house, { ...headers, 'content-length': 5 * MIB });
  await sendParts(request, 5);
  assert.equal((await reply).json.hash, digestOfParts(5).toString('hex'));
  assert.equal(api.seen.at(-1).headers.authorization, undefined);
});
