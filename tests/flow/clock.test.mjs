// SPDX-License-Identifier: Apache-2.0
// A clock that jumps a month ahead, an hour and a month back, while a server runs, is
// killed and starts again: every event and every notice comes exactly once. The machine's
// own clock is not touched: a shim in front of the C library shifts the wall clock of our
// program alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { ADMIN, ROOT, makeHouse, sleep, until } from './support/house.mjs';
import { list } from './support/outside.mjs';

const HOUR_S = 3600;
const DAY_S = 86_400;
const LINUS = 'linus@example.com';
const SETTLE_MS = 3000; // three turns of the housekeeper: what would come twice has come

const day = (n) => new Date(Date.now() + n * DAY_S * 1000).toISOString().slice(0, 10);

/** A clock for the programs of this test; `turn(seconds)` sets how far it is ahead. */
function shiftedClock(t, house) {
  const library = join(house.folder, 'clock_shift.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(ROOT, 'tests/support/clock_shift.c')]);
  const path = house.file('clock', Buffer.alloc(8));
  const file = openSync(path, 'r+');
  process.env.CLOCK_SHIFT = path;
  process.env.LD_PRELOAD = library;
  t.after(() => {
    delete process.env.LD_PRELOAD;
    delete process.env.CLOCK_SHIFT;
    closeSync(file);
  });
  return (seconds) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    writeSync(file, bytes, 0, 8, 0); // eight bytes at once: never half a number
  };
}

/** How often each reader was told something: { 'expired ada@… ID': 1 }. */
async function told(house) {
  const folder = join(house.data, 'mail');
  const counts = {};
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const kind = /Z-(\w+)-[\da-f-]{36}\.eml$/.exec(name)?.[1];
    if (!kind) continue;
    const letter = await simpleParser(readFileSync(join(folder, name)));
    for (const [, id] of letter.text.matchAll(/Token ID: +(\S+)/g)) {
      const what = `${kind} ${letter.to.value[0].address} ${id}`;
      counts[what] = (counts[what] ?? 0) + 1;
    }
  }
  return counts;
}

const expiredOf = (house) => list(house, 'events', 'list', '--count', '1000')
  .filter((event) => event.event === 'API token expired').map((event) => event.object.id).sort();

test('a running server whose clock jumps tells everything once', async (t) => {
  const house = makeHouse(t);
  const turn = shiftedClock(t, house);
  house.ok('user', 'add', LINUS, '--role', 'Administrator', '--password-file', house.file('pw', 'another long enough password\n'));
  const make = (days) => list(house, 'token', 'create', '--user', LINUS, '--title', `for ${days} days`, '--expires', day(days));
  const [near, month, far] = [2, 20, 60].map(make);
  const mine = house.hs256('asks', '--expires', day(300));
  const expected = {};
  const expect = (kind, ...tokens) => {
    for (const who of [ADMIN, LINUS]) for (const { id } of tokens) expected[`${kind} ${who} ${id}`] = 1;
  };
  const settled = async (what) => {
    try {
      await until(async () => JSON.stringify(Object.entries(await told(house)).sort()), (now) => now === JSON.stringify(Object.entries(expected).sort()), 20_000);
      await sleep(SETTLE_MS);
      assert.deepEqual(await told(house), expected);
    } catch (error) {
      assert.deepEqual(await told(house), expected, what);
      throw error;
    }
  };
  const start = () => house.start({ ini: '[history]\nhead_letter_days = 0\n' });

  await start();
  expect('created', near, month, far);
  expected[`created ${ADMIN} ${mine.id}`] = 1;
  expect('soon', near);
  await settled('at the beginning');
  assert.deepEqual(expiredOf(house), []);

  turn(30 * DAY_S); // ahead by a month, while it runs
  expect('expired', near, month); // `month` died unannounced: its letter says so
  await settled('a month ahead');
  const dead = [near.id, month.id].sort();
  assert.deepEqual(expiredOf(house), dead);
  assert.equal((await house.ask(mine, 'GET', '/v3/whoami', { issuedAt: Date.now() + 30 * DAY_S * 1000 })).status, 200);
  assert.equal((await house.ask(mine, 'GET', '/v3/whoami')).status, 401, 'signed a month ago');

  turn(30 * DAY_S - HOUR_S); // back an hour
  await settled('an hour back');
  await house.kill('SIGKILL');
  await start();
  turn(0); // back where it was
  await settled('killed, and a month back');
  turn(30 * DAY_S + HOUR_S);
  await settled('ahead again');
  assert.deepEqual(expiredOf(house), dead);

  turn(58 * DAY_S);
  expect('soon', far);
  await settled('three days before the last');
  await house.kill('SIGKILL');
  turn(61 * DAY_S); // nobody is awake in the moment
  await start();
  expect('expired', far);
  await settled('after a sleep');
  turn(61 * DAY_S - HOUR_S);
  await settled('and an hour back');
  assert.deepEqual(expiredOf(house), [...dead, far.id].sort());
  await house.stop();
  house.ok('events', 'verify');
});
