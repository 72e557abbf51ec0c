// SPDX-License-Identifier: Apache-2.0
//
// Every route of the admin API with whatever comes to mind: fields of other routes, values
// of other kinds, texts that mean something elsewhere. The answer is the caller's fault or
// none's, never the house's. The same numbers each time: SEED=7 takes others.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loggedIn } from './support/console.mjs';
import { makeHouse } from './support/house.mjs';

const ROUNDS = 20;
const SOURCE = (name) => readFileSync(new URL(`../../src/console/${name}`, import.meta.url), 'utf8');
const ROUTES = [...SOURCE('routes.c').matchAll(/^ {4}\{"([A-Z]+)", "([^"]+)"/gm)].map(([, method, path]) => ({ method, path }));
const FIELDS = ['title', 'description', 'key', 'expiresOn', 'permissions', 'approvedAddresses', 'isCanary', 'limits', 'groups', 'overlapDays', 'days', 'act',
  'tokens', 'isAllFound', 'email', 'name', 'roleId', 'password', 'folder', 'addUsers', 'removeUsers', 'addDevices', 'removeDevices', 'seatCount', 'startsOn',
  'endsOn', 'orderNo', 'url', 'format', 'isPaused', 'ca', 'certificate', 'fromNow', 'urls', 'prefix', 'openapi', 'overlay', 'tlsCaFile', 'tlsServerName',
  'connectTimeoutMs', 'wholeTimeoutMs', 'size', 'skipBad', 'text', 'requestId', 'tokenId', 'method', 'uri', 'query', 'body', 'address', 'at', 'issuedAt',
  'liveRights', 'allowBearer', 'publicKey', 'proof'];
const NAMES = ['q', 'sort', 'pageSize', 'after', 'label', 'kind', 'creator', 'group', 'from', 'to', 'actor', 'object', 'newerThan', 'days', 'act', 'format',
  'state', 'role', 'isSuspended', 'unusedDays', 'isUnused', 'madeBefore', 'offset'];
const LONG = 'x'.repeat(5000);
const VALUES = ['', ' ', 'a', LONG, '\u0000', '\u001b[31m', '%', '../../x', "' OR 1=1 --", '2026-13-45', '9999-12-31', 0, -1, 1.5, 1e308, 2 ** 63, -(2 ** 63), true, false,
  null, [], ['x'], [1], [[]], [LONG], {}, { kind: 'bearer' }, { kind: 'public', publicKey: LONG }, { rate: { count: 1e9, window: 'x' } }, { quotaPerDay: -5 },
  'http://[::1]:99999/', 'https://a/%00', '10.0.0.0/8, ::/0', Array.from({ length: 300 }, (_, i) => `10.0.${i % 256}.0/24`), 'ä'.repeat(200)];
// what would log the asker out, or take away what is asked about
const isLeftOut = ({ method, path }) => (method !== 'GET' && /^\/(session|profile\/(password|second|sess))/.test(path))
  || (method === 'DELETE' && /^\/(groups|licences)/.test(path));

function* numbers(seed) {
  for (let n = seed; ;) {
    n = (n * 1103515245 + 12345) & 0x7fffffff;
    yield n;
  }
}

test('no input makes the admin API fail', async (t) => {
  const drawn = numbers(Number(process.env.SEED ?? 12345));
  const below = (most) => (drawn.next().value >> 8) % most;
  const one = (list) => list[below(list.length)];
  const house = makeHouse(t);
  house.ok('group', 'add', 'East');
  await house.start();
  let ada = await loggedIn(house);
  const ids = {
    tokens: (await ada.post('/tokens', { title: 'x', key: { kind: 'generate' } })).json.token.id, users: (await ada.get('/session')).json.user.uid,
    groups: (await ada.get('/groups')).json.data[0].uid, licences: (await ada.get('/licences')).json.data[0].uid, roles: 1, mail: 1,
  };
  let asked = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const route of ROUTES.filter((row) => !isLeftOut(row))) {
      const known = ids[route.path.split('/')[1]] ?? 'x';
      const path = route.path.replace(/\{[a-z]+\}/, () => (below(4) ? known : encodeURIComponent(String(one(VALUES.slice(0, 14))).slice(0, 300)) || 'x'));
      const query = new URLSearchParams();
      let body;
      if (route.method === 'GET') {
        for (let i = below(4); i > 0; i--) query.set(one(NAMES), String(one(VALUES)).slice(0, 600));
      } else {
        body = Object.fromEntries(Array.from({ length: 1 + below(6) }, () => [one(FIELDS), one(VALUES)]));
        if (below(3) === 0) Object.assign(body, { title: 'x', key: { kind: 'generate' }, name: `n${asked}`, email: `a${asked}@example.com`, roleId: 6, password: 'long enough for us' });
      }
      const reply = await ada.ask(route.method, `${path}?${query}`, { body, headers: { 'if-match': `"${1 + below(3)}"` } });
      assert.ok(reply.status < 500, `${route.method} ${path}?${query} ${JSON.stringify(body)?.slice(0, 500)}: ${reply.text}`);
      if (reply.status === 401) ada = await loggedIn(house);
      asked++;
    }
  }
  assert.ok(asked > 1000);
});
