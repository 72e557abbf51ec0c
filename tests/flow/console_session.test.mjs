// SPDX-License-Identifier: Apache-2.0
// Getting into the console and out of it: log-in, pauses, the CSRF mark, how long a session
// lives, the second factor, the change of a password that somebody else has set.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, PASSWORD, Visitor, assertProblem, loggedIn, send, totp } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, sleep } from './support/house.mjs';

const OTHER = 'another horse battery staple';
const JSON_TYPE = { 'content-type': 'application/json' };

/** A user whom the operator makes. */
function addUser(house, email, ...more) {
  house.ok('user', 'add', email, '--password-file', house.file(`password-${email}`, `${OTHER}\n`), ...more);
  return email;
}

/** Gives the visitor another name. */
async function rename(visitor, name, headers = {}) {
  const { headers: { etag } } = await visitor.get('/profile');
  return visitor.patch('/profile', { name }, { headers: { 'if-match': etag, ...headers } });
}

/** Event History, newest first. */
const events = (house) => JSON.parse(house.ok('events', 'list', '--json'));

/** A house whose visitors come from the address that they name (as behind a proxy). */
const openProxied = (t, ini = '') => openHouse(t, { ini: `[server]\ntrusted_proxies = 127.0.0.1\n${ini}` });
const from = (address) => ({ headers: { 'x-forwarded-for': address } });

test('a log-in gives a session, and a log-out ends it', async (t) => {
  const house = await openHouse(t);
  const visitor = new Visitor(house);

  assertProblem(await visitor.get('/session'), 401, 'NOT_LOGGED_IN');
  const reply = await visitor.post('/session', { email: ' ADA@Example.com ', password: PASSWORD });
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.cookie, /^tokenhouse-session=[\w-]{43}; Path=\/console; HttpOnly; SameSite=Strict$/);
  assert.equal(reply.headers['cache-control'], 'no-store');
  assert.equal(reply.json.state, 'active');
  assert.equal(reply.json.user.email, ADMIN);
  assert.equal(reply.json.user.isSystemAdmin, true);
  assert.equal(reply.json.user.hasSecondFactor, false);
  assert.ok(reply.json.permissions.includes('Users:Manage'));
  assert.deepEqual(reply.json.groups, []);
  const [idle, end] = [reply.json.idleEndsAt, reply.json.endsAt].map((at) => Date.parse(at) - Date.now());
  assert.ok(Math.abs(idle - 900_000) < 5000 && Math.abs(end - 43_200_000) < 5000, reply.text);
  assert.deepEqual((await visitor.get('/session')).json.user, reply.json.user);
  assert.equal((await visitor.ask('HEAD', '/session')).text, '');

  const kept = visitor.cookie;
  const out = await visitor.delete('/session');
  assert.equal(out.status, 204);
  assert.match(out.cookie, /^tokenhouse-session=; .*Max-Age=0/);
  visitor.cookie = kept;
  assertProblem(await visitor.get('/session'), 401, 'NOT_LOGGED_IN');
  assert.deepEqual(events(house).slice(0, 2).map((e) => [e.event, e.actor.name]), [['User logged out', ADMIN], ['User logged in', ADMIN]]);
});

test('a wrong password, an unknown user and a suspended one hear the same', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'eve@example.com');
  house.ok('user', 'suspend', 'eve@example.com');
  const ask = (email, password) => new Visitor(house).post('/session', { email, password });
  const replies = [
    await ask(ADMIN, OTHER), await ask('nobody@example.com', PASSWORD), await ask('no address', PASSWORD),
    await ask('eve@example.com', OTHER), await ask('', ''), await ask(ADMIN, 'x'.repeat(5000)),
  ];
  for (const reply of replies) {
    assertProblem(reply, 401, 'LOGIN_FAILED');
    assert.equal(reply.text, replies[0].text);
    assert.equal(reply.cookie, undefined);
  }
  const failed = events(house).filter((e) => e.event === 'Log-in failed');
  assert.equal(failed.length, replies.length);
  // what was typed for somebody unknown is not kept: it may be a password
  assert.ok(!JSON.stringify(failed).includes('nobody@example.com'));
  assert.ok(JSON.stringify(failed).includes('wrong password'));
  const lines = house.log.split('\n').filter((line) => line.includes(' log-in failed '));
  assert.equal(lines.length, replies.length);
  assert.ok(lines.every((line) => line.includes('address="127.0.0.1"')) && !house.log.includes('nobody@example.com'));
});

