// SPDX-License-Identifier: Apache-2.0
// The console's pages as the program carries them, and the first run.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { tlsOf } from './support/certificates.mjs';
import { API, PASSWORD, Visitor, assertProblem, loggedIn, send } from './support/console.mjs';
import { ADMIN, bareHouse, makeHouse, must, openHouse, sleep } from './support/house.mjs';

const FIRST = { email: ADMIN, name: 'Ada', password: PASSWORD };

/** A house without a user. */
function emptyHouse(t) {
  const house = bareHouse(t);
  must(['init', '--data', house.data]);
  return house;
}

const setupCode = (house) => /set-up code: (\S+)/.exec(house.log)?.[1];

test('the set-up code that serve prints makes the first System Administrator, once', async (t) => {
  const house = emptyHouse(t);
  await house.start();
  const code = setupCode(house);
  assert.match(code, /^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
  assert.equal(house.log.split(code).length, 3, 'for the terminal, and for the log');
  const visitor = new Visitor(house);
  const state = (await visitor.get('/state')).json;
  assert.deepEqual([state.isSetUp, state.address], [false, '127.0.0.1']);
  assert.ok(Math.abs(Date.parse(state.now) - Date.now()) < 5000);

  assertProblem(await visitor.post('/setup', { ...FIRST, setupCode: 'AAAA-AAAA-AAAA-AAAA' }), 401, 'SETUP_CODE_WRONG');
  assertProblem(await visitor.post('/setup', { ...FIRST, setupCode: '' }), 401, 'SETUP_CODE_WRONG');
  const missing = await visitor.post('/setup', { setupCode: code });
  assertProblem(missing, 422, 'INVALID');
  assert.deepEqual(missing.json.errors.map((e) => e.field), ['email', 'password']);
  const weak = await visitor.post('/setup', { ...FIRST, password: 'short', setupCode: code });
  assertProblem(weak, 422, 'INVALID');
  assert.equal(weak.json.errors[0].field, 'password');
  assertProblem(await visitor.post('/setup', { ...FIRST, setupCode: code }, { headers: { origin: 'https://evil.example' } }), 403, 'CSRF');

  const made = await visitor.post('/setup', { ...FIRST, setupCode: code.toLowerCase() });
  assert.equal(made.status, 200, made.text);
  assert.equal(made.json.state, 'active');
  assert.deepEqual([made.json.user.email, made.json.user.name, made.json.user.role], [ADMIN, 'Ada', 'System Administrator']);
  assert.equal((await visitor.get('/session')).status, 200);
  assert.equal((await visitor.get('/state')).json.isSetUp, true);
  assertProblem(await new Visitor(house).post('/setup', { ...FIRST, email: 'eve@example.com', setupCode: code }), 409, 'CONFLICT');
  await loggedIn(house);
  await house.stop();
  assert.ok(!readFileSync(join(house.data, 'tokenhouse.db')).includes(code));
  await house.start();
  assert.equal(setupCode(house), undefined, 'nobody needs one any more');
});

test('a set-up code is good for one start, and guessing it makes pauses', async (t) => {
  const house = emptyHouse(t);
  await house.start();
  const old = setupCode(house);
  await house.stop();
  await house.start();
  assert.notEqual(setupCode(house), old);
  const visitor = new Visitor(house);
  for (let i = 0; i < 20; i++) assertProblem(await visitor.post('/setup', { ...FIRST, setupCode: old }), 401, 'SETUP_CODE_WRONG');
  assertProblem(await visitor.post('/setup', { ...FIRST, setupCode: setupCode(house) }), 429, 'THROTTLED');
  await sleep(1100);
  assert.equal((await visitor.post('/setup', { ...FIRST, setupCode: setupCode(house) })).status, 200);
});

test('the first user may also be made by init; then there is no set-up code', async (t) => {
  const house = await openHouse(t);
  assert.equal(setupCode(house), undefined);
  assertProblem(await new Visitor(house).post('/setup', { ...FIRST, setupCode: '' }), 409, 'CONFLICT');
});

test('pages say what a browser may do with them', async (t) => {
  const house = await openHouse(t);
  const page = await send(house, 'GET', '/console/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const policy = Object.fromEntries(page.headers['content-security-policy'].split('; ').map((rule) => [rule.split(' ')[0], rule]));
  assert.equal(policy['default-src'], "default-src 'self'");
  assert.equal(policy['style-src'], "style-src 'self' 'unsafe-inline'");
  assert.equal(policy['img-src'], "img-src 'self' data: blob:");
  assert.equal(policy['frame-ancestors'], "frame-ancestors 'none'");
  assert.equal(policy['script-src'], undefined);
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.equal(page.headers['referrer-policy'], 'no-referrer');
  assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(page.headers['cache-control'], 'no-cache');
  assert.equal(page.headers['strict-transport-security'], undefined);
  assert.ok(!/<script(?![^>]*\bsrc=)/.test(page.text), 'no script stands in the page');

  const packed = await send(house, 'GET', '/console/', { headers: { 'accept-encoding': 'gzip, br' } });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers.vary, 'Accept-Encoding');
  assert.equal(gunzipSync(packed.bytes).toString(), page.text);
  const kept = await send(house, 'GET', '/console/', { headers: { 'if-none-match': page.headers.etag } });
  assert.deepEqual([kept.status, kept.text], [304, '']);
  const head = await send(house, 'HEAD', '/console/');
  assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', page.headers.etag]);
});

test('a path of the application gets its first page; a file that is not there, 404', async (t) => {
  const house = await openHouse(t);
  const page = await send(house, 'GET', '/console/');
  for (const path of ['/console/tokens', '/console/tokens/0b9f-x?tab=use', '/console/a/b/c']) {
    const reply = await send(house, 'GET', path);
    assert.deepEqual([reply.status, reply.text], [200, page.text], path);
  }
  for (const path of ['/console/assets/x.js', '/console/assets/', '/console/favicon.ico2', '/console/../etc/passwd.txt', '/console/%2e%2e/x.y']) {
    const reply = await send(house, 'GET', path);
    assert.equal(reply.status, 404, path);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) assert.equal((await send(house, method, '/console/')).status, 405);
  for (const [, path] of page.text.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)) {
    const reply = await send(house, 'GET', path);
    assert.equal(reply.status, 200, path);
    if (path.startsWith('/console/assets/')) assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable', path);
  }
});

