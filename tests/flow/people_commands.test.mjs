// SPDX-License-Identifier: Apache-2.0
// user, role, group, events and config on the command line: what they do, print and refuse.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, PROGRAM, freshFolder, makeHouse, must, run } from './support/house.mjs';
import { contents, list, refused, storesNothing } from './support/outside.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const names = (row) => Object.keys(row).sort();
const find = (rows, key, value) => rows.find((row) => row[key] === value);

test('init makes a folder for its owner alone, once', (t) => {
  const house = makeHouse(t);
  assert.equal(statSync(house.data).mode & 0o777, 0o700);
  for (const name of ['master.key', 'tokenhouse.db']) assert.equal(statSync(join(house.data, name)).mode & 0o777, 0o600);
  const before = contents(house);
  const again = (data, email, password) => run(['init', '--data', data, '--admin-email', email,
    '--admin-password-file', house.file('pw', password)]);
  refused(again(house.data, ADMIN, 'correct horse battery staple'), 1, /is a Tokenhouse data folder already; nothing was changed/);
  assert.equal(contents(house), before);

  const other = join(house.folder, 'other');
  refused(again(other, 'nobody', 'correct horse battery staple'), 1, /'nobody' is not an e-mail address; wanted is name@domain/);
  refused(again(other, ADMIN, 'short'), 1, /the password has 5 characters; wanted are at least 12/);
  refused(again(other, ADMIN, ''), 1, /the password from .*pw is empty/);
  refused(again(other, ADMIN, `${ADMIN}\n`), 1, /the password is the e-mail address/);
  refused(run(['init', '--data', other, '--admin-email', ADMIN, '--admin-password-file', join(house.folder, 'none')]), 1,
    /none.*No such file/);
  assert.equal(existsSync(other), false);
  refused(again(house.folder, ADMIN, 'correct horse battery staple'), 1, /is not empty: it holds '\S+'; wanted is a new or an empty folder/);
});

test('a folder that is not there, for every command that wants one', (t) => {
  const folder = join(freshFolder(t), 'nothing');
  for (const args of [['user', 'list'], ['role', 'list'], ['group', 'list'], ['token', 'list'], ['events', 'list'],
    ['device', 'list'], ['user', 'suspend', ADMIN], ['token', 'delete', 'x']]) {
    refused(run([...args, '--data', folder]), 1, /nothing/);
  }
  assert.equal(existsSync(folder), false);
});

test('the data folder is named by an option, by the environment, or is ./data', (t) => {
  const house = makeHouse(t);
  const wanted = house.ok('user', 'list', '--json');
  assert.equal(must(['user', 'list', '--json'], { env: { TOKENHOUSE_DATA: house.data } }), wanted);
  assert.equal(must(['user', 'list', '--json'], { cwd: house.folder, env: { TOKENHOUSE_DATA: '' } }), wanted);
  refused(run(['user', 'list', '--data', '/nowhere/at/all'], { env: { TOKENHOUSE_DATA: house.data } }), 1, /\/nowhere\/at\/all/);
});

