// SPDX-License-Identifier: Apache-2.0
//
// Permitted requests go on to an API behind the house, rebuilt exactly; its answers come
// back, short ones and long ones; and it learns who calls from one signed header.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { join } from 'node:path';
import test from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { makeCertificate } from './support/certificates.mjs';
import { ROOT, freshFolder, makeHouse, sign, sleep, until } from './support/house.mjs';
import { askSigned } from './support/signed.mjs';
import { addUpstream, goodServer, refusedWith } from './support/upstream.mjs';

/** A house before an API that tells what it was asked. */
async function before(t, more = {}, handle = (request, response) => response.end('done'), options = {}) {
  const api = await goodServer(t, handle);
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [api.port], ...more });
  await house.start(options);
  return { api, house, token };
}

const last = (api) => api.requests.at(-1);
/** The same with another first character. */
const other = (text) => (text[0] === 'a' ? 'b' : 'a') + text.slice(1);

test('the inner request is rebuilt exactly', async (t) => {
  const { api, house, token } = await before(t, { prefix: '', base: '/base/v2' });
  const answer = await house.ask(token, 'PUT', '/things/a%20b%2Bc', { query: '&x=1&y=a b+c&z=ä#', data: { n: 1, text: 'ä"' } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text, 'done');
  assert.equal(last(api).method, 'PUT');
  assert.equal(last(api).url, '/base/v2/things/a%20b%2Bc?x=1&y=a%20b%2Bc&z=%C3%A4%23');
  assert.equal(last(api).body, JSON.stringify({ n: 1, text: 'ä"' }));
  assert.equal(last(api).headers['content-type'], 'application/json');
  assert.equal(last(api).headers.host, `127.0.0.1:${api.port}`);
  assert.equal(last(api).headers['x-request-id'], answer.headers.get('x-request-id'));
  assert.equal(last(api).headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(last(api).headers['x-forwarded-proto'], 'http');
  assert.equal(last(api).headers['user-agent'], undefined);
});

test('what stands for no body is none, and what is one is sent', async (t) => {
  const { api, house, token } = await before(t);
  for (const [method, data, body] of [
    ['GET', undefined, ''], ['GET', {}, ''], ['GET', '', ''], ['DELETE', {}, ''], ['DELETE', '', ''],
    ['DELETE', { why: 1 }, '{"why":1}'], ['POST', {}, '{}'], ['POST', undefined, ''], ['POST', 'text', '"text"'],
    ['POST', [1, 2], '[1,2]'], ['PATCH', null, 'null'],
  ]) {
    const answer = await house.ask(token, method, '/things/1', { data });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(last(api).body, body, `${method} ${JSON.stringify(data)}`);
    assert.equal(last(api).headers['content-type'], body === '' ? undefined : 'application/json');
  }
});

test('the prefix is ours, whatever way it is written', async (t) => {
  const { api, house, token } = await before(t, { prefix: '/shop/eu' });
  for (const path of ['/shop/eu/things/7', '/%73hop/e%75/things/7']) {
    const answer = await house.ask(token, 'GET', path);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(last(api).url, '/things/7');
  }
  assert.equal((await house.ask(token, 'GET', '/things/7')).status, 404);
});

test('an answer comes back as it was given, without what is for one connection', async (t) => {
  const { house, token } = await before(t, {}, (request, response) => {
    response.writeHead(418, 'Odd', [
      ['Content-Type', 'text/odd'], ['X-Mine', 'a'], ['X-Mine', 'b'], ['Set-Cookie', 'c=1'], ['Set-Cookie', 'd=2'],
      ['Connection', 'keep-alive, X-Hop'], ['X-Hop', 'no'], ['Keep-Alive', 'timeout=5'], ['Upgrade', 'h9'],
      ['X-Request-Id', 'theirs'], ['Tokenhouse-Identity', 'forged'], ['Location', '/there'],
    ]);
    response.end('a body');
  });
  const answer = await house.ask(token, 'GET', '/things/1');
  assert.equal(answer.status, 418);
  assert.equal(answer.text, 'a body');
  assert.equal(answer.headers.get('content-type'), 'text/odd');
  assert.equal(answer.headers.get('x-mine'), 'a, b');
  assert.deepEqual(answer.headers.getSetCookie(), ['c=1', 'd=2']);
  assert.equal(answer.headers.get('location'), '/there');
  for (const gone of ['x-hop', 'keep-alive', 'upgrade', 'tokenhouse-identity']) assert.equal(answer.headers.get(gone), null, gone);
  assert.match(answer.headers.get('x-request-id'), /^[0-9A-Z]{26}$/);
});

test('204, 304 and HEAD come without a body', async (t) => {
  const { house, token } = await before(t, {}, (request, response) => {
    const status = Number(request.url.slice('/things/'.length));
    response.writeHead(status, status === 200 ? { 'content-length': 1234 } : {});
    response.end();
  });
  for (const status of [204, 304]) {
    const answer = await house.ask(token, 'GET', `/things/${status}`);
    assert.equal(answer.status, status);
    assert.equal(answer.text, '');
  }
  const head = await askSigned(house, token, 'HEAD', '/things/200');
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], '1234');
});

