// SPDX-License-Identifier: Apache-2.0
//
// Users, user roles, the account and its licences over the admin API: nobody hands out
// more than they have, and each change is of a version and leaves its event.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { assertProblem, loggedIn, Visitor } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, until } from './support/house.mjs';

const PASSWORD = 'a password of somebody';
const ifMatch = (version) => ({ headers: { 'if-match': `"${version}"` } });

function addUser(house, email, role, ...more) {
  house.ok('user', 'add', email, '--role', role, '--password-file', house.file(`pw-${email}`, `${PASSWORD}\n`), ...more);
}

async function roleId(visitor, name) {
  return (await visitor.get(`/roles?q=${encodeURIComponent(name)}`)).json.data.find((role) => role.name === name).id;
}

async function addByConsole(visitor, more) {
  const reply = await visitor.post('/users', { email: 'eve@example.com', name: 'Eve', password: 'made by somebody else', groups: [], ...more });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
}

const newest = async (visitor, object) => (await visitor.get(`/events?object=${object}&pageSize=1`)).json.data[0];

describe('users', () => {
  test('are added, shown, changed and deleted with all that is theirs', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const guest = await roleId(ada, 'Power User');
    const user = await addByConsole(ada, { roleId: guest });
    assert.deepEqual({ ...user, uid: 0, createdAt: 0, changedAt: 0 }, { uid: 0, email: 'eve@example.com', name: 'Eve', role: { id: guest, name: 'Power User' },
      isSuspended: false, mustChangePassword: true, hasSecondFactor: false, groups: [], tokenCount: 0, createdAt: 0, changedAt: 0, lastLoginAt: null, version: 1 });
    assert.deepEqual((await newest(ada, user.uid)).details.after.email, 'eve@example.com');
    assert.ok(!(await ada.get('/events/export?format=jsonl')).text.includes('made by somebody else'));

    // the password must be changed first
    const eve = new Visitor(house);
    assert.equal((await eve.logIn('eve@example.com', 'made by somebody else')).state, 'password-change');
    assertProblem(await eve.get('/tokens'), 403, 'PASSWORD_CHANGE_NEEDED');
    assert.equal((await eve.post('/session/password', { newPassword: PASSWORD })).json.state, 'active');
    const made = (await eve.post('/tokens', { title: 'of eve', key: { kind: 'generate' } })).json;
    const shown = (await ada.get(`/users/${user.uid}`)).json;
    assert.deepEqual([shown.mustChangePassword, shown.tokenCount, typeof shown.lastLoginAt], [false, 1, 'string']);

    const path = `/users/${user.uid}`;
    assertProblem(await ada.patch(path, { name: 'x' }), 428, 'IF_MATCH_NEEDED');
    const renamed = await ada.patch(path, { name: 'Evelyn', roleId: await roleId(ada, 'Guest User') }, ifMatch(shown.version));
    assert.equal(renamed.status, 200, renamed.text);
    assert.deepEqual([renamed.json.name, renamed.json.role.name, renamed.json.version], ['Evelyn', 'Guest User', shown.version + 1]);
    assertProblem(await ada.patch(path, { name: 'x' }, ifMatch(shown.version)), 412, 'CHANGED');
    const event = await newest(ada, user.uid);
    assert.deepEqual([event.action, event.details.before, event.details.after],
      ['edited', { name: 'Eve', role: 'Power User' }, { name: 'Evelyn', role: 'Guest User' }]);

    // suspended: the session ends, the token is dead; resumed: alive again
    const token = { id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') };
    const hears = (status) => until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === status);
    await hears(200);
    assert.equal((await ada.post(`${path}/suspend`)).json.isSuspended, true);
    assertProblem(await eve.get('/session'), 401, 'NOT_LOGGED_IN');
    await hears(401);
    assert.equal((await ada.post(`${path}/resume`)).json.isSuspended, false);
    await hears(200);

    // one's own second factor is not somebody else's, whatever one may: the profile asks for the password
    assertProblem(await ada.delete(`/users/${(await ada.get('/session')).json.user.uid}/second-factor`), 409, 'CONFLICT');
    // and no tag stands for whatever the version is
    for (const tag of ['"0"', '"-1"', '*', 'W/"1"']) assertProblem(await ada.patch(path, { name: 'x' }, { headers: { 'if-match': tag } }), 412, 'CHANGED');

    // a password set by somebody else ends the sessions too
    const again = await loggedIn(house, 'eve@example.com', PASSWORD);
    assert.equal((await ada.post(`${path}/password`, { password: 'yet another password' })).status, 204);
    assertProblem(await again.get('/session'), 401, 'NOT_LOGGED_IN');
    assert.equal((await ada.get(path)).json.mustChangePassword, true);
    assertProblem(await ada.delete(`${path}/second-factor`), 404, 'NOT_FOUND');

    assert.equal((await ada.delete(path)).status, 204);
    assertProblem(await ada.get(path), 404, 'NOT_FOUND');
    assertProblem(await ada.get(`/tokens/${made.token.id}`), 404, 'NOT_FOUND');
    await hears(401);
    assert.equal((await newest(ada, made.token.id)).action, 'deleted', 'an event for each token that goes with its user');
  });

  test('every field says what is wrong with it', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const good = { email: 'eve@example.com', name: 'Eve', roleId: await roleId(ada, 'Guest User'), password: 'long enough for us' };
    for (const [body, field, words] of [
      [{ ...good, email: 'nobody' }, 'email', /not an e-mail/], [{ ...good, email: undefined }, 'email', /missing/],
      [{ ...good, name: 'x'.repeat(121) }, 'name', /121/], [{ ...good, roleId: 4711 }, 'roleId', /no such user role/],
      [{ ...good, roleId: 'Guest User' }, 'roleId', /whole number/], [{ ...good, roleId: 0 }, 'roleId', /no such/],
      [{ ...good, password: 'short' }, 'password', /at least 12/], [{ ...good, password: '' }, 'password', /empty/],
      [{ ...good, email: 'long-enough@example.com', password: 'long-enough@example.com' }, 'password', /e-mail address/],
      [{ ...good, groups: ['nowhere'] }, 'groups', /no device group/], [{ ...good, groups: [7] }, 'groups', /texts/],
      [{ ...good, isSystemAdmin: true }, 'isSystemAdmin', /no field/],
    ]) {
      const reply = await ada.post('/users', body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
      assert.match(reply.json.errors[0].detail, words);
    }
    assertProblem(await ada.post('/users', { ...good, email: ADMIN.toUpperCase() }), 409, 'CONFLICT');
    assert.equal((await ada.get('/users')).json.total, 1);
    for (const path of ['/users/nobody', `/users/${ADMIN}`, '/users/11111111-2222-4333-8444-555555555555']) assertProblem(await ada.get(path), 404, 'NOT_FOUND');
  });

  test('the last System Administrator stays, and nobody ends themselves', async (t) => {
    const house = makeHouse(t);
    await house.start();
    const ada = await loggedIn(house);
    const { user } = (await ada.get('/session')).json;
    const path = `/users/${user.uid}`;
    const { version } = (await ada.get(path)).json;
    for (const reply of [await ada.post(`${path}/suspend`), await ada.patch(path, { roleId: await roleId(ada, 'Guest User') }, ifMatch(version))]) {
      assertProblem(reply, 409, 'CONFLICT');
      assert.match(reply.json.detail, /last System Administrator/);
    }
    assertProblem(await ada.delete(path), 409, 'CONFLICT');
    assertProblem(await ada.post(`${path}/password`, { password: 'another long one' }), 409, 'CONFLICT');
    assert.equal((await ada.get(path)).json.isSuspended, false);
  });

  test('who manages users hands out no more than they have', async (t) => {
    const house = makeHouse(t);
    house.ok('role', 'add', 'Keepers', '--permission', 'Users:Manage', '--permission', 'User roles:Manage', '--permission', 'Device reports:View');
    addUser(house, 'keeper@example.com', 'Keepers');
    await house.start();
    const [ada, keeper] = await Promise.all([loggedIn(house), loggedIn(house, 'keeper@example.com', PASSWORD)]);
    const admins = await roleId(ada, 'System Administrator');
    const keepers = await roleId(ada, 'Keepers');
    const wish = { email: 'new@example.com', name: '', roleId: admins, password: 'long enough for us' };
    assertProblem(await keeper.post('/users', wish), 403, 'NOT_PERMITTED');
    const made = await keeper.post('/users', { ...wish, roleId: keepers });
    assert.equal(made.status, 201, made.text);
    assertProblem(await keeper.patch(`/users/${made.json.uid}`, { roleId: admins }, ifMatch(1)), 403, 'NOT_PERMITTED');
    const { user } = (await ada.get('/session')).json;
    for (const [method, path, body] of [['POST', '/suspend'], ['DELETE', ''], ['POST', '/password', { password: 'now it is mine' }]]) {
      assertProblem(await keeper.ask(method, `/users/${user.uid}${path}`, { body }), 403, 'NOT_PERMITTED');
    }
    assertProblem(await keeper.post('/roles', { name: 'Mine', permissions: ['Wipe Device:Perform'] }), 403, 'NOT_PERMITTED');
    assert.equal((await keeper.post('/roles', { name: 'Mine', permissions: ['Device reports:View'] })).status, 201);
    assertProblem(await keeper.patch(`/roles/${keepers}`, { permissions: ['Settings:Manage'] }, ifMatch(1)), 403, 'NOT_PERMITTED');
    // limited to a group: nobody who sees more
    house.ok('group', 'add', 'Paris');
    house.ok('group', 'assign', 'Paris', '--user', 'keeper@example.com');
    assertProblem(await keeper.post('/users', { ...wish, email: 'wide@example.com', roleId: keepers }), 403, 'NOT_PERMITTED');
    assertProblem(await keeper.post(`/users/${made.json.uid}/password`, { password: 'now it is mine' }), 403, 'NOT_PERMITTED');
    const paris = (await ada.get('/groups')).json.data[0].uid;
    const narrow = await keeper.post('/users', { ...wish, email: 'narrow@example.com', roleId: keepers, groups: [paris] });
    assert.deepEqual(narrow.json.groups, [{ uid: paris, name: 'Paris' }]);
    assert.equal((await ada.get(`/users?group=${paris}`)).json.total, 2);
    // without the permissions
    addUser(house, 'guest@example.com', 'Guest User');
    const guest = await loggedIn(house, 'guest@example.com', PASSWORD);
    for (const [method, path] of [['GET', '/users'], ['POST', '/users'], ['GET', `/users/${user.uid}`], ['PATCH', `/users/${user.uid}`], ['DELETE', `/users/${user.uid}`],
      ['POST', `/users/${user.uid}/suspend`], ['GET', '/roles'], ['POST', '/roles'], ['DELETE', '/roles/1'], ['GET', '/account'], ['PATCH', '/account'], ['GET', '/licences'], ['POST', '/licences']]) {
      assertProblem(await guest.ask(method, path, { body: method === 'GET' ? undefined : {} }), 403, 'NOT_PERMITTED');
    }
  });

  test('the list is searched, filtered, sorted and walked', async (t) => {
    const house = makeHouse(t);
    for (let i = 0; i < 12; i++) house.ok('user', 'add', `n${String(i).padStart(2, '0')}@example.com`, '--role', i % 2 ? 'Guest User' : 'Power User');
    house.ok('user', 'suspend', 'n03@example.com');
    await house.start();
    const ada = await loggedIn(house);
    const total = async (query) => (await ada.get(`/users?${new URLSearchParams(query)}`)).json.total;
    assert.equal(await total({}), 13);
    assert.equal(await total({ q: 'N1' }), 2);
    assert.equal(await total({ role: await roleId(ada, 'Guest User') }), 6);
    assert.equal(await total({ isSuspended: 'true' }), 1);
    assert.equal(await total({ isSuspended: 'false', q: 'n0' }), 9);
    for (const sort of ['email', 'name', 'role', 'createdAt']) {
      const rows = [];
      for (let after = ''; after !== null;) {
        const page = (await ada.get(`/users?sort=-${sort}&pageSize=5${after && `&after=${after}`}`)).json;
        rows.push(...page.data.map((user) => user.email));
        after = page.next;
      }
      assert.equal(new Set(rows).size, 13, sort);
      assert.equal(rows.length, 13, sort);
    }
    assertProblem(await ada.get('/users?sort=password'), 422, 'INVALID');
    assertProblem(await ada.get('/users?isSuspended=maybe'), 422, 'INVALID');
  });
});

