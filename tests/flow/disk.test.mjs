// SPDX-License-Identifier: Apache-2.0
//
// A disk that fills up, for real: a small tmpfs where one may be mounted, and else a limit
// on the size of files. Changes are refused in words, requests are answered as before.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, PROGRAM, bareHouse, makeHouse, must, until } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';

const KIB = 1024;
const DISK = 48 * KIB * KIB;
const WORDS = /disk is full/;

/** A folder with a disk of its own; false where nothing may be mounted. */
function mountDisk(folder) {
  mkdirSync(folder);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder]).status === 0;
}

const ready = async (house) => {
  const reply = await fetch(`${house.health}/readyz`);
  return { status: reply.status, ...await reply.json() };
};

test('a full disk: changes are refused in words, reading and checking go on, and all is well when there is room', async (t) => {
  const house = bareHouse(t);
  const disk = join(house.folder, 'disk');
  if (!mountDisk(disk)) {
    t.skip('nothing may be mounted here');
    return;
  }
  const ballast = join(disk, 'ballast');
  /** Leaves so many bytes free. */
  const leave = (bytes) => {
    rmSync(ballast, { force: true });
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(Math.max(bavail * bsize - bytes, 0)));
  };
  try {
    house.data = join(disk, 'data');
    must(['init', '--data', house.data, '--admin-email', ADMIN, '--admin-password-file', house.file('password', 'correct horse battery staple\n')]);
    const token = house.hs256('works');
    const leaked = house.hs256('leaked');
    await house.start({ ini: '[disk]\ndisk_min_free_kib = 1024\n' });
    const ada = await loggedIn(house);
    await until(async () => (await house.ask(token, 'GET', '/v3/whoami')).status, (status) => status === 200);
    assert.equal((await ready(house)).status, 200);

    leave(2 * KIB * KIB); // less than 5 %, more than the floor
    await until(() => ready(house), (r) => r.status === 503 && r.state === 'disk low');
    assert.match(house.log, /the disk is nearly full/);
    assert.equal((await ada.post('/groups', { name: 'still' })).status, 201, 'red before anything is refused');

    leave(700 * KIB);
    const no = await ada.post('/groups', { name: 'no more' });
    assertProblem(no, 503, 'DISK_FULL');
    assert.match(no.json.detail, WORDS);
    assert.equal(no.headers['retry-after'], '60');
    refused(house.cli('group', 'add', 'no more'), 1, WORDS);
    assert.equal((await ada.get('/groups')).status, 200);
    assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
    assert.equal((await ada.post(`/tokens/${leaked.id}/suspend`)).status, 200, 'rights can be taken away to the last');
    await until(async () => (await house.ask(leaked, 'GET', '/v3/whoami')).status, (status) => status === 401);
    await loggedIn(house);

    leave(0);
    assertProblem(await ada.post(`/tokens/${token.id}/suspend`), 503, 'DISK_FULL');
    await until(() => house.log, (log) => /housekeeping failed what="?flush uses"? status="?full/.test(log), 20_000);
    for (let i = 0; i < 20; i++) assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
    assert.equal((await ada.get(`/tokens/${token.id}`)).status, 200);

    rmSync(ballast);
    await until(() => ready(house), (r) => r.status === 200);
    assert.equal((await ada.post('/groups', { name: 'again' })).status, 201);
    await until(async () => (await ada.get(`/tokens/${token.id}`)).json.useCount, (n) => n >= 22, 20_000); // none was lost
    assert.match(house.log, /housekeeping works again/);
    house.ok('events', 'verify');
    const names = list(house, 'events', 'list').filter((e) => e.event === 'Device group updated').map((e) => e.object.name);
    assert.deepEqual(names, ['again', 'still']);
    await house.stop();
    execFileSync('sqlite3', [join(house.data, 'tokenhouse.db'), 'PRAGMA integrity_check'], { encoding: 'utf8' });
  } finally {
    if (house.server) await house.kill();
    execFileSync('umount', [disk]);
  }
});

test('no room in the middle of an act: it is undone as a whole, and said', async (t) => {
  const house = makeHouse(t);
  for (let i = 0; i < 5; i++) house.ok('group', 'add', `group ${i}`);
  const before = list(house, 'events', 'list').length;
  const limited = (kib, ...args) => spawnSync('prlimit', [`--fsize=${kib * KIB}`, PROGRAM, ...args, '--data', house.data], { encoding: 'utf8' });
  let [worked, failed] = [0, 0];
  for (let kib = 4; kib <= 400; kib += 12) {
    const done = limited(kib, 'group', 'add', `limited ${kib}`, '--description', 'x'.repeat(900));
    if (done.status === 0) {
      worked++;
      continue;
    }
    failed++;
    assert.equal(done.status, 1, done.stderr);
    assert.match(done.stderr, /the disk is full|cannot be opened|disk I\/O/, `${kib}`);
  }
  assert.ok(failed > 0 && worked > 0, `${failed} ${worked}`);
  assert.equal(list(house, 'events', 'list').length, before + worked, 'an event for each that worked, and no other');
  assert.equal(list(house, 'group', 'list').length, 5 + worked);
  house.ok('events', 'verify', '--head', house.file('head', house.ok('events', 'head', '--sign')));
});