test('the upstream learns who calls from one signed header', async (t) => {
  const { api, house, token } = await before(t);
  const keys = await (await fetch(`${house.url}/.well-known/jwks.json`)).json();
  const answer = await house.ask(token, 'GET', '/things/1');
  const jws = last(api).headers['tokenhouse-identity'];
  const { payload } = await jwtVerify(jws, createLocalJWKSet(keys), { audience: 'Things', issuer: 'tokenhouse', algorithms: ['ES256'] });
  assert.equal(decodeProtectedHeader(jws).kid, keys.keys[0].kid);
  assert.equal(payload.sub, token.id);
  assert.equal(payload.title, 'Caller');
  assert.equal(payload.owner, 'ada@example.com');
  assert.equal(payload.address, '127.0.0.1');
  assert.equal(payload.jti, answer.headers.get('x-request-id'));
  assert.equal(payload.exp - payload.iat, 60);
  assert.deepEqual(payload.permissions, []);
  assert.equal(payload.allDevices, true);
  assert.deepEqual(payload.deviceGroups, []);

  /* another audience must not take it, and each request has its own */
  await assert.rejects(jwtVerify(jws, createLocalJWKSet(keys), { audience: 'Others' }));
  await house.ask(token, 'GET', '/things/2');
  assert.notEqual(last(api).headers['tokenhouse-identity'], jws);
});

/** On one loop, with an API that answers with the path it was asked for. */
async function beforeOverTls(t) {
  const { certificate, key } = certificateOf(t);
  return before(t, {}, (request, response) => response.end(request.url),
    { ini: `[server]\nloop_count = 1\ntls_cert = ${certificate}\ntls_key = ${key}\n` });
}

function connect(t, house) {
  const session = http2.connect(`https://127.0.0.1:${house.port}`, { rejectUnauthorized: false });
  t.after(() => session.destroy());
  return session;
}

const answerOf = (stream) => new Promise((done) => {
  const parts = [];
  let head;
  stream.on('error', () => {});
  stream.on('response', (headers) => { head = headers; });
  stream.on('data', (part) => parts.push(part));
  stream.on('close', () => done({ head, text: Buffer.concat(parts).toString() }));
});

/* On one connection, in one write: then the house reads them in one round. */
async function together(t, house, bodies) {
  const session = connect(t, house);
  await new Promise((done) => { session.once('connect', done); });
  return Promise.all(bodies.map(({ body, isGone }) => {
    const stream = session.request({ ':method': 'POST', ':path': '/jws/validate' });
    stream.end(body);
    if (isGone) setImmediate(() => stream.close(http2.constants.NGHTTP2_CANCEL));
    return answerOf(stream);
  }));
}

test('requests that come together have an identity each, and an answer each', async (t) => {
  const { api, house, token } = await beforeOverTls(t);
  const { text } = await answerOf(connect(t, house).request({ ':path': '/.well-known/jwks.json' }));
  const keys = createLocalJWKSet(JSON.parse(text));
  for (const count of [1, 3, 4, 8, 9, 16, 17, 43]) {
    api.requests.length = 0;
    const bodies = await Promise.all(Array.from({ length: count }, async (_, i) => ({ body: await sign(token, i % 2 ? 'GET' : 'POST', `/things/${i}`, { data: { n: i } }) })));
    const answers = await together(t, house, bodies);
    assert.deepEqual(answers.map((answer) => answer.text), answers.map((_, i) => `/things/${i}`));
    assert.equal(api.requests.length, count);
    const seen = new Map(api.requests.map((request) => [request.url, request]));
    for (const [i, answer] of answers.entries()) {
      const { headers, method } = seen.get(`/things/${i}`);
      assert.equal(method, i % 2 ? 'GET' : 'POST');
      assert.equal(headers['x-request-id'], answer.head['x-request-id']);
      const { payload } = await jwtVerify(headers['tokenhouse-identity'], keys, { audience: 'Things', algorithms: ['ES256'] });
      assert.equal(payload.jti, answer.head['x-request-id']);
    }
    assert.equal(new Set(api.requests.map((request) => request.headers['tokenhouse-identity'])).size, count);
  }
});