test('requests that cannot be read are refused, each with its reason', async (t) => {
  const house = await openHouse(t);
  const post = (body, headers = JSON_TYPE) => send(house, 'POST', `${API}/session`, { headers, body });
  const good = JSON.stringify({ email: ADMIN, password: PASSWORD });

  assertProblem(await post(good, { 'content-type': 'text/plain' }), 400, 'MALFORMED');
  assertProblem(await post(good, { 'content-type': 'application/x-www-form-urlencoded' }), 400, 'MALFORMED');
  assertProblem(await post(good, {}), 400, 'MALFORMED');
  assertProblem(await post(good.slice(1)), 400, 'MALFORMED');
  assertProblem(await post('[]'), 400, 'MALFORMED');
  assertProblem(await post(`{"email":"${ADMIN}","email":"${ADMIN}","password":"${PASSWORD}"}`), 400, 'MALFORMED');
  assertProblem(await post(`${'[['.repeat(5000)}`), 400, 'MALFORMED');
  assertProblem(await post(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`), 400, 'MALFORMED');
  const fields = await post('{"email": 7, "passwort": "x"}');
  assertProblem(fields, 422, 'INVALID');
  assert.deepEqual(fields.json.errors.map((e) => e.field).sort(), ['email', 'password', 'passwort']);
  assert.equal((await post(good, { 'content-type': 'application/json; charset=utf-8' })).status, 200);
  assertProblem(await send(house, 'GET', `${API}/state?x=1&x=2`), 400, 'MALFORMED');
  assertProblem(await send(house, 'GET', `${API}/state?x=%ff`), 400, 'MALFORMED');
});

test('other methods and paths are refused', async (t) => {
  const house = await openHouse(t);
  for (const method of ['PUT', 'PATCH', 'OPTIONS']) {
    const reply = await send(house, method, `${API}/session`);
    assertProblem(reply, 405, 'METHOD');
    assert.equal(reply.headers.allow, 'GET, HEAD, POST, DELETE');
  }
  for (const path of ['', '/', '/session/', '//session', '/sessions', '/session/x', '/%73ession', '/profile/sessions/']) {
    assertProblem(await send(house, 'GET', API + path), 404, 'NOT_FOUND');
  }
});

test('a change needs the CSRF mark of its own session', async (t) => {
  const house = await openHouse(t);
  const visitor = await loggedIn(house);
  const other = await loggedIn(house);
  const change = (headers) => rename(visitor, 'Ada', headers);

  assertProblem(await change({ 'x-csrf-token': undefined }), 403, 'CSRF');
  assertProblem(await change({ 'x-csrf-token': '' }), 403, 'CSRF');
  assertProblem(await change({ 'x-csrf-token': other.csrf }), 403, 'CSRF');
  assertProblem(await change({ 'x-csrf-token': `${visitor.csrf.slice(0, -1)}${visitor.csrf.endsWith('A') ? 'B' : 'A'}` }), 403, 'CSRF');
  assertProblem(await change({ 'x-csrf-token': [visitor.csrf, visitor.csrf] }), 403, 'CSRF');
  assert.equal((await change({})).status, 200);
});

test('what a foreign page sends is refused, even a log-in', async (t) => {
  const house = await openHouse(t);
  const visitor = await loggedIn(house);
  const host = `127.0.0.1:${house.port}`;
  const change = (headers) => rename(visitor, 'Ada', headers);
  const foreign = [
    { origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://${host}.evil.example` }, { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin: `http://${host}` },
  ];
  for (const headers of foreign) {
    assertProblem(await change(headers), 403, 'CSRF');
    assertProblem(await new Visitor(house).post('/session', { email: ADMIN, password: PASSWORD }, { headers }), 403, 'CSRF');
  }
  for (const headers of [{ origin: `http://${host}` }, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'same-origin', origin: 'https://console.example' }]) {
    assert.equal((await change(headers)).status, 200);
  }
});

test('a cookie that is there twice, or of another form, is nobody\'s', async (t) => {
  const house = await openHouse(t);
  const { cookie } = await loggedIn(house);
  const show = async (text) => (await send(house, 'GET', `${API}/session`, { headers: { cookie: text } })).status;

  assert.equal(await show(cookie), 200);
  assert.equal(await show(`a=b; ${cookie}; c="d"`), 200);
  const [name, value] = cookie.split('=');
  for (const bad of [
    `${cookie}; ${cookie}`, `${cookie}; ${name}=x`, `x${cookie}`, `${name}="${value}"`, `${name.toUpperCase()}=${value}`,
    `${name}=${value}A`, `${name}=${value.slice(1)}`, `${name}=`, `${name}=${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`,
  ]) assert.equal(await show(bad), 401, bad);
});

