// SPDX-License-Identifier: Apache-2.0
// Event History as others see it: exported, proved, and checked with the public key only,
// by this program and by one in another language.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM, ROOT, makeHouse } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';

const OTHER = join(ROOT, 'docs/verify-events/verify_events.py');

/** The verifier that is not ours: { status, stdout }. */
const other = (...files) => spawnSync('python3', [OTHER, ...files], { encoding: 'utf8' });

/** A house with some events that are signed, and files of them. */
function houseWithPast(t) {
  const house = makeHouse(t);
  for (let i = 1; i <= 20; i++) house.ok('group', 'add', `group ${i}`);
  house.ok('events', 'head', '--sign');
  const at = (name) => join(house.folder, name);
  house.ok('events', 'export', '--out', at('events.jsonl'), '--proof', at('proof.json'));
  writeFileSync(at('key.pem'), house.ok('events', 'key'));
  return { house, at };
}

/** Both verifiers say the same about an export. */
function both(house, at, events, proof, status, words) {
  const ours = house.cli('events', 'verify', '--file', events, '--history', proof,
    '--public-key', at('key.pem'));
  const theirs = other(at('key.pem'), events, proof);
  for (const done of [ours, theirs]) {
    assert.equal(done.status, status, `${done.stdout}${done.stderr}`);
    assert.match(done.stdout, words);
  }
}

