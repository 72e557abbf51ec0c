// SPDX-License-Identifier: Apache-2.0
//
// Somebody with an account and little more, against every row of the route table: nothing
// of another's comes out of any answer, and nothing of another's is changed. A new route
// is tried without a word here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { API, loggedIn, send } from './support/console.mjs';
import { addUpstream } from './support/upstream.mjs';
import { makeHouse, until } from './support/house.mjs';

const PASSWORD = 'a password of somebody';
const MARK = 'Zyxuwv'; // no id has a U; stands in the name of whatever is not Mallory's
const TABLE = readFileSync(new URL('../../src/console/routes.c', import.meta.url), 'utf8');
const ROUTES = [...TABLE.matchAll(/^ {4}\{"([A-Z]+)", "([^"]+)"/gm)].map(([, method, path]) => ({ method, path }));

function addUser(house, email, role) {
  house.ok('user', 'add', email, '--role', role, '--name', email.startsWith('mallory') ? 'M' : MARK, '--password-file', house.file(`pw-${email}`, `${PASSWORD}\n`));
}

/** Ada has all; Eve of East has a token, a shadow, a roll and refusals; Mallory is of West. */
async function scene(t) {
  const house = makeHouse(t);
  house.ok('device', 'import', house.file('devices.json', JSON.stringify([
    { deviceName: `${MARK} 1`, esn: 'E1', applications: [{ appId: 'a', appName: `${MARK} app` }] }, { deviceName: 'Plain', esn: 'W1' }])));
  for (const name of [`${MARK} East`, 'West']) house.ok('group', 'add', name);
  house.ok('group', 'assign', `${MARK} East`, '--device', 'E1', '--device', 'W1');
  house.ok('group', 'assign', 'West', '--device', 'W1');
  house.ok('role', 'add', `${MARK} role`, '--permission', 'Device Fields:View');
  house.ok('output', 'add', `${MARK} output`, `https://127.0.0.1:1/${MARK}`, '--pause');
  addUpstream(house, { name: `${MARK} API`, prefix: '/api', ports: [9] });
  addUser(house, 'eve.zyxuwv@example.com', 'Administrator');
  addUser(house, 'mallory@example.com', 'Power User');
  house.ok('group', 'assign', `${MARK} East`, '--user', 'eve.zyxuwv@example.com');
  house.ok('group', 'assign', 'West', '--user', 'mallory@example.com');
  await house.start();
  const [ada, eve, mallory] = [await loggedIn(house), await loggedIn(house, 'eve.zyxuwv@example.com', PASSWORD), await loggedIn(house, 'mallory@example.com', PASSWORD)];
  const make = async (title) => (await eve.post('/tokens', { title, key: { kind: 'generate' } })).json;
  const [made, rolled] = [await make(`${MARK} token`), await make(`${MARK} rolled`)];
  const { etag } = (await eve.get(`/tokens/${rolled.token.id}`)).headers;
  assert.equal((await eve.post(`/tokens/${rolled.token.id}/roll`, { key: { kind: 'generate' } }, { headers: { 'if-match': etag } })).status, 201);
  const ids = {
    tokens: [made.token.id, rolled.token.id],
    users: [(await eve.get('/session')).json.user.uid],
    groups: [(await ada.get(`/groups?q=${MARK}`)).json.data[0].uid],
    roles: [(await ada.get(`/roles?q=${MARK}`)).json.data[0].id],
    devices: [(await ada.get(`/devices?q=${MARK}`)).json.data[0].deviceUid],
    outputs: [(await ada.get('/outputs')).json.data[0].uid],
    upstreams: [(await ada.get('/upstreams')).json.data[0].uid],
    licences: [(await ada.get('/licences')).json.data[0].uid],
    events: (await ada.get('/events?q=zyx')).json.data.map((event) => event.id),
    mail: [1], imports: ['00000000-0000-4000-8000-000000000000'],
    profile: [(await eve.get('/profile/sessions')).json.data[0].id],
  };
  return { house, ada, eve, mallory, ids };
}

/** The paths of a route, with whatever is another's in its place. */
function pathsOf(path, ids) {
  const [, , kind] = /^(\/([a-z]+))/.exec(path);
  if (!path.includes('{')) return [path];
  assert.ok(ids[kind], `what is another's for ${path}?`);
  return ids[kind].map((id) => path.replace(/\{[a-z]+\}/, id));
}

/** All that could be different: what Ada sees. */
async function everything(ada, ids) {
  const lists = await Promise.all(['/tokens', '/users', '/roles', '/groups', '/devices', '/licences', '/outputs', '/upstreams', '/account'].map((path) => ada.get(path)));
  const ones = await Promise.all([...ids.tokens.map((id) => `/tokens/${id}`), `/groups/${ids.groups[0]}/devices`].map((path) => ada.get(path)));
  // what Mallory may do to themselves, and what time does
  return JSON.stringify([...lists, ...ones].map((reply) => reply.json), (name, value) =>
    (['lastLoginAt', 'lag', 'cursor', 'takenAt'].includes(name) ? undefined : value));
}

test('no answer to somebody else tells anything of it', async (t) => {
  const { house, ada, mallory, ids } = await scene(t);
  const [token] = ids.tokens;
  const queries = {
    '/tokens': ['', 'q=zyx', 'q=eve', `creator=${ids.users[0]}`, `group=${ids.groups[0]}`, 'sort=creator', 'sort=-title', 'label=Active', 'kind=HS256', 'pageSize=1'],
    '/tokens/bulk': ['act=suspend', 'act=delete', 'act=delete&q=zyx', `act=delete&creator=${ids.users[0]}`],
    '/events': ['', 'q=zyx', 'actor=eve', `actor=${ids.users[0]}`, `object=${token}`, `object=${ids.groups[0]}`, 'kind=API+token+updated'],
    '/events/export': ['', 'format=jsonl', 'q=zyx', `object=${token}`],
    '/groups': ['', 'q=zyx', 'sort=deviceCount'],
    '/devices': ['', 'q=zyx', `group=${ids.groups[0]}`, 'sort=-esn'],
    '/search': ['q=zyx', 'q=eve', 'q=E1', `q=${token}`, 'q=a'],
  };
  let asked = 0;
  for (const { path } of ROUTES.filter(({ method }) => method === 'GET')) {
    for (const one of pathsOf(path, ids)) {
      for (const query of queries[path] ?? ['']) {
        for (const method of ['GET', 'HEAD']) {
          const reply = await mallory.ask(method, `${one}${query ? `?${query}` : ''}`);
          const told = reply.text + JSON.stringify(reply.headers);
          assert.ok(reply.status < 500, `${one}: ${told}`);
          assert.doesNotMatch(told, /zyxuwv/i, `${method} ${one}?${query}`);
          if (path.includes('{') && path !== '/profile/sessions/{id}') assert.ok([403, 404].includes(reply.status), `${one}: ${reply.status}`);
          if (/q=zyx/.test(query) && reply.json) assert.ok([0, undefined].includes(reply.json.total ?? reply.json.count), `${one}?${query}: ${told}`);
        }
        asked++;
      }
    }
  }
  assert.ok(asked > 60);
  for (const path of ['/tokens', '/users', '/groups', '/devices', '/events', '/events/export', '/search?q=zyx', '/roles', '/outputs', '/upstreams']) {
    assert.match((await ada.get(path)).text, /zyxuwv/i, `who sees all: ${path}`);
  }
  // a device that both see
  const [shared] = (await mallory.get('/devices')).json.data;
  const one = await mallory.get(`/devices/${shared.deviceUid}`);
  assert.deepEqual([shared.esn, one.json.groups.map((g) => g.name)], ['W1', ['West']]);
  assert.doesNotMatch(one.text, /zyxuwv/i);
  // a cursor is its maker's
  const { next } = (await ada.get('/tokens?pageSize=1')).json;
  assert.equal((await mallory.get(`/tokens?pageSize=1&after=${next}`)).status, 422);
  // and the calendar is one's own
  const { path } = (await mallory.post('/profile/calendar', {})).json;
  assert.doesNotMatch((await send(house, 'GET', path)).text, /zyxuwv/i);
  for (const body of [{ tokenId: token, method: 'GET', uri: '/v3/whoami' }, { tokenId: ids.tokens[1], method: 'GET', uri: '/v3/whoami' }]) {
    const reply = await mallory.post('/explain', body);
    assert.equal(reply.status, 404);
    assert.doesNotMatch(reply.text, /zyxuwv/i);
  }
});

test('no request of somebody else changes anything of it', async (t) => {
  const { ada, eve, mallory, ids } = await scene(t);
  const before = await everything(ada, ids);
  const refs = await Promise.all(ids.tokens.map(async (id) => `${id}@${JSON.parse((await eve.get(`/tokens/${id}`)).headers.etag)}`));
  const bodies = {
    '/tokens/{id}': { title: 'Mine' }, '/tokens/{id}/roll': { key: { kind: 'generate' }, overlapDays: 0 }, '/tokens/{id}/shadow': { days: 1, permissions: [] },
    '/tokens/bulk': { act: 'delete', tokens: refs }, '/users': { email: 'x@example.com', roleId: 1, password: PASSWORD }, '/users/{uid}': { groups: [] },
    '/users/{uid}/password': { password: PASSWORD }, '/roles': { name: 'x', permissions: [] }, '/roles/{id}': { permissions: [] }, '/groups': { name: 'x' },
    '/groups/{uid}': { name: 'x' }, '/groups/{uid}/members': { addUsers: [ids.users[0]], addDevices: [ids.devices[0]] }, '/account': { liveRights: false },
    '/licences': { name: 'x' }, '/licences/{uid}': { seatCount: 1 }, '/outputs': { name: 'x', url: 'tcp://127.0.0.1:1' }, '/outputs/{uid}': { isPaused: false },
    '/upstreams/{id}': { name: 'x' }, '/imports': { name: 'x', size: 1 },
  };
  const isOwn = (path) => /^\/(session|profile(?!\/sessions\/)|setup|permissions|explain|tokens\/check)/.test(path);
  let asked = 0;
  for (const { method, path } of ROUTES) {
    if (method === 'GET' || isOwn(path) || (method === 'POST' && path === '/tokens')) continue;
    for (const one of pathsOf(path, ids)) {
      for (const version of [1, 2, 3]) {
        const reply = await mallory.ask(method, one, { body: bodies[path] ?? {}, headers: { 'if-match': `"${version}"` } });
        assert.ok(reply.status >= 400 && reply.status < 500, `${method} ${one}: ${reply.status} ${reply.text}`);
        assert.doesNotMatch(reply.text, /zyxuwv/i, `${method} ${one}`);
        asked++;
      }
    }
  }
  assert.ok(asked > 100);
  assert.equal((await mallory.get('/session')).status, 200, 'and Mallory is still there');
  assert.equal((await eve.get('/session')).status, 200, 'as Eve is');
  assert.equal(await everything(ada, ids), before);
  await until(async () => (await ada.get('/events?actor=mallory&pageSize=50')).json.data, (events) => events.every((e) => e.action === 'logged in'));
});
