// SPDX-License-Identifier: Apache-2.0
// Every kind of byte of Event History, altered in a copy of a database that a server wrote:
// `events verify` finds it and names the first event concerned. The same in exports, where
// the verifier that is not ours agrees.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loggedIn } from './support/console.mjs';
import { PROGRAM, ROOT, makeHouse } from './support/house.mjs';

const OTHER = join(ROOT, 'docs/verify-events/verify_events.py');
const TILE = 256; // events whose hashes lie together

/** A data folder with more events than one tile of hashes, by people, commands and the house. */
async function writtenByAServer(t) {
  const house = makeHouse(t);
  await house.start();
  const visitor = await loggedIn(house);
  for (let i = 0; i < TILE; i += 1) {
    const made = await visitor.post('/groups', { name: `group ${i}`, description: 'of the house' });
    assert.equal(made.status, 201, made.text);
  }
  const token = house.hs256('Nightly');
  house.ok('events', 'head', '--sign');
  house.ok('token', 'edit', token.id, '--title', 'Daily');
  house.ok('token', 'suspend', token.id);
  house.ok('token', 'resume', token.id);
  for (let i = 0; i < 10; i += 1) house.ok('group', 'add', `behind ${i}`);
  await house.stop();
  const key = house.file('key.pem', house.ok('events', 'key'));
  const verify = (...more) => spawnSync(PROGRAM, ['events', 'verify', '--public-key', key, ...more], { encoding: 'utf8' });
  return { house, key, verify, size: JSON.parse(house.ok('events', 'head')).size };
}

const alter = (data, script) => execFileSync('python3', ['-c', `
import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute("DROP TRIGGER event_is_never_changed")
before = list(d.iterdump())
d.executescript(sys.argv[2])
assert list(d.iterdump()) != before, "nothing was altered"`, join(data, 'tokenhouse.db'), script]);

test('each column, hash, node and head in a database: what was altered is named', async (t) => {
  const { house, verify, size } = await writtenByAServer(t);
  const whole = verify('--data', house.data);
  assert.equal(whole.status, 0, whole.stdout);
  assert.match(whole.stdout, new RegExp(`all ${size} events are as written; [2-9] signed heads hold`));
  const text = (column) => [column, `${column} || 'x'`];
  const columns = [['at_ms', 'at_ms + 1'], ['kind', 'kind % 2 + 1'], ['kind', '999'], ['actor_kind', 'actor_kind % 3 + 1'],
    ...['actor_id', 'actor_name', 'address', 'object_kind', 'object_id', 'object_name', 'request_id', 'details'].map(text),
    ['details', "replace(details, '{', '{ ')"], ['object_name', "''"], ['address', 'hex(zeroblob(500))']];
  const altered = columns.flatMap(([column, value], i) => [7 + i, TILE, TILE + 1, size].map((id) => [
    `UPDATE event SET ${column} = ${value} WHERE id = ${id}`, id]));
  const swap = (a, b) => `UPDATE event SET id = -1 WHERE id = ${a}; UPDATE event SET id = ${a} WHERE id = ${b}; UPDATE event SET id = ${b} WHERE id = -1`;
  const NAMES = 'at_ms, kind, actor_kind, actor_id, actor_name, address, object_kind, object_id, object_name, request_id, details';
  const flip = (column, at) => `CAST(substr(${column}, 1, ${at}) || x'00ff' || substr(${column}, ${at + 3}) AS BLOB)`;
  const cases = [
    ...altered,
    // rows
    ['DELETE FROM event WHERE id = 40', 40],
    ['DELETE FROM event WHERE id = 1', 1],
    [`DELETE FROM event WHERE id = ${TILE + 2}`, TILE + 2],
    [`INSERT INTO event SELECT ${size + 1}, ${NAMES} FROM event WHERE id = 9`, size + 1],
    [`INSERT INTO event SELECT 0, ${NAMES} FROM event WHERE id = 9`, 0],
    [`UPDATE event SET id = -id - 1 WHERE id >= 50; UPDATE event SET id = -id WHERE id < 0; INSERT INTO event SELECT 50, ${NAMES} FROM event WHERE id = 49`, 50],
    [swap(20, 21), 20], [swap(3, 200), 3], [swap(TILE, TILE + 1), TILE],
    // the tail: rows; rows and their hashes
    [`DELETE FROM event WHERE id > ${size - 3}`, size - 2],
    [`DELETE FROM event WHERE id > ${size - 3}; DELETE FROM event_leaf WHERE id > ${size - 3}`, size - 2],
    [`DELETE FROM event WHERE id > ${TILE}; DELETE FROM event_leaf`, TILE + 1],
    // hashes
    [`UPDATE event_leaf SET hash = ${flip('hash', 9)} WHERE id = ${TILE + 3}`, TILE + 3],
    [`DELETE FROM event_leaf WHERE id = ${TILE + 3}`, TILE + 3],
    [`UPDATE event_tile SET hashes = ${flip('hashes', 32 * 99 + 4)}`, 100],
    [`UPDATE event_tile SET root = ${flip('root', 30)}`, 1],
    ['DELETE FROM event_tile', 1],
    // heads
    ...['root', 'signature'].flatMap((column) => [1, 20, 30].map((at) => [`UPDATE event_head SET ${column} = ${flip(column, at)}`, null])),
    ['UPDATE event_head SET size = size + 1', null], ['UPDATE event_head SET at_ms = at_ms + 1', null],
  ];
  const copy = join(house.folder, 'copy');
  for (const [script, id] of cases) {
    mkdirSync(copy, { recursive: true });
    for (const name of ['tokenhouse.db', 'master.key']) cpSync(join(house.data, name), join(copy, name));
    alter(copy, script);
    const done = verify('--data', copy);
    assert.equal(done.status, 1, `${script}\n${done.stdout}${done.stderr}`);
    assert.match(done.stdout, id === null ? /^WRONG: the head over \d+ events of \S+ is not signed by this key/
      : new RegExp(`^WRONG: .*\\b(event|events from|events|after event) (${id}|${id - 1}, but at \\S+ it had \\d+)\\b`), script);
  }
});