test('those who go away among requests that come together keep nobody from an answer', async (t) => {
  const { api, house, token } = await beforeOverTls(t);
  for (let round = 0; round < 5; round++) {
    const bodies = await Promise.all(Array.from({ length: 24 }, async (_, i) => ({
      body: await sign(token, 'GET', `/things/${round}-${i}`), isGone: i % 3 === round % 3,
    })));
    const answers = await together(t, house, bodies);
    for (const [i, answer] of answers.entries())
      if (!bodies[i].isGone) assert.equal(answer.text, `/things/${round}-${i}`);
  }
  assert.ok(api.requests.length >= 5 * 16 && api.requests.length <= 5 * 24);
  const [last] = await together(t, house, [{ body: await sign(token, 'GET', '/things/last') }]);
  assert.equal(last.text, '/things/last');
});

/** The code of this language in upstreams.md, for our house and the upstream Things. */
function example(house, language) {
  const text = readFileSync(join(ROOT, 'docs/upstreams.md'), 'utf8');
  const [, code] = text.match(new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\`\n`, 's'));
  return code.replace('https://tokens.example.com', house.url).replace(/(['"])Orders\1/, "'Things'");
}

test('what upstreams.md tells an API to do says who calls, and takes nobody else', async (t) => {
  const { api, house, token } = await before(t);
  const folder = freshFolder(t);
  symlinkSync(join(ROOT, 'tests/flow/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'caller.mjs'), example(house, 'js'));
  writeFileSync(join(folder, 'caller.py'), `${example(house, 'py')}\nimport json, sys\nprint(json.dumps(caller(json.load(sys.stdin))))\n`);
  const { caller } = await import(join(folder, 'caller.mjs'));
  const python = (headers) => new Promise((done) => {
    const child = execFile('/usr/bin/python3', [join(folder, 'caller.py')], (error, out, words) => done(error ? { error: words } : JSON.parse(out)));
    child.stdin.end(JSON.stringify(headers));
  });

  await house.ask(token, 'GET', '/things/1');
  const identity = last(api).headers['tokenhouse-identity'];
  assert.equal((await caller({ 'tokenhouse-identity': identity })).sub, token.id);
  assert.deepEqual((await python({ 'Tokenhouse-Identity': identity })), await caller({ 'tokenhouse-identity': identity }));

  addUpstream(house, { name: 'Others', prefix: '/others', ports: [api.port] });
  await until(() => house.ask(token, 'GET', '/others/things/1'), (answer) => answer.status === 200);
  const [head, claims, signature] = identity.split('.');
  const changed = Buffer.from(claims, 'base64url').toString().replace(token.id, other(token.id));
  for (const bad of ['', last(api).headers['tokenhouse-identity'], [head, Buffer.from(changed).toString('base64url'), signature].join('.')]) {
    await assert.rejects(caller({ 'tokenhouse-identity': bad }));
    assert.match((await python({ 'Tokenhouse-Identity': bad })).error, /jwt\.exceptions\.|jwt\.api_jw|InvalidTokenError/);
  }
  await assert.rejects(caller({}));
});

test('the permissions that a request needs stand in the identity, its extras included', async (t) => {
  const needs = {
    operationId: 'search',
    'x-tokenhouse': {
      permissions: ['Device reports:View'],
      when: [{ query: 'all', equals: 'true', permissions: ['Device Fields:View'] }],
    },
    responses: { 200: { description: 'ok' } },
  };
  const api = await goodServer(t, (request, response) => response.end());
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [api.port], document: JSON.stringify({ openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/search': { get: needs } } }) });
  await house.start();
  const claims = () => JSON.parse(Buffer.from(last(api).headers['tokenhouse-identity'].split('.')[1], 'base64url'));
  assert.equal((await house.ask(token, 'GET', '/search')).status, 200);
  assert.deepEqual(claims().permissions, ['Device reports:View']);
  assert.equal((await house.ask(token, 'GET', '/search', { query: 'all=true' })).status, 200);
  assert.deepEqual(claims().permissions.sort(), ['Device Fields:View', 'Device reports:View']);
});

test('where the body decides what is needed, it must be JSON and say so', async (t) => {
  const operation = {
    operationId: 'remove',
    'x-tokenhouse': { permissions: [], when: [{ body: '/all', equals: true, permissions: ['Device Fields:Manage'] }] },
    responses: { 200: { description: 'ok' } },
  };
  const api = await goodServer(t, (request, response) => response.end());
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [api.port], document: JSON.stringify({ openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/remove': { post: operation } } }) });
  await house.start();
  /* JSON in which a form says all=true */
  const data = { why: '&all=true&' };
  const body = JSON.stringify(data);
  for (const contentType of ['application/x-www-form-urlencoded', 'text/plain', 'application/json, text/plain']) {
    refusedWith(await house.ask(token, 'POST', '/remove', { data, extra: { 'content-type': contentType } }), 400, 'BAD_INNER_REQUEST');
    const signed = await askSigned(house, token, 'POST', '/remove', { body, headers: { 'content-type': contentType } });
    assert.equal(signed.status, 400, signed.text);
  }
  assert.equal(api.requests.length, 0);
  for (const contentType of ['application/json; charset=utf-8', 'application/merge-patch+json', '']) {
    assert.equal((await house.ask(token, 'POST', '/remove', { data, extra: { 'content-type': contentType } })).status, 200);
  }
  assert.equal((await askSigned(house, token, 'POST', '/remove', { body })).status, 200);
  const permissions = () => JSON.parse(Buffer.from(last(api).headers['tokenhouse-identity'].split('.')[1], 'base64url')).permissions;
  assert.deepEqual(permissions(), []);
  await house.ask(token, 'POST', '/remove', { data: { All: true } });
  assert.deepEqual(permissions(), ['Device Fields:Manage']);
});

test('identity_reuse_s: one signature serves a caller for a while, and says so by naming no request', async (t) => {
  const { api, house, token } = await before(t, {}, undefined, { ini: '[server]\nloop_count = 1\n[gate]\nidentity_reuse_s = 4\n' });
  const other = house.hs256('Other');
  const identity = () => last(api).headers['tokenhouse-identity'];
  const claims = () => JSON.parse(Buffer.from(identity().split('.')[1], 'base64url'));
  await house.ask(token, 'GET', '/things/1');
  const first = identity();
  assert.equal(claims().jti, undefined);
  await house.ask(token, 'GET', '/things/2');
  assert.equal(identity(), first);
  await until(() => house.ask(other, 'GET', '/things/2'), (answer) => answer.status === 200);
  assert.equal(claims().sub, other.id);
  await sleep(4100);
  await house.ask(token, 'GET', '/things/2');
  assert.notEqual(identity(), first);
  assert.equal(claims().sub, token.id);
});

for (const seconds of [0, 30]) {
  test(`what is kept of a token for ${seconds} s ends when the token, or a group of it, is edited`, async (t) => {
    const { api, house } = await before(t, {}, undefined, { ini: `[server]\nloop_count = 1\n[gate]\nidentity_reuse_s = ${seconds}\n` });
    house.ok('group', 'add', 'Berlin');
    const token = house.hs256('Grouped', '--group', 'Berlin');
    const identity = () => last(api).headers['tokenhouse-identity'];
    const ask = async () => {
      const answer = await house.ask(token, 'GET', '/things/1');
      if (answer.status !== 200) return [];
      const claims = JSON.parse(Buffer.from(identity().split('.')[1], 'base64url'));
      return [claims.title, ...claims.deviceGroups.map((group) => group.displayName)];
    };
    await until(ask, ([title, group]) => title === 'Grouped' && group === 'Berlin');
    const first = identity();
    assert.deepEqual(await ask(), ['Grouped', 'Berlin']);
    assert.equal(identity() === first, seconds > 0);
    house.ok('token', 'edit', token.id, '--title', 'Renamed');
    await until(ask, ([title]) => title === 'Renamed');
    house.ok('group', 'change', 'Berlin', '--rename', 'Paris');
    await until(ask, ([, group]) => group === 'Paris');
    const renamed = identity();
    assert.deepEqual(await ask(), ['Renamed', 'Paris']);
    assert.equal(identity() === renamed, seconds > 0);
  });
}

/* What some servers take for the method, path, host or caller that are meant. */
const OTHER_REQUEST = [
  'X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X_HTTP_Method_Override', 'X-Original-URL', 'X-Rewrite-URL',
  'X-Original-Host', 'X-Host', 'X-Forwarded-Host', 'X-Forwarded-Prefix', 'X_Forwarded_Port', 'True-Client-IP', 'X-Client-IP', 'CF-Connecting-IP',
];

test('a signed ordinary request goes through with its headers, but with none that only we may say', async (t) => {
  const { api, house, token } = await before(t, { prefix: '/p' });
  const answer = await askSigned(house, token, 'POST', '/p/things/9?a=b+c&d', {
    body: '{"x": 1}',
    headers: {
      'x-mine': 'yes', cookie: 'c=1', accept: 'a/b', 'tokenhouse-identity': 'forged', tokenhouse_identity: 'forged',
      'Tokenhouse-Other': 'forged', 'x-forwarded-for': '6.6.6.6', 'X_Forwarded_For': '6.6.6.6', forwarded: 'for=6.6.6.6',
      'x-real-ip': '6.6.6.6', authorization: 'Basic Zm9v', te: 'trailers', 'x-hop': '1', connection: 'keep-alive, x-hop',
      'x-request-id': 'mine', ...Object.fromEntries(OTHER_REQUEST.map((name) => [name, 'DELETE'])),
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { headers, raw, url, body } = last(api);
  assert.equal(url, '/things/9?a=b+c&d');
  assert.equal(body, '{"x": 1}');
  assert.equal(headers['x-mine'], 'yes');
  assert.equal(headers.cookie, 'c=1');
  assert.equal(headers.accept, 'a/b');
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['content-digest'], /^sha-256=/);
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  const names = raw.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase().replaceAll('_', '-'));
  for (const name of ['tokenhouse-identity', 'x-forwarded-for', 'x-request-id']) assert.equal(names.filter((each) => each === name).length, 1, name);
  for (const name of ['tokenhouse-other', 'forwarded', 'x-real-ip', 'authorization', 'te', 'x-hop', 'signature', 'signature-input']) assert.ok(!names.includes(name), name);
  for (const name of OTHER_REQUEST) assert.ok(!names.includes(name.toLowerCase().replaceAll('_', '-')), name);
});

test('a long answer streams, and the caller gets every byte', async (t) => {
  const bytes = randomBytes(8 << 20);
  const { house, token } = await before(t, {}, (request, response) => {
    if (request.url.endsWith('/known')) response.setHeader('content-length', bytes.length);
    for (let at = 0; at < bytes.length; at += 100_000) response.write(bytes.subarray(at, at + 100_000));
    response.end();
  });
  for (const kind of ['known', 'unknown']) {
    const reply = await fetch(`${house.url}/jws/validate`, { method: 'POST', body: await sign(token, 'GET', `/things/${kind}`) });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-length'), kind === 'known' ? String(bytes.length) : null);
    assert.ok(Buffer.from(await reply.arrayBuffer()).equals(bytes), kind);
  }
});

test('the same over HTTP/2 with TLS, several at a time', async (t) => {
  const bytes = randomBytes(3 << 20);
  const { certificate, key } = certificateOf(t);
  const { house, token } = await before(t, {}, (request, response) => response.end(bytes), { ini: `[server]\ntls_cert = ${certificate}\ntls_key = ${key}\n` });
  const session = http2.connect(`https://127.0.0.1:${house.port}`, { rejectUnauthorized: false });
  t.after(() => session.close());
  const ask = async (i) => {
    const stream = session.request({ ':method': 'POST', ':path': '/jws/validate' });
    stream.end(await sign(token, 'GET', `/things/${i}`));
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts);
  };
  for (const body of await Promise.all([1, 2, 3, 4, 5].map(ask))) assert.ok(body.equals(bytes));
});

test('who reads slowly holds the upstream back, and takes no memory', async (t) => {
  const total = 300 << 20;
  let sent = 0;
  const { house, token } = await before(t, {}, (request, response) => {
    const part = Buffer.alloc(1 << 20, 'x');
    response.setHeader('content-length', total);
    const more = () => {
      while (sent < total) {
        sent += part.length;
        if (!response.write(part)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  const request = http.request(`${house.url}/jws/validate`, { method: 'POST' });
  request.end(await sign(token, 'GET', '/things/1'));
  const response = await new Promise((done) => request.on('response', done));
  response.pause();
  await sleep(1000);
  const held = sent;
  await sleep(500);
  assert.equal(sent, held, 'nothing more was taken while nobody read');
  assert.ok(held < total / 2, `${held} bytes were taken`);
  const resident = async () => Number(/^process_resident_memory_bytes (\d+)/m.exec(await (await fetch(`${house.health}/metrics`)).text())[1]);
  const before0 = await resident();
  let got = 0;
  for await (const part of response) got += part.length;
  assert.equal(got, total);
  assert.ok((await resident()) - before0 < 32 << 20, 'memory stays flat');
});

test('a caller who goes away ends the request behind', async (t) => {
  const closed = [];
  const { api, house, token } = await before(t, {}, (request, response) => {
    response.on('close', () => closed.push(request.url));
    if (request.url.endsWith('begun')) response.write('a beginning');
  });
  for (const kind of ['silent', 'begun']) {
    const request = http.request(`${house.url}/jws/validate`, { method: 'POST' });
    request.on('error', () => {});
    request.end(await sign(token, 'GET', `/things/${kind}`));
    await until(() => api.requests.length, (count) => count > (kind === 'begun' ? 1 : 0));
    await sleep(100);
    assert.equal(closed.length, kind === 'begun' ? 1 : 0);
    request.destroy();
    await until(() => closed, (list) => list.includes(`/things/${kind}`));
  }
});

test('figures of an upstream are told', async (t) => {
  const { house, token } = await before(t);
  for (let i = 0; i < 3; i++) await house.ask(token, 'GET', '/things/1');
  const text = await (await fetch(`${house.health}/metrics`)).text();
  assert.match(text, /^tokenhouse_upstream_requests_total\{upstream="Things"\} 3$/m);
  assert.match(text, /^tokenhouse_upstream_failures_total\{upstream="Things"\} 0$/m);
  assert.match(text, /^tokenhouse_upstream_connections\{upstream="Things"\} [12]$/m);
});

function certificateOf(t, name = 'localhost') {
  const { key, cert } = makeCertificate(freshFolder(t), name, { subjectAltName: `DNS:${name}` });
  return { certificate: cert, key };
}

test('over TLS only with whom we wanted to reach, who may ask for our certificate', async (t) => {
  const theirs = certificateOf(t);
  const ours = certificateOf(t, 'gateway');
  const ask = async (more) => {
    const api = await goodServer(t, (request, response) => {
      const peer = request.socket.getPeerCertificate().subject?.CN ?? 'nobody';
      if (request.url === '/healthz') seen.push(peer);
      response.end(peer);
    }, {
      tls: { cert: readFileSync(theirs.certificate), key: readFileSync(theirs.key), requestCert: true, rejectUnauthorized: false },
    });
    const house = makeHouse(t);
    const token = house.hs256('Caller');
    addUpstream(house, { ports: [api.port], more: ['--health', '/healthz'], ...more });
    await house.start();
    return [await house.ask(token, 'GET', '/things/1'), await house.ask(token, 'GET', '/things/1')];
  };
  const good = { ca: theirs.certificate, name: 'localhost' };
  const seen = [];
  for (const answer of await ask({ tls: good })) assert.equal(answer.text, 'nobody');
  for (const answer of await ask({ tls: { ...good, certificate: ours.certificate, key: ours.key } })) assert.equal(answer.text, 'gateway');
  await until(() => [...new Set(seen)].sort().join(), (who) => who === 'gateway,nobody');
  for (const wrong of [{ ...good, name: 'elsewhere' }, { ...good, ca: ours.certificate }]) {
    const [answer] = await ask({ tls: wrong });
    assert.equal(answer.status, 502, answer.text);
    assert.equal(answer.json.details[0].code, 'UPSTREAM_UNREACHABLE');
  }
});