describe('user roles', () => {
  test('are made, changed by version, and deleted when nobody has them', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const made = await ada.post('/roles', { name: 'Auditors', permissions: ['Device Fields:Manage', 'Audit Event History:View'] });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.json.permissions, ['Audit Event History:View', 'Device Fields:View', 'Device Fields:Manage']);
    const path = `/roles/${made.json.id}`;
    assert.deepEqual([(await ada.get(path)).headers.etag, made.json.isDefault, made.json.userCount], ['"1"', false, 0]);
    const changed = await ada.patch(path, { permissions: ['Audit Event History:View'] }, ifMatch(1));
    assert.deepEqual([changed.json.permissions, changed.json.name, changed.json.version], [['Audit Event History:View'], 'Auditors', 2]);
    assertProblem(await ada.patch(path, { name: 'x' }, ifMatch(1)), 412, 'CHANGED');
    const event = await newest(ada, String(made.json.id));
    assert.deepEqual(event.details.after, { permissions: ['Audit Event History:View'] });
    for (const [body, field] of [[{ name: '', permissions: [] }, 'name'], [{ name: 'x' }, 'permissions'], [{ name: 'x', permissions: ['Nothing:View'] }, 'permissions'],
      [{ name: 'x', permissions: {} }, 'permissions']]) {
      const reply = await ada.post('/roles', body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field);
    }
    assertProblem(await ada.post('/roles', { name: 'AUDITORS', permissions: [] }), 409, 'CONFLICT');
    const admin = await roleId(ada, 'System Administrator');
    assertProblem(await ada.patch(`/roles/${admin}`, { name: 'x' }, ifMatch(1)), 409, 'CONFLICT');
    assertProblem(await ada.delete(`/roles/${admin}`), 409, 'CONFLICT');
    addUser(house, 'bob@example.com', 'Auditors');
    assertProblem(await ada.delete(path), 409, 'CONFLICT');
    house.ok('user', 'role', 'bob@example.com', 'Guest User');
    assert.equal((await ada.delete(path)).status, 204);
    for (const id of [made.json.id, 'x', '-1', '99999999999999999999']) assertProblem(await ada.get(`/roles/${id}`), 404, 'NOT_FOUND');
  });
});

