// SPDX-License-Identifier: Apache-2.0
// Commands change data while the server runs, and the server follows. The promise is
// 200 ms; sanitized builds on a busy machine get a second, and what was measured is told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { ADMIN, PROGRAM, makeHouse, openHouse, until } from './support/house.mjs';
import { list, signer, userWithToken } from './support/outside.mjs';

const WHOAMI = '/v3/whoami';
const DEVICES = '/v3/reporting/devices';
const APPLICATIONS = '/v3/reporting/applications';
const LIMIT_MS = 1000;

/** Waits until the token hears that status; remembers how long the slowest took. */
function follower(t, house) {
  let slowest = 0;
  t.after(() => t.diagnostic(`the slowest change was followed ${slowest.toFixed(0)} ms after its command had ended`));
  return async (token, uri, status) => {
    slowest = Math.max(slowest, await until(() => house.ask(token, 'GET', uri), (a) => a.status === status, LIMIT_MS));
    return house.ask(token, 'GET', uri);
  };
}

/** Long enough for a change that must change nothing to have arrived: another one, made
 * after it, has. */
async function settled(house, hears) {
  const mark = house.hs256('a mark');
  await hears(mark, WHOAMI, 200);
  house.ok('token', 'delete', mark.id);
}

test('tokens and users', async (t) => {
  const house = await openHouse(t);
  const hears = follower(t, house);
  const grace = userWithToken(house, 'grace@example.com');
  const hers = userWithToken(house, ADMIN);
  const second = list(house, 'token', 'create', '--user', 'grace@example.com', '--title', 'second');
  await hears(grace, WHOAMI, 200);
  for (let round = 0; round < 3; round++) {
    house.ok('token', 'suspend', grace.id);
    assert.equal((await hears(grace, WHOAMI, 401)).json.details[0].code, 'TOKEN_SUSPENDED');
    house.ok('token', 'resume', grace.id);
    await hears(grace, WHOAMI, 200);
    house.ok('user', 'suspend', 'grace@example.com');
    assert.equal((await hears(grace, WHOAMI, 401)).json.details[0].code, 'USER_SUSPENDED');
    house.ok('user', 'resume', 'grace@example.com');
    await hears(grace, WHOAMI, 200);
  }
  house.ok('token', 'edit', grace.id, '--title', 'renamed', '--approved-ip', '203.0.113.9');
  assert.equal((await hears(grace, WHOAMI, 401)).json.details[0].code, 'ADDRESS_NOT_APPROVED');
  house.ok('token', 'edit', grace.id, '--any-ip');
  assert.equal((await hears(grace, WHOAMI, 200)).json.data.title, 'renamed');
  house.ok('token', 'delete', grace.id);
  assert.deepEqual((await hears(grace, WHOAMI, 401)).json.details, [], 'as if it had never been');
  assert.equal((await hears(hers, WHOAMI, 200)).json.data.tokenId, hers.id, 'others do not notice');
  house.ok('user', 'delete', 'grace@example.com');
  assert.deepEqual(list(house, 'token', 'list').map((row) => row.id).includes(second.id), false);
  const events = list(house, 'events', 'list', '--count', '1000');
  assert.ok(events.some((e) => e.object.id === second.id && e.action === 'deleted'), 'the deleted user\'s token has its event');
});

