// SPDX-License-Identifier: Apache-2.0
// Upstreams over the admin API, beyond what the command does as well: descriptions that are
// longer than other bodies, from those who are logged in, and how an upstream does.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { API, assertProblem, loggedIn } from './support/console.mjs';
import { openHouse, until as elapsed } from './support/house.mjs';
import { deadPort, goodServer } from './support/upstream.mjs';

const MIB = 1024 * 1024;
const description = (more = '') => JSON.stringify({
  openapi: '3.1.0', info: { title: 'Orders', version: '2', description: more },
  paths: {
    '/orders/{id}': {
      get: { 'x-tokenhouse': { permissions: ['Orders:View'] } },
      delete: {},
    },
  },
});

/** Asks until the answer is good; gives it. */
async function until(ask, good) {
  let last;
  await elapsed(async () => { last = await ask(); return last; }, good, 15_000);
  return last;
}

/** The answer to a head that says how long the body will be; none is sent. */
function headOnly(house, method, path, length, headers) {
  return new Promise((done, fail) => {
    const asked = http.request({
      host: '127.0.0.1', port: house.port, method, path: API + path, agent: false,
      headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
    }, (reply) => {
      reply.resume();
      done(reply.statusCode);
      asked.destroy();
    });
    asked.on('error', fail);
    asked.setTimeout(1000, () => { asked.destroy(); done('waits for the body'); });
    asked.flushHeaders();
  });
}

test('a description may be longer than other bodies, from who is logged in', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const wish = { name: 'Orders', urls: ['http://127.0.0.1:9'], prefix: '/orders', openapi: description('x'.repeat(12 * MIB)) };
  const checked = await ada.post('/upstreams/check', wish);
  assert.equal(checked.status, 200, checked.text.slice(0, 400));
  assert.equal((await ada.post('/upstreams/draft', { openapi: wish.openapi })).json.draftedCount, 1);
  const added = await ada.post('/upstreams', wish);
  assert.equal(added.status, 201);
  const { id } = added.json.upstream;
  assert.equal((await ada.get(`/upstreams/${id}/texts`)).json.openapi.length, wish.openapi.length);
  const again = { openapi: description('y'.repeat(2 * MIB)) };
  assert.equal((await ada.post(`/upstreams/${id}/check`, again)).status, 200);
  assert.equal((await ada.patch(`/upstreams/${id}`, again, { headers: { 'if-match': '"1"' } })).status, 200);

  // so long, and no longer; these routes, and no others; with a mark that is the session's
  const mine = { cookie: ada.cookie, 'x-csrf-token': ada.csrf };
  const lasts = 'waits for the body';
  assert.equal(await headOnly(house, 'POST', '/upstreams/check', 32 * MIB, mine), lasts);
  assert.equal(await headOnly(house, 'POST', '/upstreams/check', 32 * MIB + 1, mine), 413);
  assert.equal(await headOnly(house, 'POST', '/tokens', MIB, mine), lasts);
  assert.equal(await headOnly(house, 'POST', '/tokens', MIB + 1, mine), 413);
  assert.equal(await headOnly(house, 'POST', `/upstreams/${id}/suspend`, MIB + 1, mine), 413);
  const { cookie } = mine;
  const other = await loggedIn(house);
  for (const headers of [{}, { cookie }, { cookie, 'x-csrf-token': 'x'.repeat(43) }, { cookie, 'x-csrf-token': other.csrf },
    { 'x-csrf-token': ada.csrf }]) {
    assert.equal(await headOnly(house, 'POST', '/upstreams/check', MIB + 1, headers), 413);
  }
  // a session that has ended is told apart from a body that is too long
  await ada.delete('/session');
  assertProblem(await ada.ask('POST', '/upstreams/check', { body: wish, headers: mine }), 401, 'NOT_LOGGED_IN');
});

