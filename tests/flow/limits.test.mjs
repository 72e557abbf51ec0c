// SPDX-License-Identifier: Apache-2.0
// Limits of tokens, operations and the account, from outside: rates with their fields,
// quotas that outlast a restart, places at the same time, uses in all that are never one
// too many, and a first day.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, sign, until } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';
import { addUpstream, description, goodServer } from './support/upstream.mjs';

const WHOAMI = '/v3/whoami';
const DEVICES = '/v3/reporting/devices';
const DAY_MS = 86_400_000;
const day = (ahead) => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);
const detail = (answer) => answer.json?.details?.[0]?.code;

/** Asks until the house has heard of the token and has reserved uses for it. */
const first = (house, token, good = (answer) => answer.status === 200) =>
  until(() => house.ask(token, 'GET', WHOAMI), good);

/** Asks on while it is permitted, or uses are being reserved; gives how often it was. */
async function useUp(house, token, most) {
  for (let count = 0; count <= most;) {
    const answer = await house.ask(token, 'GET', WHOAMI);
    if (answer.status === 200) count++;
    else if (answer.status !== 503) return { count, answer };
  }
  assert.fail('it is never used up');
}

test('the rate of a token takes the place of the server\'s, and answers tell of it', async (t) => {
  const house = makeHouse(t);
  const own = house.hs256('own', '--rate', '5/m');
  const usual = house.hs256('usual');
  await house.start({ ini: '[gate]\ntoken_rate_per_s = 100\naccount_rate_per_s = 1000\n' });
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await house.ask(own, 'GET', WHOAMI));
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 200, 200, 429]);
  const told = (answer) => [answer.headers.get('ratelimit-policy'), answer.headers.get('ratelimit')];
  assert.equal(told(answers[0])[0], '"token";q=5;w=60, "account";q=1000;w=1');
  assert.match(told(answers[0])[1], /^"token";r=4;t=12, "account";r=999;t=1$/);
  assert.match(told(answers[4])[1], /^"token";r=0;t=(59|60), "account";r=\d+;t=1$/);
  assert.equal(told(answers[5])[0], '"token";q=5;w=60', 'what refused comes last');
  assert.match(answers[5].headers.get('retry-after'), /^1[0-2]$/);
  assert.equal(detail(answers[5]), 'RATE_LIMITED');
  assert.match(answers[5].json.message, /more than 5 requests in a minute/);
  const other = await house.ask(usual, 'GET', DEVICES);
  assert.equal(other.status, 200);
  assert.equal(told(other)[0], '"token";q=100;w=1, "account";q=1000;w=1', 'answers of workers too');
});

test('without limits no answer tells of them', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('x');
  await house.start();
  const answer = await house.ask(token, 'GET', WHOAMI);
  assert.deepEqual([answer.headers.get('ratelimit'), answer.headers.get('ratelimit-policy')], [null, null]);
});

test('operation_rates hold for an operation, all tokens together', async (t) => {
  const house = makeHouse(t);
  const tokens = [house.hs256('one'), house.hs256('two')];
  await house.start({ ini: '[gate]\noperation_rates = get-devices=3/m,get-whoami=1000/s\n' });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await house.ask(tokens[i % 2], 'GET', DEVICES)).status);
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  assert.equal((await house.ask(tokens[0], 'GET', WHOAMI)).status, 200);
});

test('a rate in a description holds for its operation, all tokens together', async (t) => {
  const house = makeHouse(t);
  const tokens = [house.hs256('one'), house.hs256('two')];
  const api = await goodServer(t, (request, response) => response.end('{}'));
  const limited = (operationId) => ({ operationId, 'x-tokenhouse': { permissions: [], rate: '3/h' } });
  const document = description({ '/few': { get: limited('get-few') }, '/set': { get: limited('get-set') } });
  addUpstream(house, { ports: [api.port], document });
  await house.start({ ini: '[gate]\noperation_rates = get-set=4/h\n' });
  const statuses = async (path) => {
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await house.ask(tokens[i % 2], 'GET', path));
    return { answers, list: answers.map((answer) => answer.status) };
  };
  const few = await statuses('/few');
  assert.deepEqual(few.list, [200, 200, 200, 429, 429]);
  assert.equal(few.answers[3].headers.get('ratelimit-policy'), '"operation";q=3;w=3600');
  assert.match(few.answers[3].headers.get('retry-after'), /^1[12]\d\d$/);
  // what the operator has set goes before it, and what is beside it has no limit
  assert.deepEqual((await statuses('/set')).list, [200, 200, 200, 200, 429]);
  assert.deepEqual((await statuses('/things/1')).list, [200, 200, 200, 200, 200]);
  // another upstream that comes does not begin it anew
  addUpstream(house, { name: 'Other', prefix: '/other', ports: [api.port] });
  await until(() => house.ask(tokens[0], 'GET', '/other/things/1'), (answer) => answer.status === 200);
  assert.equal((await house.ask(tokens[0], 'GET', '/few')).status, 429);
  assert.match(house.ok('upstream', 'show', 'Things'), /\/few .*any token; at most 3\/h/);
});