describe('a role that changes (rule 12)', () => {
  const open = async (t, liveRights) => {
    const house = makeHouse(t);
    house.ok('role', 'add', 'Reporters', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View',
      '--permission', 'Device Fields:View', '--permission', 'Software reports:View');
    const eve = userWithToken(house, 'eve@example.com', { role: 'Reporters' });
    const narrow = userWithToken(house, 'eva@example.com', { role: 'Reporters', args: ['--permission', 'Software reports:View'] });
    if (liveRights) house.ok('account', 'change', '--live-rights', liveRights);
    await house.start();
    return { house, eve, narrow, hears: follower(t, house) };
  };

  test('live rights on, as new accounts have it: what a role loses its tokens lose at once, and have again when it has', async (t) => {
    const { house, eve, narrow, hears } = await open(t);
    await hears(eve, DEVICES, 200);
    house.ok('role', 'change', 'Reporters', '--remove', 'Device reports:View');
    const refused = await hears(eve, DEVICES, 403);
    assert.equal(refused.json.details[0].code, 'PERMISSION_MISSING');
    assert.match(refused.json.details[0].message, /Device reports:View/);
    assert.equal((await house.ask(eve, 'GET', APPLICATIONS)).status, 200, 'the others stay');
    assert.ok(list(house, 'token', 'show', eve.id).permissions.includes('Device reports:View'), 'the token itself is unchanged');
    house.ok('role', 'change', 'Reporters', '--add', 'Device reports:View');
    await hears(eve, DEVICES, 200);
    // what a role gains no token gains
    assert.equal((await house.ask(narrow, 'GET', DEVICES)).status, 403);
    house.ok('role', 'change', 'Reporters', '--add', 'Geolocation:View');
    await settled(house, hears);
    assert.equal((await house.ask(narrow, 'GET', DEVICES)).status, 403);
    assert.equal((await house.ask(eve, 'GET', DEVICES, { query: 'select=geoData' })).status, 403);
    // another role for the user is the same
    house.ok('user', 'role', 'eve@example.com', 'Guest User');
    const own = list(house, 'role', 'show', 'Guest User').permissions;
    await hears(eve, APPLICATIONS, own.includes('Software reports:View') ? 200 : 403);
    house.ok('user', 'role', 'eve@example.com', 'System Administrator');
    await hears(eve, APPLICATIONS, 200);
    // whoami tells the rights in force
    house.ok('role', 'change', 'Reporters', '--remove', 'Software reports:View');
    await hears(narrow, APPLICATIONS, 403);
    assert.deepEqual((await house.ask(narrow, 'GET', WHOAMI)).json.data.permissions, []);
  });

  test('live rights off: a token keeps what it was made with, until they are switched on', async (t) => {
    const { house, eve, narrow, hears } = await open(t, 'off');
    await hears(eve, DEVICES, 200);
    house.ok('role', 'change', 'Reporters', '--remove', 'Device reports:View', '--remove', 'Software reports:View');
    await settled(house, hears);
    assert.equal((await house.ask(eve, 'GET', DEVICES)).status, 200);
    assert.equal((await house.ask(narrow, 'GET', APPLICATIONS)).status, 200);
    house.ok('user', 'role', 'eve@example.com', 'Guest User');
    await settled(house, hears);
    assert.equal((await house.ask(eve, 'GET', DEVICES)).status, 200);
    const fresh = list(house, 'token', 'create', '--user', 'eva@example.com', '--title', 'new');
    assert.deepEqual(fresh.permissions, ['Device Fields:View'], 'new tokens have what the role has then');
    // switched on, the running server follows
    house.ok('account', 'change', '--live-rights', 'on');
    await hears(narrow, APPLICATIONS, 403);
    house.ok('account', 'change', '--live-rights', 'off');
    await hears(narrow, APPLICATIONS, 200);
    // a suspended user is another matter
    house.ok('user', 'suspend', 'eve@example.com');
    await hears(eve, DEVICES, 401);
  });
});

