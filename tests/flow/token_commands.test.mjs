// SPDX-License-Identifier: Apache-2.0
// token on the command line: what it makes, prints and refuses (rules 1 to 10 of a token).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, PROGRAM, makeHouse } from './support/house.mjs';
import { contents, list, refused, storesNothing } from './support/outside.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SHOWN = ['algorithm', 'approvedAddresses', 'changedAt', 'createdAt', 'description', 'deviceGroups', 'endsAt', 'expires', 'id',
  'idleDays', 'isCanary', 'isSuspended', 'isUnused', 'lastUsedAt', 'lastUsedFrom', 'limits', 'permissions', 'replacedBy', 'replaces', 'state', 'suspendedAt', 'suspendedBy', 'title', 'useCount', 'user',
  'version'];
const DAY_MS = 86_400_000;
const day = (ahead) => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);

/** A year from today; the 29th of February becomes the 28th. */
function inOneYear() {
  const [year, month, date] = day(0).split('-').map(Number);
  const last = new Date(Date.UTC(year + 1, month, 0)).getUTCDate();
  return `${year + 1}-${String(month).padStart(2, '0')}-${String(Math.min(date, last)).padStart(2, '0')}`;
}

const titled = (title, ...more) => ['token', 'create', '--user', ADMIN, '--title', title, ...more];
const create = (...more) => titled('x', ...more);

test('a token with a secret key: JSON, text and a .token file', (t) => {
  const house = makeHouse(t);
  const made = list(house, ...create('--description', 'for\ntwo lines', '--approved-ip', '10.0.0.1/32, 2001:DB8:0::/32',
    '--approved-ip', '10.0.0.1'));
  assert.match(made.id, UUID);
  assert.match(made.secret, /^[A-Za-z0-9+/]{86}==$/);
  assert.equal(Buffer.from(made.secret, 'base64').length, 64);
  assert.deepEqual(Object.keys(made).sort(), [...SHOWN, 'secret'].sort());
  assert.ok([day(90), day(89)].includes(made.expires), 'usual: 90 days');
  assert.deepEqual([made.algorithm, made.state, made.user, made.description, made.isSuspended, made.lastUsedAt, made.useCount],
    ['HS256', 'Active', ADMIN, 'for\ntwo lines', false, null, 0]);
  assert.deepEqual(made.approvedAddresses, ['10.0.0.1', '2001:db8::/32'], 'duplicates are ignored, spellings are normal');

  const text = house.ok(...create('--description', ''));
  assert.match(text, /^Token ID: +\S+\nSecret key: +[A-Za-z0-9+/]{86}==\nExpires: +\d{4}-\d\d-\d\d \(through 23:59:59 UTC\)\nKeep the secret key now/);

  const out = join(house.folder, 'my.token');
  const told = house.ok(...create('--out', out));
  assert.match(told, /my\.token\. The secret key cannot be read again\./);
  const file = readFileSync(out, 'utf8');
  const [, id, secret] = /^Token ID: (\S+)\nSecret key: (\S+)\n$/.exec(file);
  assert.ok(told.includes(id) && !told.includes(secret));
  assert.equal(statSync(out).mode & 0o777, 0o600);

  // shown once: nothing reads it again
  for (const args of [['token', 'list', '--json'], ['token', 'list'], ['token', 'show', made.id], ['token', 'show', made.id, '--json'],
    ['events', 'list', '--json', '--count', '1000']]) {
    const said = house.ok(...args);
    assert.ok(!said.includes(made.secret) && !said.includes(secret), args.join(' '));
  }
  assert.ok(!contents(house).includes(made.secret), 'kept under seal only');
  const before = list(house, 'token', 'list').length;
  refused(house.cli(...create('--out', out)), 1, /'.*my\.token' exists already; wanted is a new file/);
  refused(house.cli(...create('--out', join(house.folder, 'no/such/folder.token'))), 1, /folder\.token.*no token was made/);
  assert.equal(readFileSync(out, 'utf8'), file);
  assert.equal(list(house, 'token', 'list').length, before);
});

test('a token for a public key has no secret', (t) => {
  const house = makeHouse(t);
  const made = house.es256('with a key');
  assert.equal('secret' in made, false);
  assert.deepEqual(Object.keys(list(house, 'token', 'show', made.id)).sort(), SHOWN);
  assert.equal(list(house, 'token', 'show', made.id).algorithm, 'ES256');
  const out = join(house.folder, 'x.token');
  refused(house.cli(...create('--public-key', made.publicFile, '--out', out)), 2, /--out keeps a secret key, and a token with --public-key has none/);
  assert.equal(existsSync(out), false);
});

