// SPDX-License-Identifier: Apache-2.0
// Rolling a token: both work until the overlap ends, to the second; then the old one is
// refused in words, and whoever still uses it is told of, once a day, whatever crashes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeHouse, must, openHouse, sleep, until } from './support/house.mjs';
import { list, refused, signer, storesNothing } from './support/outside.mjs';

const WHOAMI = '/v3/whoami';
const DAY_MS = 86_400_000;

/** What the database says, as rows of values. */
const ask = (house, sql, ...values) => JSON.parse(execFileSync('python3', ['-c', `
import json, sqlite3, sys
d = sqlite3.connect(sys.argv[1], timeout=20)
rows = d.execute(sys.argv[2], json.loads(sys.argv[3])).fetchall()
d.commit()
print(json.dumps(rows))`, join(house.data, 'tokenhouse.db'), sql, JSON.stringify(values)], { encoding: 'utf8' }));

/** Lets the overlap end at that Unix time. */
const endAt = (house, id, seconds) => ask(house,
  'UPDATE token SET overlap_ends_at_s = ?1, expires_at_s = ?1, due_at_s = ?1 WHERE id = ?2', seconds, id);

const roll = (house, id, ...more) => list(house, 'token', 'roll', id, ...more);
const events = (house, id, kind) => list(house, 'events', 'list').filter((e) => e.object.id === id && e.event === kind);
const letters = (house, kind) => ask(house, 'SELECT count(*) FROM letter_line l JOIN letter k ON k.id = l.letter_id WHERE k.kind = ?', kind)[0][0];
const USED_LATE = 6;

test('token roll makes a successor with all that the old token has', (t) => {
  const house = makeHouse(t);
  const old = house.hs256('nightly', '--description', 'why', '--approved-ip', '127.0.0.0/8',
    '--permission', 'Device reports:View', '--permission', 'Software reports:View');
  const made = roll(house, old.id);
  assert.equal(made.secret.length, 88);
  assert.notEqual(made.secret, old.secret);
  for (const same of ['title', 'description', 'permissions', 'deviceGroups', 'approvedAddresses', 'expires', 'user'])
    assert.deepEqual(made[same], old[same], same);
  assert.deepEqual([made.replaces, made.replacedBy, made.old.id], [old.id, null, old.id]);
  assert.ok(Math.abs(Date.parse(made.old.endsAt) - Date.now() - 7 * DAY_MS) < 60_000, made.old.endsAt);
  const shown = list(house, 'token', 'show', old.id);
  assert.deepEqual([shown.replacedBy, shown.endsAt, shown.state], [made.id, made.old.endsAt, 'Active']);
  assert.match(house.ok('token', 'show', old.id), new RegExp(`^Replaced by: +${made.id}$`, 'm'));
  assert.match(house.ok('token', 'show', made.id), new RegExp(`^Replaces: +${old.id}$`, 'm'));
  assert.equal(events(house, old.id, 'API token updated')[0].details.action, 'rolled');
});

test('token roll takes every option, and writes a .token file', (t) => {
  const house = makeHouse(t);
  house.ok('group', 'add', 'Lyon');
  house.ok('group', 'add', 'Paris');
  const old = house.hs256('nightly', '--approved-ip', '10.0.0.0/8', '--group', 'Lyon', '--group', 'Paris',
    '--permission', 'Device reports:View', '--permission', 'Software reports:View');
  const expires = new Date(Date.now() + 20 * DAY_MS).toISOString().slice(0, 10);
  const out = join(house.folder, 'new.token');
  const text = house.ok('token', 'roll', old.id, '--overlap', '30', '--title', 'weekly', '--description', 'then',
    '--expires', expires, '--permission', 'Device reports:View', '--approved-ip', '10.1.0.0/16', '--group', 'Paris', '--out', out);
  assert.doesNotMatch(text, /Secret key:/);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const { replacedBy } = list(house, 'token', 'show', old.id);
  assert.ok(readFileSync(out, 'utf8').includes(replacedBy));
  const made = list(house, 'token', 'show', replacedBy);
  assert.deepEqual([made.title, made.description, made.expires, made.permissions, made.approvedAddresses, made.deviceGroups],
    ['weekly', 'then', expires, ['Device reports:View'], ['10.1.0.0/16'], ['Paris']]);
});

test('token roll refuses in words, and stores nothing', (t) => {
  const house = makeHouse(t);
  const [old, suspended] = [house.es256('nightly', '--permission', 'Device reports:View'), house.hs256('halted')];
  house.ok('token', 'suspend', suspended.id);
  const there = house.file('there', 'x');
  storesNothing(house, [
    [['token', 'roll', old.id, '--overlap', '31'], /overlap of 31 days cannot be; wanted are 0 to 30/],
    [['token', 'roll', old.id, '--permission', 'Geolocation:View'], /cannot have Geolocation:View: the token that it replaces lacks it/],
    [['token', 'roll', old.id, '--public-key', old.publicFile], /this is the key of the token that is replaced/],
    [['token', 'roll', old.id, '--out', there], /exists already/],
    [['token', 'roll', suspended.id], /suspended: resume it before it is rolled/],
    [['token', 'roll', 'nobody'], /there is no token 'nobody'/],
    [['token', 'overlap', old.id, '3'], /is not being replaced/],
    [['token', 'unroll', old.id], /is not being replaced/],
  ]);
  refused(house.cli('token', 'roll', old.id, '--overlap', 'week'), 2, /'week' is no number of days/);
  const made = roll(house, old.id, '--title', 'The next');
  refused(house.cli('token', 'roll', old.id), 1, new RegExp(`is being replaced by 'The next' \\(${made.id}\\) already`));
});