test('an export is found whole by both verifiers, and each change in it by both', (t) => {
  const { house, at } = houseWithPast(t);
  const lines = readFileSync(at('events.jsonl'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(lines.map((line) => JSON.parse(line).id), lines.map((_, i) => i + 1));
  both(house, at, at('events.jsonl'), at('proof.json'), 0, new RegExp(`${lines.length} events`));

  const changed = (name, edit) => {
    writeFileSync(at(name), `${edit([...lines]).join('\n')}\n`);
    return at(name);
  };
  const cases = [
    ['altered', (l) => { l[9] = l[9].replace('group', 'Group'); return l; }, /event 10 is not as it was written/],
    ['removed', (l) => { l.splice(4, 1); return l; }, /event 5 is missing/],
    ['swapped', (l) => { [l[6], l[7]] = [l[7], l[6]]; return l; }, /event 7 is missing/],
    ['twice', (l) => { l.splice(4, 0, l[3]); return l; }, /(event 4 is there a second time|event 5 is missing)/],
    ['cut', (l) => l.slice(0, -2), /its end was cut off/],
  ];
  for (const [name, edit, words] of cases) both(house, at, changed(name, edit), at('proof.json'), 1, words);

  // an event that was altered together with its hash fits its line, but not what was signed
  const forge = `import base64, hashlib, sys
line = sys.stdin.buffer.read().rstrip()[:-54].replace(b'group', b'Group') + b'}'
digest = base64.urlsafe_b64encode(hashlib.sha256(b'\\0' + line).digest()).rstrip(b'=')
print((line[:-1] + b',"hash":"' + digest + b'"}').decode())`;
  both(house, at, changed('forged', (l) => {
    l[9] = execFileSync('python3', ['-c', forge], { input: l[9], encoding: 'utf8' }).trimEnd();
    return l;
  }), at('proof.json'), 1, /are not those that were signed/);
});

test('an export that begins in the middle is proved by the tree before it', (t) => {
  const { house, at } = houseWithPast(t);
  // events of different days: the clock of the machine cannot be turned, so the whole is cut by hand
  const proof = JSON.parse(readFileSync(at('proof.json'), 'utf8'));
  assert.equal(proof.eventsBefore, 0);
  refused(house.cli('events', 'export', '--from', '2026-13-01'), 1, /wanted is a date/);
  const tomorrow = new Date(Date.now() + 86400_000).toISOString().slice(0, 10);
  const none = house.cli('events', 'export', '--from', tomorrow);
  assert.deepEqual([none.status, none.stdout], [0, '']);
  refused(house.cli('events', 'export', '--out', at('events.jsonl')), 1, /File exists/);
});

test('events of one kind go out, and as CSV in which nothing is a formula', (t) => {
  const { house, at } = houseWithPast(t);
  house.ok('group', 'add', '=1+1', '--description', 'a "quoted", text');
  const lines = house.ok('events', 'export', '--kind', 'device group UPDATED').trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 21);
  assert.ok(lines.every((event) => event.kind === 'Device group updated'));
  const rows = house.ok('events', 'export', '--format', 'csv', '--kind', 'Device group updated').trimEnd().split('\r\n');
  assert.equal(rows.length, 22);
  assert.match(rows[0], /^"id","at","kind","action",/);
  assert.match(rows.at(-1), /,"created",.*,"'=1\+1",.*"{""action"":""created"",/);
  refused(house.cli('events', 'export', '--kind', 'x'), 1, /there is no kind of event 'x'/);
  refused(house.cli('events', 'export', '--format', 'xml'), 1, /wanted is jsonl or csv/);
  refused(house.cli('events', 'export', '--format', 'csv', '--proof', at('p')), 1, /can be proved/);
});

test('one event is proved without the others, and another line is not', (t) => {
  const { house, at } = houseWithPast(t);
  const one = JSON.parse(house.ok('events', 'prove', '7'));
  writeFileSync(at('one.json'), JSON.stringify(one));
  const check = (file) => [
    house.cli('events', 'verify', '--proof', file, '--public-key', at('key.pem')),
    other(at('key.pem'), file)];
  for (const done of check(at('one.json'))) {
    assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
    assert.match(done.stdout, /event 7 is in the history of \d+ events that was signed/);
  }
  const spoilt = {
    line: { ...one, line: one.line.replace('group', 'Group') },
    place: { ...one, index: 7 },
    path: { ...one, proof: one.proof.slice(1) },
    head: { ...one, head: { ...one.head, size: one.head.size + 1 } },
    account: { ...one, account: 'another' },
  };
  for (const [name, proof] of Object.entries(spoilt)) {
    writeFileSync(at(`${name}.json`), JSON.stringify(proof));
    for (const done of check(at(`${name}.json`))) {
      assert.equal(done.status, 1, name);
      assert.match(done.stdout, /^WRONG: /, name);
    }
  }
  refused(house.cli('events', 'prove', '999'), 1, /there is no event 999/);
  refused(house.cli('events', 'prove', 'x'), 1, /'x' is no number of an event/);
  house.ok('group', 'add', 'unsigned');
  const newest = list(house, 'events', 'list', '--count', '1')[0].id;
  refused(house.cli('events', 'prove', String(newest)), 1, /not under a signed head yet/);
});

test('a key from another server proves nothing', (t) => {
  const { house, at } = houseWithPast(t);
  const stranger = houseWithPast(t);
  const done = house.cli('events', 'verify', '--public-key', stranger.at('key.pem'));
  assert.equal(done.status, 1);
  assert.match(done.stdout, /not signed by this key/);
  assert.equal(other(stranger.at('key.pem'), at('events.jsonl'), at('proof.json')).status, 1);
});

test('every byte of the events in a copy of a database is under the proof', (t) => {
  const { house, at } = houseWithPast(t);
  house.ok('events', 'verify', '--public-key', at('key.pem'));
  const alter = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DROP TRIGGER event_is_never_changed")
columns = [row[1] for row in db.execute("PRAGMA table_info(event)")][1:]
column = columns[int(sys.argv[2]) % len(columns)]
event = 3 + int(sys.argv[2]) % 18
value = db.execute(f"SELECT {column} FROM event WHERE id = ?", (event,)).fetchone()[0]
place = int(sys.argv[2]) // len(columns)
if isinstance(value, int):
    value ^= 1 << (place % 30) if column == 'at_ms' else 1
else:
    spot = place % (len(value) + 1)
    value = value[:spot] + ('y' if value[spot:spot + 1] != 'y' else 'z') + value[spot + 1:]
db.execute(f"UPDATE event SET {column} = ? WHERE id = ?", (value, event))
db.commit()
print(event)`;
  for (let i = 0; i < 44; i++) {
    const copy = at(`copy-${i}`);
    cpSync(house.data, copy, { recursive: true });
    const event = execFileSync('python3', ['-c', alter, join(copy, 'tokenhouse.db'), String(i)],
      { encoding: 'utf8' }).trim();
    const done = spawnSync(PROGRAM, ['events', 'verify', '--data', copy, '--public-key', at('key.pem')],
      { encoding: 'utf8' });
    assert.equal(done.status, 1, `${i}: ${done.stdout}${done.stderr}`);
    assert.match(done.stdout, new RegExp(`WRONG: event ${event} is not as it was written`), String(i));
  }
});

test('a server signs what happened when it stops, and says so', async (t) => {
  const house = makeHouse(t);
  await house.start();
  house.ok('group', 'add', 'while it runs');
  await house.stop();
  assert.match(house.log, / tree head signed events=\d+/);
  const done = house.cli('events', 'verify');
  assert.equal(done.status, 0);
  assert.doesNotMatch(done.stdout, /are not signed yet/);
  assert.match(done.stdout, /a key that you kept yourself/);
});