test('users are added, listed, suspended, resumed, given roles and passwords, and deleted', (t) => {
  const house = makeHouse(t);
  const password = house.file('password', 'another long enough password\n');
  const user = (email) => find(list(house, 'user', 'list'), 'email', email);

  assert.match(house.ok('user', 'add', 'Grace@Example.com', '--name', 'Grace Hopper', '--role', 'Power User',
    '--password-file', password), /^Added the user grace@example\.com\.\n$/);
  assert.match(house.ok('user', 'add', 'guest@example.com'), /Without a password there is no log-in yet/);
  const grace = user('grace@example.com');
  assert.deepEqual(names(grace), ['createdAt', 'deviceGroups', 'email', 'hasPassword', 'id', 'isSuspended',
    'mustChangePassword', 'name', 'role']);
  assert.match(grace.id, UUID);
  assert.match(grace.createdAt, MOMENT);
  assert.deepEqual([grace.name, grace.role, grace.isSuspended, grace.hasPassword, grace.mustChangePassword, grace.deviceGroups],
    ['Grace Hopper', 'Power User', false, true, false, []]);
  assert.deepEqual([user('guest@example.com').role, user('guest@example.com').hasPassword], ['Guest User', false]);

  house.ok('user', 'suspend', 'grace@example.com');
  assert.equal(user('grace@example.com').isSuspended, true);
  assert.match(house.ok('user', 'list'), /grace@example\.com .*Power User .*Suspended/);
  house.ok('user', 'resume', 'grace@example.com');
  assert.equal(user('grace@example.com').isSuspended, false);
  house.ok('user', 'role', 'grace@example.com', 'Administrator');
  assert.equal(user('grace@example.com').role, 'Administrator');
  const hashes = () => contents(house).split('$argon2id$').length - 1;
  assert.equal(hashes(), 2);
  house.ok('user', 'password', 'guest@example.com', '--password-file', password, '--must-change-password');
  assert.equal(hashes(), 3, 'a password is kept as its Argon2id hash');
  assert.deepEqual([user('guest@example.com').hasPassword, user('guest@example.com').mustChangePassword], [true, true]);
  const by = run(['user', 'password', 'guest@example.com', '--data', house.data, '--password-file', '-'], { input: 'typed into a pipe\r\n' });
  assert.equal(by.status, 0, by.stderr);
  house.ok('user', 'delete', 'guest@example.com');
  assert.equal(user('guest@example.com'), undefined);
});