test('guessing one user\'s password makes longer and longer pauses', async (t) => {
  const house = await openProxied(t);
  addUser(house, 'grace@example.com');
  const guess = (email, password, n) => new Visitor(house).post('/session', { email, password }, from(`192.0.2.${n}`));

  for (let n = 1; n <= 5; n++) assertProblem(await guess('grace@example.com', PASSWORD, n), 401, 'LOGIN_FAILED');
  const paused = await guess('Grace@example.com', OTHER, 6); // the right one, too early
  assertProblem(paused, 429, 'THROTTLED');
  assert.equal(paused.headers['retry-after'], '1');
  assert.equal((await guess(ADMIN, PASSWORD, 6)).status, 200, 'nobody else waits');
  await sleep(1100);
  assertProblem(await guess('grace@example.com', PASSWORD, 7), 401, 'LOGIN_FAILED');
  assert.equal((await guess('grace@example.com', OTHER, 8)).headers['retry-after'], '2');
  await sleep(2100);
  assert.equal((await guess('grace@example.com', OTHER, 9)).status, 200);
  assertProblem(await guess('grace@example.com', PASSWORD, 9), 401, 'LOGIN_FAILED'); // all forgotten
  // somebody who does not exist is paused like somebody who does
  for (let n = 1; n <= 5; n++) assertProblem(await guess('nobody@example.com', PASSWORD, 10 + n), 401, 'LOGIN_FAILED');
  assertProblem(await guess('nobody@example.com', PASSWORD, 20), 429, 'THROTTLED');
});

test('guessing from one address makes pauses for that address', async (t) => {
  const house = await openProxied(t);
  const guess = (n, address) => new Visitor(house).post('/session', { email: `user-${n}@example.com`, password: PASSWORD }, from(address));
  for (let n = 0; n < 20; n++) assertProblem(await guess(n, `2001:db8:1::${n}`), 401, 'LOGIN_FAILED');
  assertProblem(await guess(20, '2001:db8:1::ffff'), 429, 'THROTTLED'); // the same /64
  assertProblem(await guess(20, '2001:db8:1:1::1'), 401, 'LOGIN_FAILED');
  const failed = events(house).filter((e) => e.event === 'Log-in failed');
  assert.equal(failed.length, 21, 'none for what was not even tried');
});

test('many log-ins at once all succeed, and do not stop what needs no password', async (t) => {
  const house = await openProxied(t, 'worker_count = 2\n');
  const emails = Array.from({ length: 8 }, (_, n) => addUser(house, `user-${n}@example.com`));
  let answered = 0;
  const logIns = [...emails, ...emails, ...emails, ...emails].map(async (email, n) => {
    const reply = await new Visitor(house).post('/session', { email, password: OTHER }, from(`198.51.100.${n}`));
    answered++;
    return reply.status;
  });
  // they wait in line for the one worker that hashes; the other one is free
  assert.equal((await new Visitor(house).get('/state')).status, 200);
  assert.ok(answered < logIns.length, 'the question was answered among them');
  assert.deepEqual(new Set(await Promise.all(logIns)), new Set([200]));
});

test('a session ends after silence, and X-Background does not keep it awake', async (t) => {
  const house = await openHouse(t, { ini: '[console]\nsession_idle_s = 2\n' });
  const [used, background] = [await loggedIn(house), await loggedIn(house)];
  for (let i = 0; i < 6; i++) {
    await sleep(500);
    assert.equal((await used.get('/session')).status, 200);
    await background.get('/session', { headers: { 'x-background': '1' } });
  }
  assertProblem(await background.get('/session'), 401, 'NOT_LOGGED_IN');
  await sleep(2100);
  assertProblem(await used.get('/session'), 401, 'NOT_LOGGED_IN');
});

test('a session ends after its time, however busy', async (t) => {
  const house = await openHouse(t, { ini: '[console]\nsession_max_s = 2\n' });
  const visitor = await loggedIn(house);
  const end = Date.parse((await visitor.get('/session')).json.endsAt);
  while (Date.now() < end - 300) {
    assert.equal((await visitor.get('/session')).status, 200);
    await sleep(100);
  }
  await sleep(end - Date.now() + 50);
  assertProblem(await visitor.get('/session'), 401, 'NOT_LOGGED_IN');
});

