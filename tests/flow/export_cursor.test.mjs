// SPDX-License-Identifier: Apache-2.0
//
// Exports that go on behind a cursor: whatever breaks, nothing is lost and nothing skipped.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, linkSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM, makeHouse, sleep } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';

const lines = (text) => text.split('\n').filter((line) => line).map((line) => JSON.parse(line).id);
const cursor = (house, name) => list(house, 'output', 'list').find((o) => o.name === name);
const from = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** As cron does it: `>> file`. */
function appending(house, file, ...args) {
  const fd = openSync(file, 'a');
  try {
    return spawnSync(PROGRAM, ['events', 'export', '--data', house.data, ...args], { stdio: ['ignore', fd, 'pipe'], encoding: 'utf8' });
  } finally {
    closeSync(fd);
  }
}

test('each export begins behind the last one', (t) => {
  const house = makeHouse(t);
  house.ok('group', 'add', 'one');
  const first = lines(house.ok('events', 'export', '--cursor', 'siem'));
  assert.deepEqual(first, from(1, first.length), 'a new cursor begins with the first event, its own is the last');
  assert.equal(list(house, 'events', 'list', '--count', '1')[0].event, 'Event output updated');
  assert.deepEqual(lines(house.ok('events', 'export', '--cursor', 'siem')), []);
  house.ok('group', 'add', 'two');
  house.ok('group', 'add', 'three');
  assert.deepEqual(lines(house.ok('events', 'export', '--cursor', 'siem')), from(first.length + 1, first.length + 2));
  const { kind, state, lag } = cursor(house, 'siem');
  assert.deepEqual([kind, state, lag], ['export', 'cursor', 0]);
  const other = lines(house.ok('events', 'export', '--cursor', 'other', '--from-now'));
  assert.equal(other.length, 1, 'only that it was made');
  house.ok('output', 'remove', 'siem');
  assert.deepEqual(lines(house.ok('events', 'export', '--cursor', 'siem')).slice(0, 3), [1, 2, 3]);
});

test('a cursor moves only when what was written is on disk', (t) => {
  const house = makeHouse(t);
  const out = join(house.folder, 'events.jsonl');
  house.ok('events', 'export', '--cursor', 'c', '--out', out);
  const at = cursor(house, 'c').cursor;
  assert.equal(lines(readFileSync(out, 'utf8')).at(-1), at);
  assert.deepEqual(readdirSync(house.folder).filter((name) => name.endsWith('.part')), []);
  house.ok('group', 'add', 'one');
  refused(house.cli('events', 'export', '--cursor', 'c', '--out', out), 1, /File exists/);
  refused(house.cli('events', 'export', '--cursor', 'c', '--out', join(house.folder, 'none', 'x')), 1, /No such file/);
  const full = spawnSync(PROGRAM, ['events', 'export', '--data', house.data, '--cursor', 'c'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'], encoding: 'utf8' });
  assert.equal(full.status, 1);
  assert.match(full.stderr, /cannot be written: No space left on device/);
  assert.equal(cursor(house, 'c').cursor, at);
  house.ok('events', 'export', '--cursor', 'c', '--out', `${out}.2`);
  assert.deepEqual(lines(readFileSync(`${out}.2`, 'utf8')), [at + 1]);

  // a part that is there already, of an export that was killed or of somebody who waits for ours, gets nothing
  writeFileSync(`${out}.3.part`, '', { mode: 0o666 });
  linkSync(`${out}.3.part`, `${out}.waiting`);
  house.ok('events', 'export', '--out', `${out}.3`);
  assert.ok(lines(readFileSync(`${out}.3`, 'utf8')).length > 0);
  assert.equal(readFileSync(`${out}.waiting`, 'utf8'), '');
});

test('half a line of an export that was killed spoils no other', (t) => {
  const house = makeHouse(t);
  const file = join(house.folder, 'grows.jsonl');
  assert.equal(appending(house, file, '--cursor', 'c').status, 0);
  const last = cursor(house, 'c').cursor;
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"id":${last + 1},"at":"20`);
  house.ok('group', 'add', 'one');
  assert.equal(appending(house, file, '--cursor', 'c').status, 0);
  const whole = readFileSync(file, 'utf8').split('\n').filter((line) => line.endsWith('}')).map((line) => JSON.parse(line).id);
  assert.deepEqual(whole, from(1, last + 1));
  const csv = join(house.folder, 'grows.csv');
  appending(house, csv, '--cursor', 'd', '--format', 'csv');
  house.ok('group', 'add', 'two');
  appending(house, csv, '--cursor', 'd', '--format', 'csv');
  assert.equal(readFileSync(csv, 'utf8').split('\r\n').filter((line) => line.startsWith('"id"')).length, 1, 'one head');
});

test('killed anywhere, a chain of exports has every event', async (t) => {
  const house = makeHouse(t);
  for (let i = 0; i < 40; i++) house.ok('group', 'add', `group ${i}`);
  const got = [];
  for (let round = 0; round < 12; round++) {
    const out = join(house.folder, `part-${round}.jsonl`);
    house.ok('group', 'add', `later ${round}`);
    const child = spawn(PROGRAM, ['events', 'export', '--data', house.data, '--cursor', 'c', '--out', out], { stdio: 'ignore' });
    const ended = new Promise((done) => { child.on('exit', done); });
    await sleep(round * 2);
    child.kill('SIGKILL');
    await ended;
    if (existsSync(out)) got.push(...lines(readFileSync(out, 'utf8')));
  }
  got.push(...lines(house.ok('events', 'export', '--cursor', 'c')));
  assert.deepEqual([...new Set(got)], from(1, list(house, 'events', 'list', '--count', '1')[0].id));
});

test('what does not go with a cursor is refused', (t) => {
  const house = makeHouse(t);
  house.ok('output', 'add', 'syslog', 'tcp://127.0.0.1:1');
  refused(house.cli('events', 'export', '--cursor', 'syslog'), 1, /an output that the server feeds/);
  refused(house.cli('events', 'export', '--cursor', ' '), 1, /is empty/);
  refused(house.cli('events', 'export', '--cursor', 'c', '--from', '2026-01-01'), 1, /do not go with it/);
  refused(house.cli('events', 'export', '--from-now'), 1, /goes with --cursor/);
  house.ok('events', 'export', '--cursor', 'c');
  refused(house.cli('output', 'test', 'c'), 1, /nothing is sent to a cursor/);
  refused(house.cli('output', 'change', 'c', '--pause'), 1, /can only be removed/);
});