test('each member of an export and of its proof: both verifiers find the same', async (t) => {
  const { house, key, verify } = await writtenByAServer(t);
  const at = (name) => join(house.folder, name);
  house.ok('events', 'export', '--out', at('events'), '--proof', at('proof'));
  const lines = readFileSync(at('events'), 'utf8').trimEnd().split('\n');
  const proof = JSON.parse(readFileSync(at('proof'), 'utf8'));
  const both = (events, evidence, status, words, what) => {
    writeFileSync(at('e'), `${events.join('\n')}\n`);
    writeFileSync(at('p'), JSON.stringify(evidence));
    for (const done of [verify('--file', at('e'), '--history', at('p')),
      spawnSync('python3', [OTHER, key, at('e'), at('p')], { encoding: 'utf8' })]) {
      assert.equal(done.status, status, `${what}: ${done.stdout}${done.stderr}`);
      assert.match(done.stdout, words, what);
    }
  };
  both(lines, proof, 0, new RegExp(`${lines.length} events`), 'whole');

  const place = 29; // event 30
  const line = (edit) => lines.map((text, i) => (i === place ? edit(text) : text));
  const put = (path, value) => line((text) => {
    const event = JSON.parse(text);
    const last = path.at(-1);
    const within = path.slice(0, -1).reduce((inside, name) => inside[name], event);
    assert.notDeepEqual(within[last], value);
    within[last] = value;
    return JSON.stringify(event);
  });
  for (const path of [['at'], ['kind'], ['actor', 'kind'], ['actor', 'id'], ['actor', 'name'], ['address'], ['object', 'kind'],
    ['object', 'id'], ['object', 'name'], ['requestId'], ['details', 'action'], ['details', 'after', 'name']]) {
    both(put(path, 'other'), proof, 1, /^WRONG: event 30 is not as it was written/, path.join('.'));
  }
  const HASH = JSON.parse(lines[3]).hash;
  both(put(['hash'], HASH), proof, 1, /^WRONG: event 30 is not as it was written/, 'hash');
  both(put(['id'], 31), proof, 1, /^WRONG: event 30 is missing/, 'id');
  both(line((text) => text.slice(0, -1)), proof, 1, /^WRONG: event 30 is not as it was written/, 'no JSON');
  both(line(() => '17'), proof, 1, /^WRONG: event 30 is not as it was written/, 'no event');
  both(line((text) => text.replace('"id"', ' "id"')), proof, 1, /^WRONG: event 30 is not as it was written/, 'a blank');
  both([...lines.slice(0, 30), lines[29], ...lines.slice(30)], proof, 1, /^WRONG: event (30 is there a second time|31 is missing)/, 'inserted');
  both([...lines.slice(0, 29), ...lines.slice(30)], proof, 1, /^WRONG: event 30 is missing/, 'removed');
  both([...lines.slice(0, 29), lines[30], lines[29], ...lines.slice(31)], proof, 1, /^WRONG: event 30 is missing/, 'exchanged');
  both(lines.slice(0, -1), proof, 1, /^WRONG: the history ends after event \d+, but at \S+ it had \d+: its end was cut off/, 'cut');

  const head = (edit) => ({ ...proof, heads: proof.heads.map((one, i) => (i === 1 ? { ...one, ...edit(one) } : one)) });
  const signed = /^WRONG: the head over \d+ events of \S+ is not signed by this key/;
  both(lines, head((one) => ({ size: one.size - 1 })), 1, signed, 'size of a head');
  both(lines, head((one) => ({ at: one.at.replace(/\dZ/, (end) => (end === '0Z' ? '1Z' : '0Z')) })), 1, signed, 'moment of a head');
  both(lines, head(() => ({ root: HASH })), 1, signed, 'root of a head');
  both(lines, head((one) => ({ signature: `${one.signature[0] === 'A' ? 'B' : 'A'}${one.signature.slice(1)}` })), 1, signed, 'signature');
  both(lines, { ...proof, account: '00000000-0000-4000-8000-000000000000' }, 1, signed, 'account');
  both(lines, { ...proof, eventsBefore: 1, before: [HASH] }, 1, /^WRONG: event 1 is there a second time|^WRONG: event 2 is missing/, 'the tree before');

  // an event altered in the database: its export says what the database says, and is found out
  alter(house.data, "UPDATE event SET object_name = 'other' WHERE id = 30");
  house.ok('events', 'export', '--out', at('events2'), '--proof', at('proof2'));
  both(readFileSync(at('events2'), 'utf8').trimEnd().split('\n'), JSON.parse(readFileSync(at('proof2'), 'utf8')), 1,
    /^WRONG: event(s 1 to \d+ are not those that were signed| 30 is not as it was written)/, 'export of an altered database');
});