test('device groups: a token keeps its copy, and sees the devices that are in them now (rule 7)', async (t) => {
  const house = await openHouse(t);
  const hears = follower(t, house);
  house.ok('device', 'import', house.file('d.json', JSON.stringify(['ONE', 'TWO', 'THREE'].map((n) => ({ deviceName: n, esn: n })))));
  house.ok('group', 'add', 'Paris');
  house.ok('group', 'add', 'Rome');
  house.ok('group', 'assign', 'Paris', '--device', 'ONE');
  house.ok('group', 'assign', 'Rome', '--device', 'TWO');
  house.ok('user', 'add', 'eve@example.com', '--role', 'Administrator');
  house.ok('group', 'assign', 'Paris', '--user', 'eve@example.com');
  const token = userWithToken(house, ADMIN);
  const parisian = signer(list(house, 'token', 'create', '--user', 'eve@example.com', '--title', 'parisian'));
  const names = async (who) => (await house.ask(who, 'GET', DEVICES)).json.data.map((d) => d.deviceName).sort().join(' ');
  await hears(parisian, DEVICES, 200);
  await hears(token, DEVICES, 200);
  assert.equal(await names(parisian), 'ONE');
  assert.equal(await names(token), 'ONE THREE TWO', 'no groups: all devices');

  house.ok('group', 'assign', 'Paris', '--device', 'THREE');
  assert.equal(await names(parisian), 'ONE THREE');
  house.ok('group', 'assign', 'Paris', '--device', 'ONE', '--remove');
  assert.equal(await names(parisian), 'THREE');
  // the user's groups change; the token's do not
  house.ok('group', 'assign', 'Rome', '--user', 'eve@example.com');
  house.ok('group', 'assign', 'Paris', '--user', 'eve@example.com', '--remove');
  await settled(house, hears);
  assert.equal(await names(parisian), 'THREE');
  assert.deepEqual(list(house, 'token', 'show', parisian.id).deviceGroups, ['Paris']);
  house.ok('group', 'assign', 'Rome', '--user', 'eve@example.com', '--remove');
  await settled(house, hears);
  assert.equal(await names(parisian), 'THREE', 'a user without groups does not free the token');
  // a group that a token has cannot go, or it would see all
  assert.match(house.cli('group', 'delete', 'Paris').stderr, /users or tokens are limited to the device group 'Paris'/);
  house.ok('group', 'assign', 'Paris', '--device', 'THREE', '--remove');
  assert.equal(await names(parisian), '', 'an empty group shows nothing');
});

test('many commands at once, beside an import and a server that is asked, all succeed', async (t) => {
  const house = await openHouse(t);
  const asking = userWithToken(house, ADMIN);
  await until(() => house.ask(asking, 'GET', DEVICES), (a) => a.status === 200);
  const devices = Array.from({ length: 20_000 }, (_, i) => ({ deviceName: `PC${i}`, esn: `E${i}` }));
  const file = house.file('many.json', JSON.stringify(devices));
  const command = (...args) => new Promise((done) => {
    const child = spawn(PROGRAM, [...args.slice(0, 2), '--data', house.data, ...args.slice(2)]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes) => { stdout += bytes; });
    child.stderr.on('data', (bytes) => { stderr += bytes; });
    child.on('close', (status) => done({ status, stdout, stderr }));
  });
  let isOver = false;
  const importing = command('device', 'import', file);
  const making = Promise.all(Array.from({ length: 16 }, (_, i) => command('token', 'create', '--user', ADMIN, '--title', `t${i}`, '--json')));
  const asked = (async () => {
    let count = 0;
    for (; !isOver; count++) {
      assert.equal((await house.ask(asking, 'GET', WHOAMI)).status, 200);
      assert.equal((await house.ask(asking, 'GET', DEVICES, { query: 'pageSize=1' })).status, 200);
    }
    return count;
  })();
  const made = await making;
  const imported = await importing;
  isOver = true;
  assert.ok(await asked > 0);
  assert.equal(imported.status, 0, imported.stderr);
  for (const { status, stderr } of made) assert.equal(status, 0, stderr);
  assert.equal(list(house, 'token', 'list').length, 17);
  for (const { stdout } of made) {
    const token = signer(JSON.parse(stdout));
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
  }
  const one = await house.ask(asking, 'GET', DEVICES, { query: 'esn=E19999' });
  assert.equal(one.json.data.length, 1);
});
