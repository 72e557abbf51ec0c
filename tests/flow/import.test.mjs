// SPDX-License-Identifier: Apache-2.0
// `device import` from outside: each form of file, bad rows with their lines, all or nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { makeHouse, PROGRAM, run } from './support/house.mjs';

const list = (house) => JSON.parse(house.ok('device', 'list', '--json'));
const names = (house) => list(house).map((d) => d.deviceName).sort();

test('each form of file gives the same devices', (t) => {
  const rows = [{ esn: 'E1', deviceName: 'Ünï, one' }, { esn: 'E2', deviceName: 'two "2"', operatingSystem: { name: 'W' }, isStolen: true }];
  const csv = 'esn,deviceName,operatingSystem.name,isStolen\r\nE1,"Ünï, one",,\r\nE2,"two ""2""",W,TRUE\r\n';
  for (const [name, text] of Object.entries({
    'list.json': JSON.stringify(rows, null, 2), 'answer.json': JSON.stringify({ data: rows, metadata: {} }),
    'lines.ndjson': rows.map((r) => `${JSON.stringify(r)}\n`).join(''), 'follow.json': rows.map((r) => JSON.stringify(r, null, 1)).join('\n'),
    'bom.json': `\uFEFF${JSON.stringify(rows)}`, 'table.csv': csv, 'table2.csv': csv.replaceAll('\r\n', '\n'),
  })) {
    const house = makeHouse(t);
    const told = JSON.parse(house.ok('device', 'import', house.file(name, text), '--json'));
    assert.deepEqual(told, { imported: true, added: 2, changed: 0, unchanged: 0, refused: 0, applications: 0 }, name);
    const found = list(house).map(({ deviceUid, ...rest }) => rest).sort((a, b) => a.esn.localeCompare(b.esn));
    assert.deepEqual(found, rows, name);
  }
});

test('standard input is a file too, and a second time nothing changes', (t) => {
  const house = makeHouse(t);
  const input = '[{"esn":"E1"},{"esn":"E2"}]';
  const first = run(['device', 'import', '--data', house.data, '-', '--json'], { input });
  assert.equal(JSON.parse(first.stdout).added, 2, first.stderr);
  const again = run(['device', 'import', '--data', house.data, '-'], { input });
  assert.match(again.stdout, /Imported 2 devices: 0 new, 0 changed, 2 as they were/);
  assert.equal(again.status, 0);
});

test('one bad row: each is named with its line, and nothing is imported', (t) => {
  const house = makeHouse(t);
  house.ok('device', 'import', house.file('old.json', '[{"esn":"OLD","deviceName":"old"}]'));
  const events = house.ok('events', 'list', '--json');
  const file = house.file('bad.ndjson', ['{"esn":"E1","deviceName":"one"}', '{"deviceName":"no key"}', '{"esn":"OLD","deviceName":"new"}',
    'nonsense', '{"esn":"E5","lastConnectedDateTimeUtc":"yesterday"}', '{"esn":"E6","esn":"E7"}', '{"esn":"E8","applications":[{}]}',
    '{"esn":"E9"', ''].join('\n'));
  const done = house.cli('device', 'import', file);
  assert.equal(done.status, 1);
  for (const [line, words] of [[2, /deviceUid or an esn/], [4, /./], [5, /lastConnectedDateTimeUtc.*yesterday/], [6, /esn.*twice/], [7, /appName/], [8, /./]]) {
    const said = done.stderr.split('\n').find((l) => l.startsWith(`${file}:${line}: `));
    assert.match(said ?? '', words, done.stderr);
  }
  assert.match(done.stderr, /nothing was imported: 6 of 8 rows are bad; --skip-bad/);
  assert.deepEqual(names(house), ['old']);
  assert.equal(house.ok('events', 'list', '--json'), events, 'what did not happen is no event');
  const told = house.cli('device', 'import', file, '--json');
  assert.equal(JSON.parse(told.stdout).imported, false);
  assert.equal(told.status, 1);
});

