// SPDX-License-Identifier: Apache-2.0
// A kill -9 at any moment loses nothing that was acknowledged and leaves no half change.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { ADMIN, PROGRAM, makeHouse, openHouse, sleep } from './support/house.mjs';

const ROUNDS = 25; // of each kind: 50 in all

/** Runs a command and kills it after `ms`; gives what it printed and how it ended. */
function cut(args, ms) {
  return new Promise((done) => {
    const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (bytes) => { stdout += bytes; });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, stdout });
    });
  });
}

describe('kill -9', () => {
  test('while tokens are made: each acknowledged one is there, whole, with its event', async (t) => {
    const house = makeHouse(t);
    const args = (i) => ['token', 'create', '--data', house.data, '--user', ADMIN, '--title', `round ${i}`, '--json'];
    const began = performance.now();
    await cut(args('first'), 60_000);
    const whole = performance.now() - began;
    const acknowledged = [];
    let killed = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const end = await cut(args(i), (whole * 1.2 * (i + 1)) / ROUNDS);
      if (end.signal) killed++;
      if (end.stdout.includes('"id"') && end.stdout.trimEnd().endsWith('}')) acknowledged.push(JSON.parse(end.stdout).id);
    }
    assert.ok(killed > 0, 'no round was killed');
    const tokens = JSON.parse(house.ok('token', 'list', '--json'));
    const rows = Array.isArray(tokens) ? tokens : tokens.data;
    const ids = rows.map((row) => row.id);
    for (const id of acknowledged) assert.ok(ids.includes(id), `lost: ${id}`);
    const events = JSON.parse(house.ok('events', 'list', '--json', '--count', '10000'));
    const made = (Array.isArray(events) ? events : events.data).filter((e) => JSON.stringify(e).includes('"created"'));
    for (const id of ids) {
      assert.equal(made.filter((e) => JSON.stringify(e).includes(id)).length, 1, `one event for ${id}`);
    }
    const madeTokens = made.filter((e) => JSON.stringify(e).includes('API token updated'));
    assert.equal(madeTokens.length, ids.length, 'no event without its token');
    await house.start();
  });

  test('while devices are imported: all of a file or nothing of it', async (t) => {
    const house = makeHouse(t);
    const rows = (batch, count) => Array.from({ length: count }, (_, i) =>
      JSON.stringify({ deviceName: `B${batch}-${i}`, esn: `ESN${batch}X${i}`, agentStatus: 'A' })).join('\n');
    const count = 3000;
    const args = (batch) => ['device', 'import', '--data', house.data, house.file(`batch${batch}.jsonl`, rows(batch, count))];
    const began = performance.now();
    await cut(args('first'), 120_000);
    const whole = performance.now() - began;
    const acknowledged = new Set(['first']);
    let killed = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const end = await cut(args(i), (whole * 1.2 * (i + 1)) / ROUNDS);
      if (end.signal) killed++;
      else if (end.code === 0) acknowledged.add(String(i));
    }
    assert.ok(killed > 0, 'no round was killed');
    const listed = JSON.parse(house.ok('device', 'list', '--json'));
    const found = new Map();
    for (const { deviceName } of Array.isArray(listed) ? listed : listed.data) {
      const batch = /^B(\w+)-/.exec(deviceName)[1];
      found.set(batch, (found.get(batch) ?? 0) + 1);
    }
    for (const [batch, n] of found) assert.equal(n, count, `batch ${batch} is half there`);
    for (const batch of acknowledged) assert.equal(found.get(batch), count, `batch ${batch} was lost`);
  });

  test('of the server: it starts again at once, and tokens work', async (t) => {
    const house = await openHouse(t);
    const token = house.hs256('survivor');
    for (let i = 0; i < 3; i++) {
      await sleep(100);
      await house.kill('SIGKILL');
      await house.start();
      assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
    }
  });
});