test('a session outlives a restart, with its mark', async (t) => {
  const house = await openHouse(t);
  const visitor = await loggedIn(house);
  await house.stop();
  await house.start();
  assert.equal((await rename(visitor, 'Ada Lovelace')).status, 200);
  assert.equal((await visitor.get('/profile')).json.name, 'Ada Lovelace');
});

test('suspending, deleting and a new password end all sessions of the user at once', async (t) => {
  const house = await openHouse(t);
  for (const [email, ...act] of [
    ['a@example.com', 'suspend'], ['b@example.com', 'delete'],
    ['c@example.com', 'password', '--password-file', house.file('new', `${PASSWORD}\n`)],
  ]) {
    addUser(house, email);
    const visitors = [await loggedIn(house, email, OTHER), await loggedIn(house, email, OTHER)];
    house.ok('user', act[0], email, ...act.slice(1));
    for (const visitor of visitors) assertProblem(await visitor.get('/session'), 401, 'NOT_LOGGED_IN');
    if (act[0] !== 'suspend') continue;
    house.ok('user', 'resume', email);
    for (const visitor of visitors) assertProblem(await visitor.get('/session'), 401, 'NOT_LOGGED_IN');
    await loggedIn(house, email, OTHER);
  }
});

test('a password that somebody else has set must be changed before anything else', async (t) => {
  const house = await openHouse(t);
  const email = addUser(house, 'grace@example.com', '--must-change-password');
  const visitor = await loggedIn(house, email, OTHER);
  const session = (await visitor.get('/session')).json;
  const old = visitor.cookie;

  assert.equal(session.state, 'password-change');
  assert.deepEqual(session.permissions, []);
  assertProblem(await visitor.get('/profile'), 403, 'PASSWORD_CHANGE_NEEDED');
  assertProblem(await visitor.post('/session/second-factor', { code: '123456' }), 409, 'CONFLICT');
  for (const bad of ['short', email, OTHER]) {
    const reply = await visitor.post('/session/password', { newPassword: bad });
    assertProblem(reply, 422, 'INVALID');
    assert.equal(reply.json.errors[0].field, 'newPassword');
    assert.ok(bad === email || !reply.text.includes(bad));
  }
  const changed = await visitor.post('/session/password', { newPassword: PASSWORD });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.state, 'active');
  assert.notEqual(visitor.cookie, old);
  assert.equal((await visitor.get('/profile')).status, 200);
  assert.equal((await send(house, 'GET', `${API}/session`, { headers: { cookie: old } })).status, 401);
  await loggedIn(house, email, PASSWORD);
  assertProblem(await new Visitor(house).post('/session', { email, password: OTHER }), 401, 'LOGIN_FAILED');
  assert.ok(events(house).some((e) => e.event === 'Password changed' && e.actor.name === email));
});

test('one changes one\'s own password with the old one; the other sessions end', async (t) => {
  const house = await openHouse(t);
  const [here, there] = [await loggedIn(house), await loggedIn(house)];
  const change = (oldPassword, newPassword) => here.post('/profile/password', { oldPassword, newPassword });

  const wrong = await change(OTHER, OTHER);
  assertProblem(wrong, 422, 'INVALID');
  assert.equal(wrong.json.errors[0].field, 'oldPassword');
  assertProblem(await change(PASSWORD, PASSWORD), 422, 'INVALID');
  assertProblem(await change(PASSWORD, 'short'), 422, 'INVALID');
  assert.equal((await change(PASSWORD, OTHER)).status, 204);
  assert.equal((await here.get('/session')).status, 200);
  assertProblem(await there.get('/session'), 401, 'NOT_LOGGED_IN');
  await loggedIn(house, ADMIN, OTHER);
  const { passwordChangedAt } = (await here.get('/profile')).json;
  assert.ok(Math.abs(Date.parse(passwordChangedAt) - Date.now()) < 10_000);
});