test('what cannot be done with users is said, and stores nothing', (t) => {
  const house = makeHouse(t);
  const file = (name, text) => house.file(name, text);
  const password = file('good', 'another long enough password\n');
  house.ok('user', 'add', 'grace@example.com');
  storesNothing(house, [
    [['user', 'add', 'grace@example.com'], /there is already a user 'grace@example\.com'/],
    [['user', 'add', 'GRACE@example.com'], /there is already a user 'grace@example\.com'/],
    [['user', 'add', 'grace'], /'grace' is not an e-mail address; wanted is name@domain/],
    [['user', 'add', `${'x'.repeat(300)}@example.com`], /is not an e-mail address.*at most 254 characters/],
    [['user', 'add', 'x@example.com', '--role', 'Emperor'], /there is no user role 'Emperor'/],
    [['user', 'add', 'x@example.com', '--name', 'x'.repeat(121)], /the user's name has 121 characters; wanted are at most 120/],
    [['user', 'add', 'x@example.com', '--name', 'a\u0007b'], /control character \(U\+0007\)/],
    [['user', 'add', 'x@example.com', '--password-file', file('short', 'eleven char\n')], /has 11 characters; wanted are at least 12/],
    [['user', 'add', 'x@example.com', '--password-file', file('long', 'x'.repeat(257))], /has 257 bytes; wanted are at most 256/],
    [['user', 'add', 'x@example.com', '--password-file', file('two', 'two lines of\npassword text')], /control character.*one line/],
    [['user', 'add', 'x@example.com', '--password-file', join(house.folder, 'none')], /none/],
    [['user', 'suspend', 'nobody@example.com'], /there is no user 'nobody@example\.com'/],
    [['user', 'resume', 'nobody@example.com'], /there is no user 'nobody@example\.com'/],
    [['user', 'delete', 'nobody@example.com'], /there is no user 'nobody@example\.com'/],
    [['user', 'delete', 'nobody'], /'nobody' is not an e-mail address/],
    [['user', 'password', 'nobody@example.com', '--password-file', password], /there is no user 'nobody@example\.com'/],
    [['user', 'role', 'nobody@example.com', 'Guest User'], /there is no user 'nobody@example\.com'/],
    [['user', 'role', 'grace@example.com', 'Emperor'], /there is no user role 'Emperor'/],
    [['user', 'suspend', ADMIN], /ada@example\.com is the last System Administrator; give another user this role first/],
    [['user', 'delete', ADMIN], /is the last System Administrator/],
    [['user', 'role', ADMIN, 'Guest User'], /is the last System Administrator/],
  ]);
  // the nearest yes
  house.ok('user', 'role', 'grace@example.com', 'System Administrator');
  house.ok('user', 'suspend', ADMIN);
});

test('roles are listed, shown, added, changed and deleted', (t) => {
  const house = makeHouse(t);
  const roles = () => list(house, 'role', 'list');
  assert.deepEqual(roles().map((r) => r.name), ['Administrator', 'Guest User', 'Power User', 'Security Administrator',
    'Security Power User', 'System Administrator']);
  assert.ok(roles().every((r) => r.isDefault));
  const all = JSON.parse(must(['role', 'permissions', '--json']));
  assert.deepEqual(names(all[0]), ['action', 'feature', 'isForTokens', 'isUsed', 'name']);
  assert.deepEqual(list(house, 'role', 'show', 'System Administrator').permissions, all.map((p) => p.name));

  house.ok('role', 'add', 'Reporters', '--permission', 'Device reports:View', '--permission', 'Device Fields:Manage');
  const shown = list(house, 'role', 'show', 'Reporters');
  assert.deepEqual(names(shown), ['changedAt', 'id', 'isDefault', 'name', 'permissions']);
  assert.deepEqual(shown.permissions, ['Device Fields:View', 'Device Fields:Manage', 'Device reports:View'], 'Manage implies View');
  house.ok('role', 'change', 'Reporters', '--add', 'Geolocation:View', '--remove', 'Device Fields:Manage');
  assert.deepEqual(list(house, 'role', 'show', 'Reporters').permissions, ['Device Fields:View', 'Device reports:View', 'Geolocation:View']);
  house.ok('role', 'change', 'Reporters', '--permission', 'Geolocation:View', '--rename', 'Locators');
  assert.deepEqual(list(house, 'role', 'show', 'Locators').permissions, ['Geolocation:View']);
  house.ok('role', 'add', 'Copies', '--like', 'Power User');
  assert.deepEqual(list(house, 'role', 'show', 'Copies').permissions, list(house, 'role', 'show', 'Power User').permissions);
  assert.match(house.ok('role', 'show', 'Locators'), /^Role: +Locators\nKind: +own\nPermissions:\n +Geolocation:View\n$/);

  house.ok('user', 'add', 'grace@example.com', '--role', 'Locators');
  storesNothing(house, [
    [['role', 'show', 'Emperor'], /there is no user role 'Emperor'/],
    [['role', 'add', 'Locators'], /there is already a user role 'Locators'/],
    [['role', 'add', ' '], /the name of a user role is empty; wanted are 1 to 120 characters/],
    [['role', 'add', 'X', '--like', 'Emperor'], /there is no user role 'Emperor'/],
    [['role', 'add', 'X', '--permission', 'Device reports'], /'Device reports'/],
    [['role', 'add', 'X', '--permission', 'Device reports:Fly'], /'Device reports:Fly'/],
    [['role', 'change', 'Emperor', '--add', 'Geolocation:View'], /there is no user role 'Emperor'/],
    [['role', 'change', 'Locators', '--rename', 'Guest User'], /there is already a user role 'Guest User'/],
    [['role', 'change', 'Guest User', '--add', 'Geolocation:View'], /'Guest User' is a default role: it cannot be changed or deleted/],
    [['role', 'delete', 'Guest User'], /'Guest User' is a default role/],
    [['role', 'delete', 'Emperor'], /there is no user role 'Emperor'/],
    [['role', 'delete', 'Locators'], /users have the role 'Locators'; give them another one first/],
  ]);
  refused(house.cli('role', 'change', 'Locators'), 2, /nothing to change is given/);
  house.ok('user', 'delete', 'grace@example.com');
  house.ok('role', 'delete', 'Locators');
  assert.equal(find(roles(), 'name', 'Locators'), undefined);
});

test('the account has a name, and its rights are live or not', (t) => {
  const house = makeHouse(t);
  assert.deepEqual(names(list(house, 'account', 'show')), ['allowBearer', 'createdAt', 'id', 'liveRights', 'name']);
  assert.deepEqual([list(house, 'account', 'show').name, list(house, 'account', 'show').liveRights], ['', true]);
  house.ok('account', 'change', '--name', 'Example Ltd', '--live-rights', 'off');
  assert.deepEqual([list(house, 'account', 'show').name, list(house, 'account', 'show').liveRights], ['Example Ltd', false]);
  assert.match(house.ok('account', 'show'), /Example Ltd[^]*off: tokens keep/);
  const [event] = list(house, 'events', 'list');
  assert.equal(event.event, 'Setting updated');
  refused(house.cli('account', 'change'), 2, /nothing to change is given/);
  refused(house.cli('account', 'change', '--live-rights', 'maybe'), 2, /on or off/);
  refused(house.cli('account', 'change', '--name', 'x'.repeat(121)), 1, /121 characters/);
});

test('groups are added, listed, assigned and deleted', (t) => {
  const house = makeHouse(t);
  house.ok('device', 'import', house.file('d.json', JSON.stringify([{ deviceName: 'ONE', esn: 'E1' }, { deviceName: 'TWO', esn: 'E2' }])));
  house.ok('user', 'add', 'grace@example.com');
  assert.deepEqual(list(house, 'group', 'list'), []);
  assert.match(house.ok('group', 'list'), /There are no device groups: everybody sees all devices\./);
  house.ok('group', 'add', 'Paris', '--description', 'by the Seine');
  house.ok('group', 'assign', 'Paris', '--device', 'E1', '--device', 'E2', '--user', 'grace@example.com');
  const [paris] = list(house, 'group', 'list');
  assert.deepEqual(names(paris), ['createdAt', 'description', 'deviceCount', 'folder', 'id', 'name']);
  assert.match(paris.id, UUID);
  assert.deepEqual([paris.name, paris.description, paris.deviceCount], ['Paris', 'by the Seine', 2]);
  assert.deepEqual(find(list(house, 'user', 'list'), 'email', 'grace@example.com').deviceGroups, ['Paris']);
  assert.deepEqual(list(house, 'device', 'list', '--group', 'Paris').map((d) => d.esn).sort(), ['E1', 'E2']);

  storesNothing(house, [
    [['group', 'add', 'Paris'], /there is already a device group 'Paris'/],
    [['group', 'add', ''], /the name of a device group is empty/],
    [['group', 'assign', 'Rome', '--device', 'E1'], /there is no device group 'Rome'/],
    [['group', 'assign', 'Paris', '--device', 'E9'], /there is no device 'E9'; wanted is a device UID or ESN/],
    [['group', 'assign', 'Paris', '--user', ADMIN, '--user', 'nobody@example.com'], /there is no user 'nobody@example\.com'/],
    [['group', 'assign', 'Paris', '--user', ADMIN, '--device', 'E9'], /there is no device 'E9'/],
    [['group', 'delete', 'Rome'], /there is no device group 'Rome'/],
    [['group', 'delete', 'Paris'], /users or tokens are limited to the device group 'Paris'; take it from them first/],
    [['device', 'list', '--group', 'Rome'], /there is no device group 'Rome'/],
  ]);
  refused(house.cli('group', 'assign', 'Paris'), 2, /give at least one --user or --device/);
  assert.match(house.ok('group', 'assign', 'Paris', '--remove', '--user', 'grace@example.com', '--device', 'E1'),
    /grace@example\.com is in no device group any more, and so sees all devices\./);
  assert.equal(list(house, 'group', 'list')[0].deviceCount, 1);
  house.ok('group', 'change', 'Paris', '--folder', 'Europe / France', '--rename', 'Lutetia');
  assert.deepEqual([list(house, 'group', 'list')[0].name, list(house, 'group', 'list')[0].folder], ['Lutetia', 'Europe/France']);
  refused(house.cli('group', 'change', 'Lutetia', '--folder', 'a//b'), 1, /a name in the folder's path is empty/);
  refused(house.cli('group', 'change', 'Lutetia'), 2, /nothing to change is given/);
  house.ok('group', 'change', 'Lutetia', '--rename', 'Paris');
  house.ok('group', 'delete', 'Paris');
  assert.deepEqual(list(house, 'group', 'list'), []);
  assert.equal(list(house, 'device', 'list').length, 2, 'its devices stay');
});

test('events tell who did what to whom, the newest first, and change with each act', (t) => {
  const house = makeHouse(t);
  house.ok('user', 'add', 'grace@example.com');
  house.ok('user', 'suspend', 'grace@example.com');
  const events = list(house, 'events', 'list');
  assert.deepEqual(names(events[0]), ['action', 'actor', 'address', 'at', 'details', 'event', 'id', 'object', 'requestId']);
  assert.deepEqual(names(events[0].actor), ['id', 'kind', 'name']);
  assert.deepEqual(names(events[0].object), ['id', 'kind', 'name']);
  assert.deepEqual(events.slice(0, 2).map((e) => [e.action, e.object.name, e.actor.name]),
    [['suspended', 'grace@example.com', 'tokenhouse user suspend'], ['created', 'grace@example.com', 'tokenhouse user add']]);
  assert.match(events[0].at, MOMENT);
  assert.ok(events.every((e, i) => i === 0 || e.id < events[i - 1].id));
  assert.equal(list(house, 'events', 'list', '--count', '1')[0].id, events[0].id);
  assert.deepEqual(list(house, 'events', 'list', '--from', '2999-01-01'), []);
  assert.match(house.ok('events', 'list', '--from', '2999-01-01'), /There are no such events\./);
  // what changes nothing leaves no event
  house.ok('user', 'suspend', 'grace@example.com');
  assert.equal(list(house, 'events', 'list').length, events.length);
  refused(house.cli('events', 'list', '--count', '0'), 1, /--count is '0'; wanted is a number from 1 to 1000000/);
  refused(house.cli('events', 'list', '--count', 'x'), 1, /--count is 'x'/);
  refused(house.cli('events', 'list', '--from', '2026-02-30'), 1, /--from is '2026-02-30'; wanted is a date, YYYY-MM-DD/);
});

test('config check and show', (t) => {
  const house = makeHouse(t);
  const ini = join(house.data, 'tokenhouse.ini');
  assert.match(house.ok('config', 'check'), /There is no .*tokenhouse\.ini: every setting has its usual value\./);
  refused(run(['config', 'check', '--data', join(house.folder, 'none')]), 1, /none' cannot be opened: No such file/);
  refused(run(['config', 'show', '--data', join(house.folder, 'none')]), 1, /none' cannot be opened: No such file/);
  assert.deepEqual(list(house, 'config', 'check'), { isGood: true });
  const settings = list(house, 'config', 'show');
  assert.deepEqual(names(settings[0]), ['bounds', 'isUsual', 'meaning', 'name', 'section', 'usual', 'value']);
  assert.ok(settings.every((s) => s.isUsual && s.value === s.usual && s.meaning.length > 10 && s.bounds !== ''));
  writeFileSync(ini, '[gate]\nfreshness_s = 60\n[server]\ntrusted_proxies = 10.0.0.1/32, 2001:DB8::/32\nmaster_key_file = elsewhere.key\n');
  const value = (name) => find(list(house, 'config', 'show'), 'name', name);
  assert.deepEqual([value('freshness_s').value, value('freshness_s').usual, value('freshness_s').isUsual], ['60', '300', false]);
  assert.match(value('trusted_proxies').value, /^10\.0\.0\.1, 2001:db8::\/32$|^10\.0\.0\.1\/32, 2001:db8::\/32$/);
  assert.equal(value('master_key_file').value, join(house.data, 'elsewhere.key'), 'from the data folder on');
  assert.match(house.ok('config', 'check'), /The settings in .*tokenhouse\.ini are good\./);
  assert.match(house.ok('config', 'show'), /gate\.freshness_s +60 +set +how far/);

  for (const [text, words] of [
    ['[gate]\nfreshness_s = 0\n', /line 2.*freshness_s.*0.*1.*3600/],
    ['[gate]\nfreshness_s = soon\n', /line 2.*freshness_s.*soon/],
    ['[gate]\n\nno_such = 1\n', /line 3.*no_such/],
    ['[door]\nlisten = 127.0.0.1:1\n', /line [12].*door/],
    ['[gate]\nlisten = 127.0.0.1:1\n', /line 2.*listen.*server/],
    ['[gate]\nreplay = sometimes\n', /line 2.*replay.*sometimes.*all, unsafe, off/],
    ['[gate]\nlive_rights = on\n', /line 2.*live_rights/], // the account's own, not the operator's
    ['[server]\ntrusted_proxies = 10.0.0.1/8\n', /line 2.*10\.0\.0\.1\/8.*10\.0\.0\.0\/8/],
    ['[gate]\nreplay = all\nreplay = off\n', /line 3.*replay/],
    ['[gate\n', /line 1/],
  ]) {
    writeFileSync(ini, text);
    refused(house.cli('config', 'check'), 1, words);
    refused(house.cli('config', 'show'), 1, words);
  }
  // what serve would say, check says too
  for (const [text, words] of [
    ['tls_cert = x.pem', /tls_cert and tls_key go together, but tls_key is not set/],
    ['tls_cert = x.pem\ntls_key = y.pem', /the TLS certificate file '.*x\.pem' cannot be read/],
    ['listen = 127.0.0.1:8481', /listen and health are both '127\.0\.0\.1:8481'; wanted are two addresses/],
  ]) {
    writeFileSync(ini, `[server]\n${text}\n`);
    refused(house.cli('config', 'check'), 1, words);
    refused(house.cli('serve'), 1, words);
  }
  refused(house.cli('config', 'check', '--config', join(house.folder, 'none.ini')), 1, /none\.ini/);
  assert.match(house.ok('config', 'check', '--config', house.file('other.ini', '[gate]\nreplay = off\n')), /other\.ini are good/);
});

test('without a file the password is asked for at the terminal, twice, and not shown', (t) => {
  const house = makeHouse(t);
  house.ok('user', 'add', 'grace@example.com');
  const command = [PROGRAM, 'user', 'password', 'grace@example.com', '--data', house.data];
  /** Types the lines at a terminal, each after its question; gives status and what was seen. */
  const atTerminal = (...lines) => JSON.parse(execFileSync('python3', ['-c', `
import json, os, pty, sys
lines, command = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen = b""
asked = 0
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    if asked < len(lines) and seen.count(b": ") > asked and seen.endswith(b": "):
        os.write(fd, (lines[asked] + "\\n").encode())
        asked += 1
print(json.dumps({"status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "seen": seen.decode()}))
`, JSON.stringify([lines, command])], { encoding: 'utf8', timeout: 60_000 }));
  const [good, other] = ['typed at a terminal 1', 'typed at a terminal 2'];
  const before = contents(house);
  const differ = atTerminal(good, other);
  assert.equal(differ.status, 1);
  assert.match(differ.seen, /^Password: \r\nOnce more: \r\n.*the two passwords differ\r\n$/);
  const empty = atTerminal('', '');
  assert.equal(empty.status, 1);
  assert.match(empty.seen, /no password was typed/);
  assert.equal(contents(house), before);
  const done = atTerminal(good, good);
  assert.equal(done.status, 0, done.seen);
  assert.match(done.seen, /The password of grace@example\.com is changed\./);
  for (const { seen } of [differ, done]) assert.ok(!seen.includes(good) && !seen.includes(other));
  // without a terminal, it says what is wanted
  const none = spawnSync('setsid', ['-w', ...command], { encoding: 'utf8' });
  assert.equal(none.status, 1);
  assert.match(none.stderr, /there is no terminal to ask for a password; give --password-file FILE/);
});