test('max_uses is exact, also after kill -9: uses may be lost, never gained', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('few', '--max-uses', '60');
  let permitted = 0;
  for (let i = 0; i < 4; i++) {
    await house.start();
    await first(house, token, (answer) => answer.status === 200 || detail(answer) === 'TOKEN_USED_UP');
    permitted++;
    for (let k = 0; k < 3 * i; k++) permitted += (await house.ask(token, 'GET', WHOAMI)).status === 200 ? 1 : 0;
    await house.kill();
  }
  await house.start();
  const rest = await useUp(house, token, 60);
  assert.equal(detail(rest.answer), 'TOKEN_USED_UP');
  assert.match(rest.answer.json.message, /the 60 requests that it may make in all/);
  assert.ok(permitted + rest.count <= 60, `${permitted} + ${rest.count}`);
  await house.stop();
  await house.start();
  assert.equal((await useUp(house, token, 60)).count, 0);
});

test('a clean stop loses no use; many at once get no use too many', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('exact', '--max-uses', '40');
  await house.start();
  await first(house, token);
  for (let i = 0; i < 4; i++) assert.ok([200, 503].includes((await house.ask(token, 'GET', WHOAMI)).status));
  await house.stop();
  await house.start();
  const before = list(house, 'token', 'show', token.id).useCount;
  let count = before;
  for (let round = 0; round < 40; round++) {
    const all = await Promise.all(Array.from({ length: 20 }, () => house.ask(token, 'GET', WHOAMI)));
    count += all.filter((answer) => answer.status === 200).length;
    if (all.every((answer) => detail(answer) === 'TOKEN_USED_UP')) break;
  }
  assert.equal(count, 40);
});

test('a quota of a day outlasts a restart and says when the next day begins', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('daily', '--quota', '25');
  await house.start();
  await first(house, token);
  for (let i = 0; i < 9; i++) await house.ask(token, 'GET', WHOAMI);
  await house.stop();
  const used = list(house, 'token', 'show', token.id).useCount;
  await house.start();
  const { count, answer } = await useUp(house, token, 25);
  assert.equal(used + count, 25);
  assert.equal(answer.status, 429);
  assert.equal(detail(answer), 'QUOTA_USED_UP');
  const left = Number(answer.headers.get('retry-after'));
  const midnight = Math.ceil((DAY_MS - (Date.now() % DAY_MS)) / 1000);
  assert.ok(Math.abs(left - midnight) <= 5 || midnight < 10, `${left} ${midnight}`);
  assert.match(answer.headers.get('ratelimit-policy'), /"day";q=25;w=86400/);
  // a new day is a new quota: yesterday's reservation is brought about in the database
  await house.stop();
  execFileSync('python3', ['-c', `
import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
assert d.execute("UPDATE token_allowance SET day = day - 1").rowcount == 1
d.commit()`, join(house.data, 'tokenhouse.db')]);
  await house.start();
  await first(house, token);
});

test('places at the same time are given back, whatever comes of a request', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('one at a time', '--concurrent', '1');
  await house.start();
  await first(house, token);
  const jws = await sign(token, 'GET', DEVICES, { query: 'pageSize=1' });
  const all = await Promise.all(Array.from({ length: 40 }, () => house.post(jws)));
  assert.ok(all.every((answer) => answer.status === 200 || detail(answer) === 'TOO_MANY_AT_ONCE'));
  assert.ok(all.some((answer) => answer.status === 200));
  // callers who go away do not keep their place
  for (let i = 0; i < 20; i++) {
    const gone = new AbortController();
    const asked = fetch(`${house.url}/jws/validate`, { method: 'POST', body: jws, signal: gone.signal }).catch(() => {});
    gone.abort();
    await asked;
  }
  await until(() => house.post(jws), (answer) => answer.status === 200);
  for (const uri of ['/v3/none', DEVICES, WHOAMI]) await house.ask(token, 'GET', uri);
  await until(() => house.ask(token, 'GET', DEVICES), (answer) => answer.status === 200);
});

test('a token does not work before its first day', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('later', '--not-before', day(2));
  const today = house.hs256('today', '--not-before', day(0));
  await house.start();
  const answer = await house.ask(token, 'GET', WHOAMI);
  assert.equal(answer.status, 401);
  assert.equal(detail(answer), 'TOKEN_NOT_YET_VALID');
  assert.match(answer.json.message, new RegExp(`from ${day(2)}T00:00:00.000Z on`));
  assert.equal((await house.ask(today, 'GET', WHOAMI)).status, 200);
  house.ok('token', 'edit', token.id, '--not-before', '0');
  await first(house, token);
});