test('what cannot be had is said with what is wanted, and stores nothing', (t) => {
  const house = makeHouse(t);
  const openssl = (...args) => execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const key = (...args) => house.file(`key${Math.random()}`, openssl('genpkey', ...args));
  const publicOf = (file) => house.file(`pub${Math.random()}`, openssl('pkey', '-in', file, '-pubout'));
  const p384 = key('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384');
  const rsa = key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
  const p256 = key('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256');
  const certificate = house.file('cert.pem', openssl('req', '-x509', '-key', p256, '-subj', '/CN=x', '-days', '1'));
  const wanted = /wanted is the P-256 public key in PEM/;
  house.ok('user', 'add', 'guest@example.com');
  house.ok('user', 'add', 'grace@example.com', '--role', 'Power User');
  house.ok('user', 'add', 'gone@example.com', '--role', 'Administrator');
  house.ok('user', 'suspend', 'gone@example.com');
  house.ok('group', 'add', 'Paris');
  house.ok('group', 'add', 'Rome');
  house.ok('user', 'add', 'parisian@example.com', '--role', 'Administrator');
  house.ok('group', 'assign', 'Paris', '--user', 'parisian@example.com');
  const by = (email, ...more) => ['token', 'create', '--user', email, '--title', 'x', ...more];
  storesNothing(house, [
    [by('nobody@example.com'), /there is no user 'nobody@example\.com'/],
    [by('nobody'), /'nobody' is not an e-mail address/],
    [by('guest@example.com'), /the user guest@example\.com may not make tokens: the user role 'Guest User' lacks the permission API Credentials:Manage/],
    [by('gone@example.com'), /the user gone@example\.com is suspended and cannot have new tokens/],
    [by('parisian@example.com', '--group', 'Rome'), /the device group 'Rome' is not one of the user's/],
    [titled(' '), /the title is empty; wanted are 1 to 120 characters/],
    [titled('é'.repeat(121)), /the title has 121 characters; wanted are at most 120/],
    [create('--description', 'x'.repeat(1001)), /the description has 1001 characters; wanted are at most 1000/],
    [create('--expires', day(0)), new RegExp(`${day(0)} cannot be the expiry date; wanted is a date from ${day(1)} to ${inOneYear()}`)],
    [create('--expires', day(400)), /at least one day ahead, at most one year/],
    [create('--expires', '2026-02-30'), /'2026-02-30' is not a date; wanted is YYYY-MM-DD/],
    [create('--expires', 'tomorrow'), /'tomorrow' is not a date/],
    [create('--expires', ''), /the expiry date is empty; wanted is YYYY-MM-DD/],
    [create('--permission', 'Device reports:Fly'), /'Device reports:Fly'/],
    [create('--permission', 'Users:Manage'), /Users:Manage/],
    [create('--permission', 'API Credentials:Manage'), /a token cannot have API Credentials:Manage: no API operation needs it/],
    [create('--group', 'Oslo'), /there is no device group 'Oslo'/],
    [create('--approved-ip', '10.0.0.1/8'), /Invalid IP address: '10\.0\.0\.1\/8' has bits set behind its prefix; the range is written 10\.0\.0\.0\/8/],
    [create('--approved-ip', '10.0.0.256'), /Invalid IP address: '10\.0\.0\.256'; wanted is an IPv4 or IPv6 address/],
    [create('--approved-ip', '10.0.0.1 nonsense'), /Invalid IP address: 'nonsense'/],
    [create('--public-key', publicOf(p384)), wanted],
    [create('--public-key', publicOf(rsa)), /RSA.*wanted is the P-256 public key/],
    [create('--public-key', certificate), /this is a certificate; wanted is the P-256 public key/],
    [create('--public-key', house.file('empty.pem', '')), /empty\.pem' is empty; wanted is a P-256 public key/],
    [create('--public-key', house.file('words.pem', 'not a key')), wanted],
    [create('--public-key', join(house.folder, 'none.pem')), /none\.pem/],
    [create('--public-key', p256), /this is a private key, not a public key\. .*treat it as leaked/],
  ]);
  // the nearest yes
  const roman = list(house, ...by('parisian@example.com', '--group', 'Paris', '--expires', inOneYear()));
  assert.deepEqual([roman.deviceGroups, roman.expires], [['Paris'], inOneYear()]);
  assert.equal(list(house, ...create('--expires', day(1))).expires, day(1));
  assert.equal(list(house, ...titled('é'.repeat(120))).title.length, 120);
});

test('permissions: all that the role has for the API, or some of them', (t) => {
  const house = makeHouse(t);
  const offered = list(house, ...create()).permissions;
  assert.ok(offered.includes('Device reports:View') && !offered.includes('API Credentials:Manage'));
  const some = list(house, ...create('--permission', 'Device Fields:Manage')).permissions;
  assert.deepEqual(some, ['Device Fields:View', 'Device Fields:Manage'], 'Manage implies View');
  house.ok('role', 'add', 'Narrow', '--permission', 'API Credentials:Manage', '--permission', 'Geolocation:View');
  house.ok('user', 'add', 'n@example.com', '--role', 'Narrow');
  assert.deepEqual(list(house, 'token', 'create', '--user', 'n@example.com', '--title', 'x').permissions, ['Geolocation:View']);
  refused(house.cli('token', 'create', '--user', 'n@example.com', '--title', 'x', '--permission', 'Device reports:View'), 1,
    /a token cannot have Device reports:View: the user's role lacks it/);
});

test('list, show, edit, suspend, resume, delete', (t) => {
  const house = makeHouse(t);
  house.ok('user', 'add', 'grace@example.com', '--role', 'Administrator');
  assert.deepEqual(list(house, 'token', 'list'), []);
  assert.match(house.ok('token', 'list'), /There are no tokens\./);
  const late = list(house, ...create('--expires', day(50)));
  const soon = list(house, 'token', 'create', '--user', 'grace@example.com', '--title', 'hers', '--expires', day(5));
  assert.deepEqual(list(house, 'token', 'list').map((r) => r.id), [soon.id, late.id], 'the earliest to expire first');
  assert.deepEqual(list(house, 'token', 'list', '--user', 'grace@example.com').map((r) => r.id), [soon.id]);
  assert.deepEqual(Object.keys(list(house, 'token', 'list')[0]).sort(), SHOWN);
  assert.match(house.ok('token', 'list'), new RegExp(`${soon.id} +hers +grace@example\\.com +HS256 +Active +${day(5)} +never`));

  const edited = list(house, 'token', 'edit', soon.id, '--title', 'new', '--description', 'more', '--expires', day(300), '--approved-ip', '::1');
  assert.deepEqual([edited.title, edited.description, edited.expires, edited.approvedAddresses, edited.version > soon.version],
    ['new', 'more', day(300), ['::1'], true]);
  assert.deepEqual(edited.permissions, soon.permissions);
  assert.deepEqual(list(house, 'token', 'edit', soon.id, '--any-ip').approvedAddresses, []);

  const id = soon.id;
  house.ok('token', 'suspend', late.id);
  assert.deepEqual([list(house, 'token', 'show', late.id).state, list(house, 'token', 'show', late.id).isSuspended], ['Suspended', true]);
  assert.match(house.ok('token', 'show', late.id), /^Suspended: +\d{4}-\d\d-\d\d \d\d:\d\d.* by a command; only a System Administrator can resume it$/m);
  assert.deepEqual([list(house, 'token', 'show', late.id).suspendedBy, list(house, 'token', 'show', soon.id).suspendedBy], ['a command', null]);
  assert.doesNotMatch(house.ok('token', 'show', soon.id), /^Suspended:/m);
  storesNothing(house, [
    ...['show', 'suspend', 'resume', 'delete'].map((verb) => [['token', verb, 'no-such-id'], /there is no token 'no-such-id'/]),
    [['token', 'edit', 'no-such-id', '--title', 'x'], /there is no token 'no-such-id'/],
    [['token', 'edit', id, '--title', ''], /the title is empty/],
    [['token', 'edit', id, '--expires', day(0)], /cannot be the expiry date; wanted is a date from/],
    [['token', 'edit', id, '--expires', day(400)], /cannot be the expiry date/],
    [['token', 'edit', id, '--approved-ip', '10.0.0.1/8'], /the range is written 10\.0\.0\.0\/8/],
    [['token', 'edit', late.id, '--title', 'x'], /the token is suspended: it can only be resumed or deleted/],
    [['token', 'list', '--user', 'nobody@example.com'], /there is no user 'nobody@example\.com'/],
  ]);
  refused(house.cli('token', 'edit', id), 2, /nothing to change is given/);
  refused(house.cli('token', 'edit', id, '--any-ip', '--approved-ip', '::1'), 2, /--any-ip and --approved-ip exclude each other/);
  house.ok('token', 'resume', late.id);
  assert.equal(list(house, 'token', 'edit', late.id, '--title', 'y').title, 'y');
  house.ok('user', 'suspend', 'grace@example.com');
  refused(house.cli('token', 'edit', id, '--title', 'x'), 1, /the token's user grace@example\.com is suspended: the token can only be deleted/);
  house.ok('token', 'delete', id);
  assert.deepEqual(list(house, 'token', 'list').map((r) => r.id), [late.id]);
});

test('an answer that cannot be printed is no success: a token whose secret nobody saw is taken back', (t) => {
  const house = makeHouse(t);
  for (const args of [create('--json'), create()]) {
    const full = openSync('/dev/full', 'w');
    const [noun, verb, ...more] = args;
    const done = spawnSync(PROGRAM, [noun, verb, '--data', house.data, ...more], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    assert.equal(done.status, 1);
    assert.match(done.stderr, /no token was made/);
  }
  assert.deepEqual(list(house, 'token', 'list'), []);
});