describe('the account', () => {
  test('has a name and live rights, of a version', async (t) => {
    const house = await openHouse(t, { ini: '[gate]\nfreshness_s = 200\n' });
    const ada = await loggedIn(house);
    const account = (await ada.get('/account')).json;
    assert.deepEqual([account.name, account.liveRights, account.userCount, account.tokenCount, account.deviceCount, account.version], ['', true, 1, 0, 0, 1]);
    const shown = JSON.parse(house.ok('config', 'show', '--json'));
    assert.deepEqual(account.settings.find((s) => s.name === 'freshness_s'), shown.find((s) => s.name === 'freshness_s'));
    assert.equal(account.settings.length, shown.length);
    const changed = await ada.patch('/account', { name: 'Example', liveRights: false }, ifMatch(1));
    assert.deepEqual([changed.json.name, changed.json.liveRights, changed.headers.etag], ['Example', false, '"2"']);
    assert.deepEqual((await ada.get('/session')).json.account, { name: 'Example', liveRights: false, allowBearer: false });
    assertProblem(await ada.patch('/account', { name: 'x' }, ifMatch(1)), 412, 'CHANGED');
    assertProblem(await ada.patch('/account', { liveRights: 'no' }, ifMatch(2)), 422, 'INVALID');
    assert.deepEqual((await newest(ada, account.uid)).details, { action: 'edited', before: { name: '', liveRights: true }, after: { name: 'Example', liveRights: false } });
  });

  test('licences are added, changed by version and deleted, and the signed API tells them', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const token = house.hs256('x');
    const told = async () => (await house.ask(token, 'GET', '/v3/reporting/licenses')).json.data;
    await until(told, (data) => data?.length === 3);
    for (const licence of (await ada.get('/licences')).json.data) {
      assert.deepEqual([licence.endsOn, licence.seatCount], [null, 2147483647]);
      assert.equal((await ada.delete(`/licences/${licence.uid}`)).status, 204);
    }
    assert.deepEqual(await told(), []);
    const today = new Date().toISOString().slice(0, 10);
    const made = await ada.post('/licences', { name: 'Control', orderNo: 'A-17', startsOn: today, endsOn: today, seatCount: 5 });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual({ ...made.json, uid: 0 }, { uid: 0, name: 'Control', orderNo: 'A-17', startsOn: today, endsOn: today, seatCount: 5, isInForce: true, version: 1 });
    assert.match(JSON.stringify(await told()), /A-17/);
    const path = `/licences/${made.json.uid}`;
    const ended = await ada.patch(path, { startsOn: '2020-01-01', endsOn: '2020-12-31' }, ifMatch(1));
    assert.deepEqual([ended.json.endsOn, ended.json.isInForce, ended.json.version], ['2020-12-31', false, 2]);
    assertProblem(await ada.patch(path, { seatCount: 1 }, ifMatch(1)), 412, 'CHANGED');
    assert.equal((await ada.patch(path, { endsOn: null }, ifMatch(2))).json.endsOn, null);
    for (const [body, field] of [[{}, 'name'], [{ name: 'x', endsOn: '2019-01-01' }, 'endsOn'], [{ name: 'x', startsOn: 'now' }, 'startsOn'], [{ name: 'x', seatCount: -1 }, 'seatCount'],
      [{ name: 'x', seatCount: 1.5 }, 'seatCount'], [{ name: 'x', orderNo: 'x'.repeat(41) }, 'orderNo']]) {
      const reply = await ada.post('/licences', body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
    }
    assertProblem(await ada.delete('/licences/none'), 404, 'NOT_FOUND');
    const { data } = (await ada.get(`/events?object=${made.json.uid}`)).json;
    assert.deepEqual(data.map((e) => e.action), ['edited', 'edited', 'created']);
  });
});