test('--skip-bad imports the others and ends with 1', (t) => {
  const house = makeHouse(t);
  const done = house.cli('device', 'import', '--skip-bad', '--json',
    house.file('bad.json', '[{"esn":"E1","deviceName":"one"},\n{},\n7,\n{"esn":"E2","deviceName":"two"}]'));
  assert.equal(done.status, 1);
  assert.deepEqual(JSON.parse(done.stdout), { imported: true, added: 2, changed: 0, unchanged: 0, refused: 2, applications: 0 });
  assert.match(done.stderr, /bad\.json:2: .*\n.*bad\.json:3: /);
  assert.deepEqual(names(house), ['one', 'two']);
});

test('bad rows of CSV have their lines too, over line breaks in cells', (t) => {
  const house = makeHouse(t);
  const file = house.file('bad.csv', 'esn,deviceName\nE1,"a\nb"\nE2\nE3,c,d\nE4,e\n');
  const done = house.cli('device', 'import', file);
  assert.equal(done.status, 1);
  assert.match(done.stderr, /bad\.csv:4: the row has 1 values, but there are 2 columns/);
  assert.match(done.stderr, /bad\.csv:5: the row has 3 values/);
  assert.equal(house.cli('device', 'import', '--skip-bad', file).status, 1);
  assert.deepEqual(names(house), ['a\nb', 'e']);
});

test('a file that goes wrong is refused whole, even with --skip-bad', (t) => {
  const house = makeHouse(t);
  for (const [text, words] of [['[{"esn":"E1"},\n{"esn":', /:2: /], ['[{"esn":"E1"}]\n x', /:2: .*the end/], ['esn,nonsense\nE1,x\n', /column 2 is 'nonsense'/],
    ['deviceName\nx\n', /deviceUid or esn/], ['esn,deviceName\n"E1,x\n', /:2: a quote is opened/], ['', /holds no devices/], ['[]', /holds no devices/]]) {
    const done = house.cli('device', 'import', '--skip-bad', house.file('bad', text));
    assert.equal(done.status, 1, text);
    assert.match(done.stderr, words);
    assert.deepEqual(list(house), [], text);
  }
  assert.match(house.cli('device', 'import', house.folder).stderr, /is a folder/);
  assert.match(house.cli('device', 'import', `${house.folder}/none`).stderr, /cannot read .*No such file/);
  mkdirSync(`${house.folder}/dir`);
  assert.equal(house.cli('device', 'import').status, 2);
});

test('many bad rows are counted, not all printed', (t) => {
  const house = makeHouse(t);
  const done = house.cli('device', 'import', house.file('bad.json', JSON.stringify(Array(500).fill({}))));
  assert.match(done.stderr, /more than \d+ bad rows/);
  assert.match(done.stderr, /500 of 500 rows are bad/);
  assert.ok(done.stderr.split('\n').length < 200);
});

test('progress is shown to people, and to nobody else', (t) => {
  const house = makeHouse(t);
  const rows = Array.from({ length: 4000 }, (_, i) => ({ esn: `E${i}`, deviceName: 'x'.repeat(1000) }));
  const file = house.file('many.json', JSON.stringify(rows));
  assert.equal(house.cli('device', 'import', file).stderr, '');
  rows.forEach((row, i) => { row.deviceName = `y${i}`.repeat(200); });
  house.file('many.json', JSON.stringify(rows));
  const seen = spawnSync('script', ['-qec', `'${PROGRAM}' device import --data '${house.data}' '${file}'`, '/dev/null'], { encoding: 'utf8' });
  assert.equal(seen.status, 0, seen.stdout);
  assert.match(seen.stdout, /\r\d+ devices, \d+ %/);
  assert.match(seen.stdout, /Imported 4000 devices: 0 new, 4000 changed/);
});