test('of two who change the same name at once the second hears of it', async (t) => {
  const house = await openHouse(t);
  const [here, there] = [await loggedIn(house), await loggedIn(house)];
  const { headers: { etag } } = await here.get('/profile');
  const first = await here.patch('/profile', { name: 'Ada' }, { headers: { 'if-match': etag } });
  assert.equal(first.json.name, 'Ada');
  assert.notEqual(first.headers.etag, etag);
  assertProblem(await there.patch('/profile', { name: 'Countess' }, { headers: { 'if-match': etag } }), 412, 'CHANGED');
  assertProblem(await there.patch('/profile', { name: 'Countess' }), 428, 'IF_MATCH_NEEDED');
  for (const bad of ['*', 'x', '"x"', `W/${first.headers.etag}`, first.headers.etag.replaceAll('"', '')]) {
    assertProblem(await there.patch('/profile', { name: 'Countess' }, { headers: { 'if-match': bad } }), 412, 'CHANGED');
  }
  assert.equal((await there.patch('/profile', { name: 'Countess' }, { headers: { 'if-match': first.headers.etag } })).status, 200);
  const long = await rename(here, 'x'.repeat(121));
  assertProblem(long, 422, 'INVALID');
  assert.equal(long.json.errors[0].field, 'name');
});

test('one sees one\'s sessions and signs them out', async (t) => {
  const house = await openProxied(t);
  addUser(house, 'grace@example.com');
  const here = await loggedIn(house);
  const there = new Visitor(house);
  await there.post('/session', { email: ADMIN, password: PASSWORD }, { headers: { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'Phone\u00e9/1' } });
  const stranger = await loggedIn(house, 'grace@example.com', OTHER);
  const { data, next, total } = (await here.get('/profile/sessions')).json;

  assert.deepEqual([data.length, next, total], [2, null, 2]);
  const [phone] = data.filter((s) => !s.isCurrent);
  assert.equal(phone.address, '203.0.113.7');
  assert.equal(phone.userAgent, 'Phone/1');
  assertProblem(await stranger.delete(`/profile/sessions/${phone.id}`), 404, 'NOT_FOUND');
  assertProblem(await here.delete('/profile/sessions/x%00y'), 404, 'NOT_FOUND');
  assert.equal((await here.delete(`/profile/sessions/${phone.id}`)).status, 204);
  assertProblem(await there.get('/session'), 401, 'NOT_LOGGED_IN');
  const [own] = (await here.get('/profile/sessions')).json.data;
  assert.equal(own.isCurrent, true);
  assert.equal((await here.delete(`/profile/sessions/${own.id}`)).status, 204);
  assert.equal(here.cookie, null);
  assert.equal((await stranger.get('/session')).status, 200);
});

/** Switches the second factor on; gives { secret, recoveryCodes, usedAtMs }. */
async function switchOn(visitor, password = PASSWORD) {
  const begun = await visitor.post('/profile/second-factor', { password });
  assert.equal(begun.status, 200, begun.text);
  assert.match(begun.json.secret, /^[A-Z2-7]{32}$/);
  assert.equal(begun.json.uri, `otpauth://totp/Tokenhouse:${ADMIN.replace('@', '%40')}?secret=${begun.json.secret}&issuer=Tokenhouse`);
  const usedAtMs = Date.now();
  const wrong = await visitor.put('/profile/second-factor', { code: totp(begun.json.secret, usedAtMs - 3600_000) });
  assertProblem(wrong, 422, 'INVALID');
  assert.equal(wrong.json.errors[0].field, 'code');
  const proved = await visitor.put('/profile/second-factor', { code: totp(begun.json.secret, usedAtMs) });
  assert.equal(proved.status, 200, proved.text);
  return { secret: begun.json.secret, recoveryCodes: proved.json.recoveryCodes, usedAtMs };
}