test('how an upstream does: each of its addresses, in a word for all', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const api = await goodServer(t, (request, response) => response.end('{}'));
  const dead = await deadPort();
  const urls = [`http://127.0.0.1:${api.port}`, `http://127.0.0.1:${dead}`];
  const { id } = (await ada.post('/upstreams', { name: 'Orders', urls, prefix: '/orders', openapi: description() })).json.upstream;
  const row = async () => (await ada.get('/upstreams')).json.data[0];
  const health = async () => (await ada.get(`/upstreams/${id}/health`)).json;
  const fresh = await until(row, (now) => now.state === 'untried'); // nobody knows yet
  assert.deepEqual([fresh.operationCount, fresh.refusedCount], [2, 1]);
  assert.deepEqual((await health()).addresses.map((one) => [one.url, one.address, one.port, one.isDown]),
    [[urls[0], '127.0.0.1', api.port, false], [urls[1], '127.0.0.1', dead, false]]);
  const reader = house.hs256('reads', '--permission', 'Orders:View');
  await until(async () => {
    await house.ask(reader, 'GET', '/orders/orders/7');
    return row();
  }, (now) => now.state === 'works');
  const partly = await until(async () => {
    await house.ask(reader, 'GET', '/orders/orders/7');
    return health();
  }, (now) => now.state === 'partly');
  assert.equal(partly.addresses.find((one) => one.isDown).url, urls[1]);
  assert.ok(partly.requests >= 5 && partly.failures >= 5 && partly.addresses.find((one) => one.isDown).failuresInARow >= 5, JSON.stringify(partly));

  const one = (await ada.get(`/upstreams/${id}`)).headers.etag;
  await ada.patch(`/upstreams/${id}`, { urls: [urls[1]] }, { headers: { 'if-match': one } });
  await until(async () => {
    await house.ask(reader, 'GET', '/orders/orders/7');
    return row();
  }, (now) => now.state === 'down');
  await ada.post(`/upstreams/${id}/suspend`);
  await until(row, (now) => now.state === 'suspended' && now.operationCount === 0);
  assert.deepEqual((await health()).state, 'suspended');
  assert.equal((await ada.get('/upstreams/none/health')).status, 404);
});

test('who may see upstreams changes none, and who may not sees none', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const wish = { name: 'Orders', urls: ['http://127.0.0.1:9'], prefix: '/orders', openapi: description() };
  const { id } = (await ada.post('/upstreams', wish)).json.upstream;
  const password = 'another long password';
  const as = async (role, ...permissions) => {
    house.ok('role', 'add', role, ...permissions.flatMap((one) => ['--permission', one]));
    house.ok('user', 'add', `${role}@example.com`, '--role', role, '--password-file', house.file('pw', `${password}\n`));
    return loggedIn(house, `${role}@example.com`, password);
  };
  const reads = (who) => [who.get('/upstreams'), who.get(`/upstreams/${id}`), who.get(`/upstreams/${id}/health`), who.get(`/upstreams/${id}/texts`),
    who.post('/upstreams/check', { ...wish, prefix: '/other' }), who.post(`/upstreams/${id}/check`, {}), who.post('/upstreams/draft', { openapi: wish.openapi })];
  const acts = (who) => [who.post('/upstreams', { ...wish, name: 'Other', prefix: '/other' }),
    who.patch(`/upstreams/${id}`, { name: 'Mine' }, { headers: { 'if-match': '"1"' } }), who.post(`/upstreams/${id}/suspend`),
    who.post(`/upstreams/${id}/resume`), who.get(`/upstreams/${id}/use`), who.delete(`/upstreams/${id}`)];
  const statuses = async (asked) => [...new Set((await Promise.all(asked)).map((answer) => answer.status))];
  const looker = await as('looker', 'Upstreams:View');
  assert.deepEqual(await statuses(reads(looker)), [200]);
  assert.deepEqual(await statuses(acts(looker)), [403]);
  // by its name or prefix, in any case, and only by those who may see it
  const found = async (who, q) => (await who.get(`/search?q=${encodeURIComponent(q)}`)).json.upstreams.map((row) => row.name);
  assert.deepEqual([await found(looker, 'RDER'), await found(looker, '/orders'), await found(looker, 'orderz'), await found(ada, 'orders')],
    [['Orders'], ['Orders'], [], ['Orders']]);
  const stranger = await as('stranger', 'Device reports:View');
  assert.deepEqual(await found(stranger, 'Orders'), []);
  assert.deepEqual(await statuses([...reads(stranger), ...acts(stranger)]), [403]);
  assert.equal((await ada.get(`/upstreams/${id}`)).json.upstream.version, 1);
});