test('limits over the admin API and by command: read, written, bounded, and whose rates are', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const none = { rate: null, quotaPerDay: null, concurrent: null, maxUses: null, notBefore: null };
  const limits = { rate: '10/s', quotaPerDay: 1000, concurrent: 3, maxUses: 5000, notBefore: day(1) };
  const made = await ada.post('/tokens', { title: 'limited', key: { kind: 'generate' }, limits });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(made.json.token.limits, limits);
  assert.deepEqual((await ada.post('/tokens', { title: 'free', key: { kind: 'generate' } })).json.token.limits, none);
  const { id } = made.json.token;
  assert.deepEqual(list(house, 'token', 'show', id).limits, limits);
  for (const bad of [{ rate: '10' }, { rate: '0/s' }, { rate: '10/w' }, { maxUses: 0 }, { maxUses: -1 }, { concurrent: 20_000 },
    { notBefore: 'soon' }, { notBefore: day(400) }, { unknown: 1 }]) {
    assertProblem(await ada.post('/tokens', { title: 'x', key: { kind: 'generate' }, limits: bad }), 422, 'INVALID');
  }
  const shown = await ada.get(`/tokens/${id}`);
  const edited = await ada.patch(`/tokens/${id}`, { limits: { maxUses: 7 } }, { headers: { 'if-match': shown.headers.etag } });
  assert.deepEqual(edited.json.limits, { ...none, maxUses: 7 });
  house.ok('token', 'edit', id, '--concurrent', '2', '--max-uses', '0');
  assert.deepEqual(list(house, 'token', 'show', id).limits, { ...none, concurrent: 2 });
  assert.match(house.ok('token', 'show', id), /^At the same time: +2$/m);
  refused(house.cli('token', 'create', '--user', ADMIN, '--title', 'x', '--rate', 'fast'), 1, /--rate is 'fast'; wanted is for example 10\/s/);
  // a rate of its own is given by System Administrators only; the other limits by anybody
  house.ok('user', 'add', 'grace@example.com', '--role', 'Security Administrator', '--password-file', house.file('pw', 'another long password\n'));
  const grace = await loggedIn(house, 'grace@example.com', 'another long password');
  const asked = (wanted) => grace.post('/tokens', { title: 'hers', key: { kind: 'generate' }, limits: wanted });
  assert.equal((await asked({ maxUses: 5 })).status, 201);
  const no = await asked({ rate: '10/s' });
  assert.equal(no.status, 403);
  assert.match(no.text, /only a System Administrator/);
});

test('a successor has the limits of the token that it replaces, or those that are named', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const limits = { rate: '10/s', quotaPerDay: 1000, concurrent: 3, maxUses: 5000, notBefore: null };
  const key = { kind: 'generate' };
  const none = { rate: null, quotaPerDay: null, concurrent: null, maxUses: null, notBefore: null };
  const made = async () => (await ada.post('/tokens', { title: 'old', key, limits })).json.token;
  const roll = (who, old, body) => who.post(`/tokens/${old.id}/roll`, { key, ...body }, { headers: { 'if-match': `"${old.version}"` } });
  assert.deepEqual((await roll(ada, await made(), {})).json.token.limits, limits);
  assert.deepEqual((await roll(ada, await made(), { limits: { maxUses: 7 } })).json.token.limits, { ...none, maxUses: 7 });
  const late = await roll(ada, await made(), { limits: { notBefore: day(400) } });
  assertProblem(late, 422, 'INVALID');
  assert.equal(late.json.errors[0].field, 'limits.notBefore');
  // by command those that are not given stay
  const old = await made();
  house.ok('token', 'roll', old.id, '--max-uses', '0', '--quota', '20');
  assert.deepEqual(list(house, 'token', 'show', list(house, 'token', 'show', old.id).replacedBy).limits, { ...limits, quotaPerDay: 20, maxUses: null });
  // a rate that a System Administrator gave is handed on by anybody, and changed by none but them
  house.ok('user', 'add', 'grace@example.com', '--role', 'Security Administrator', '--password-file', house.file('pw', 'another long password\n'));
  const grace = await loggedIn(house, 'grace@example.com', 'another long password');
  const hers = (await grace.post('/tokens', { title: 'hers', key })).json.token;
  house.ok('token', 'edit', hers.id, '--rate', '10/s');
  const now = (await grace.get(`/tokens/${hers.id}`)).json;
  const no = await roll(grace, now, { limits: { rate: '20/s' } });
  assert.equal(no.status, 403, no.text);
  assert.match(no.text, /only a System Administrator/);
  assert.equal((await roll(grace, now, { limits: { rate: '10/s', maxUses: 9 } })).json.token.limits.rate, '10/s');
});