test('a browser at the root is shown the way; a program is told the name', async (t) => {
  const house = await openHouse(t);
  const person = await send(house, 'GET', '/', { headers: { accept: 'text/html,application/xhtml+xml;q=0.9' } });
  assert.deepEqual([person.status, person.headers.location, person.headers.vary], [303, '/console/', 'Accept']);
  assert.equal((await send(house, 'GET', '/')).json.name, 'Tokenhouse');
  const bare = await send(house, 'GET', '/console');
  assert.deepEqual([bare.status, bare.headers.location], [308, '/console/']);
});

test('under TLS the cookie is Secure and the browser is told to stay there', async (t) => {
  const house = makeHouse(t);
  await house.start({ ini: tlsOf(house).ini });
  const visitor = new Visitor(house);
  const reply = await visitor.post('/session', { email: ADMIN, password: PASSWORD });
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.cookie, /; HttpOnly; SameSite=Strict; Secure$/);
  for (const path of ['/console/', `${API}/state`]) {
    assert.match((await send(house, 'GET', path)).headers['strict-transport-security'], /^max-age=31536000/);
  }
});

test('over HTTP/2 a browser may send its cookies one by one', async (t) => {
  const house = makeHouse(t);
  await house.start({ ini: tlsOf(house).ini });
  const { cookie } = await loggedIn(house);
  const client = connect(`https://127.0.0.1:${house.port}`, { rejectUnauthorized: false });
  t.after(() => client.close());
  const show = (cookies) => new Promise((done, fail) => {
    const stream = client.request({ ':path': `${API}/session`, cookie: cookies });
    stream.on('response', (headers) => done(headers[':status']));
    stream.on('error', fail);
    stream.resume();
    stream.end();
  });
  assert.equal(await show(['theme=dark', cookie, 'a=b']), 200);
  assert.equal(await show(['theme=dark', 'a=b']), 401);
  assert.equal(await show([cookie, cookie]), 401);
});

test('a trusted proxy may say that its caller used TLS; nobody else may', async (t) => {
  const headers = { 'x-forwarded-proto': 'https' };
  const logIn = async (house) => (await new Visitor(house).post('/session', { email: ADMIN, password: PASSWORD }, { headers })).cookie;
  assert.match(await logIn(await openHouse(t, { ini: '[server]\ntrusted_proxies = 127.0.0.1\n' })), /; Secure$/);
  assert.doesNotMatch(await logIn(await openHouse(t)), /Secure/);
});