test('a secret key that cannot be written down takes the roll back', (t) => {
  const house = makeHouse(t);
  const old = house.hs256('nightly');
  refused(house.cli('token', 'roll', old.id, '--out', join(house.folder, 'no/such/folder.token')), 1, /no token was made/);
  assert.deepEqual(list(house, 'token', 'list').map((row) => [row.id, row.replacedBy]), [[old.id, null]]);
  assert.equal(existsSync(join(house.folder, 'no')), false);
});

test('both work until the overlap ends, and the old one is dead in the next second', async (t) => {
  const house = makeHouse(t);
  const old = house.hs256('nightly');
  const made = signer(roll(house, old.id, '--title', 'The next', '--overlap', '1'));
  const end = Math.floor(Date.now() / 1000) + 6;
  endAt(house, old.id, end);
  await house.start();
  const seen = [];
  while (Date.now() < (end + 1) * 1000) {
    const before = Date.now();
    const [first, second] = await Promise.all([house.ask(old, 'GET', WHOAMI), house.ask(made, 'GET', WHOAMI)]);
    seen.push({ before, after: Date.now(), status: first.status });
    assert.equal(second.status, 200, second.text);
    await sleep(50);
  }
  const alive = seen.filter((s) => s.after < end * 1000);
  const dead = seen.filter((s) => s.before >= end * 1000);
  assert.ok(alive.length > 3 && dead.length > 3, JSON.stringify(seen));
  assert.ok(alive.every((s) => s.status === 200) && dead.every((s) => s.status === 401), JSON.stringify(seen));

  const { json } = await house.ask(old, 'GET', WHOAMI);
  assert.equal(json.details[0].code, 'TOKEN_REPLACED');
  assert.equal(json.message, `the token was replaced by 'The next' and ended at ${new Date(end * 1000).toISOString()}`);
  // whoever cannot sign does not learn it
  const stranger = await house.ask({ ...old, key: Buffer.from('x'.repeat(40)) }, 'GET', WHOAMI);
  assert.deepEqual([stranger.status, stranger.json.details], [401, []]);

  await until(() => events(house, old.id, 'API token replaced'), (found) => found.length === 1);
  await until(() => events(house, old.id, 'API token used after its end'), (found) => found.length === 1);
  const [used] = events(house, old.id, 'API token used after its end');
  assert.deepEqual([used.address, used.actor.kind, used.details.after.successor], ['127.0.0.1', 'token', 'The next']);
  for (let i = 0; i < 50; i++) await house.ask(old, 'GET', WHOAMI);
  house.ok('token', 'delete', made.id);
  await until(() => house.ask(old, 'GET', WHOAMI), (a) => a.json.message.startsWith('the token was replaced and ended at'));
  await sleep(1500); // the housekeeper's turn
  assert.equal(events(house, old.id, 'API token used after its end').length, 1);
  assert.equal(letters(house, USED_LATE), 1);
  refused(house.cli('token', 'roll', old.id), 1, /was replaced and ended at/);
  refused(house.cli('token', 'resume', old.id), 1, /was replaced and ended at/);
});

test('an overlap of 0 days ends the old token at once; another is moved, ended and called off', async (t) => {
  const house = await openHouse(t);
  const [now, moved, off] = ['now', 'moved', 'off'].map((title) => house.hs256(title));
  for (const token of [now, moved, off]) await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
  roll(house, now.id, '--overlap', '0');
  await until(() => house.ask(now, 'GET', WHOAMI), (a) => a.json?.details?.[0]?.code === 'TOKEN_REPLACED');

  roll(house, moved.id);
  const after = list(house, 'token', 'overlap', moved.id, '30');
  assert.ok(Math.abs(Date.parse(after.endsAt) - Date.now() - 30 * DAY_MS) < 60_000, after.endsAt);
  refused(house.cli('token', 'overlap', moved.id, '31'), 1, /wanted are 0 to 30/);
  assert.equal((await house.ask(moved, 'GET', WHOAMI)).status, 200);
  house.ok('token', 'overlap', moved.id, '0');
  await until(() => house.ask(moved, 'GET', WHOAMI), (a) => a.json?.details?.[0]?.code === 'TOKEN_REPLACED');

  const made = signer(roll(house, off.id));
  await until(() => house.ask(made, 'GET', WHOAMI), (a) => a.status === 200);
  const kept = list(house, 'token', 'unroll', off.id);
  assert.deepEqual([kept.replacedBy, kept.endsAt], [null, null]);
  await until(() => house.ask(made, 'GET', WHOAMI), (a) => a.status === 401);
  assert.equal((await house.ask(off, 'GET', WHOAMI)).status, 200);
});

test('kill -9 while the overlap ends: the end and the late use are on record once', async (t) => {
  const house = makeHouse(t);
  const olds = Array.from({ length: 5 }, (_, i) => house.hs256(`old ${i}`));
  for (const old of olds) roll(house, old.id, '--overlap', '0');
  for (let turn = 0; turn < 6; turn++) {
    await house.start();
    for (const old of olds) assert.equal((await house.ask(old, 'GET', WHOAMI)).json.details[0].code, 'TOKEN_REPLACED');
    await sleep(turn * 300); // the housekeeper's turn comes after a second
    await house.kill();
  }
  await house.start();
  for (const old of olds) {
    await house.ask(old, 'GET', WHOAMI);
    await until(() => events(house, old.id, 'API token replaced').length, (count) => count > 0);
    await until(() => events(house, old.id, 'API token used after its end').length, (count) => count > 0);
  }
  for (const old of olds) {
    assert.equal(events(house, old.id, 'API token replaced').length, 1);
    assert.equal(events(house, old.id, 'API token used after its end').length, 1);
  }
  assert.equal(letters(house, USED_LATE), olds.length);
  assert.match(must(['events', 'verify', '--data', house.data]), /./);
});