test('with a second factor a password alone opens nothing; each code works once', async (t) => {
  const house = await openHouse(t);
  const first = await loggedIn(house);
  assertProblem(await first.post('/profile/second-factor', { password: OTHER }), 422, 'INVALID');
  assertProblem(await first.put('/profile/second-factor', { code: '123456' }), 409, 'CONFLICT');
  const { secret, recoveryCodes, usedAtMs } = await switchOn(first);
  assert.equal(new Set(recoveryCodes).size, 10);
  for (const code of recoveryCodes) assert.match(code, /^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
  assertProblem(await first.post('/profile/second-factor', { password: PASSWORD }), 409, 'CONFLICT');
  assert.equal((await first.get('/profile')).json.hasSecondFactor, true);

  const visitor = new Visitor(house);
  const half = await visitor.logIn();
  assert.equal(half.state, 'second-factor');
  assert.deepEqual(half.permissions, []);
  const halfCookie = visitor.cookie;
  assertProblem(await visitor.get('/profile'), 401, 'SECOND_FACTOR_NEEDED');
  assertProblem(await visitor.post('/session/password', { newPassword: OTHER }), 409, 'CONFLICT');
  const tryCode = (code) => visitor.post('/session/second-factor', { code });
  assertProblem(await tryCode(totp(secret, usedAtMs)), 401, 'SECOND_FACTOR_WRONG'); // used to switch on
  assertProblem(await tryCode(totp(secret, usedAtMs + 3600_000)), 401, 'SECOND_FACTOR_WRONG');
  const next = totp(secret, usedAtMs + 30_000); // one step of tolerance
  const whole = await tryCode(next);
  assert.equal(whole.status, 200, whole.text);
  assert.equal(whole.json.state, 'active');
  assert.equal(whole.json.endsAt, half.endsAt);
  assert.equal((await visitor.get('/profile')).status, 200);
  assert.equal((await send(house, 'GET', `${API}/session`, { headers: { cookie: halfCookie } })).status, 401);

  const again = new Visitor(house);
  await again.logIn();
  assertProblem(await again.post('/session/second-factor', { code: next }), 401, 'SECOND_FACTOR_WRONG');
  const typed = ` ${recoveryCodes[3].toLowerCase().replaceAll('-', ' ')} `;
  assert.equal((await again.post('/session/second-factor', { code: typed })).status, 200);
  assert.equal((await again.get('/profile')).json.recoveryCodesLeft, 9);
  const third = new Visitor(house);
  await third.logIn();
  assertProblem(await third.post('/session/second-factor', { code: recoveryCodes[3] }), 401, 'SECOND_FACTOR_WRONG');

  const fresh = await again.post('/profile/recovery-codes', { password: PASSWORD });
  assert.equal(fresh.json.recoveryCodes.length, 10);
  assertProblem(await third.post('/session/second-factor', { code: recoveryCodes[4] }), 401, 'SECOND_FACTOR_WRONG');
  assert.equal((await third.post('/session/second-factor', { code: fresh.json.recoveryCodes[0] })).status, 200);

  assertProblem(await third.delete('/profile/second-factor', { password: OTHER }), 422, 'INVALID');
  assert.equal((await third.delete('/profile/second-factor', { password: PASSWORD })).status, 204);
  assert.equal((await new Visitor(house).logIn()).state, 'active');
  assertProblem(await third.delete('/profile/second-factor', { password: PASSWORD }), 409, 'CONFLICT');
  const told = events(house).filter((e) => e.event === 'Second factor updated').map((e) => e.details.action);
  assert.deepEqual(told, ['switched off', 'recovery code used', 'recovery codes made', 'recovery code used', 'switched on']);
});

test('guessing codes makes pauses, for all sessions of the user', async (t) => {
  const house = await openHouse(t);
  const { secret } = await switchOn(await loggedIn(house));
  const [one, two] = [new Visitor(house), new Visitor(house)];
  await one.logIn();
  await two.logIn();
  const wrong = totp(secret, Date.now() + 7200_000);
  for (let i = 0; i < 5; i++) assertProblem(await one.post('/session/second-factor', { code: wrong }), 401, 'SECOND_FACTOR_WRONG');
  const paused = await two.post('/session/second-factor', { code: totp(secret, Date.now() + 30_000) });
  assertProblem(paused, 429, 'THROTTLED');
  assert.equal(paused.headers['retry-after'], '1');
});

test('no secret of the console stands in the log, the events or the database', async (t) => {
  const house = makeHouse(t);
  await house.start({ ini: '[server]\nlog_level = debug\n' });
  const visitor = await loggedIn(house);
  const { secret, recoveryCodes } = await switchOn(visitor);
  const again = new Visitor(house);
  await again.logIn();
  await again.post('/session/second-factor', { code: recoveryCodes[0] });
  await visitor.post('/profile/password', { oldPassword: PASSWORD, newPassword: OTHER });
  await new Visitor(house).post('/session', { email: PASSWORD, password: OTHER });
  const history = JSON.stringify(events(house));
  await house.stop();
  const files = readdirSync(house.data).filter((name) => name.startsWith('tokenhouse.db'))
    .map((name) => readFileSync(join(house.data, name)));
  const secrets = [PASSWORD, OTHER, secret, ...recoveryCodes, ...recoveryCodes.map((c) => c.replaceAll('-', '')),
    visitor.cookie.split('=')[1], again.cookie.split('=')[1], visitor.csrf];
  for (const text of secrets) {
    assert.ok(!house.log.includes(text), 'in the log');
    assert.ok(!history.includes(text), 'in the events');
    for (const bytes of files) assert.ok(!bytes.includes(text), 'in the database');
  }
});
