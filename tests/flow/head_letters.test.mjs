// SPDX-License-Identifier: Apache-2.0
// Signed heads leave the house by letter: whoever kept one finds a tail that was cut off,
// also when hashes and heads in the folder were cut off with it. Nobody can wait a week
// here: the day of the letters before is brought near in the database.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { ADMIN, PROGRAM, ROOT, makeHouse, run, sleep, until } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';

const GRACE = 'grace@example.com';
const WEEK_MS = 7 * 86_400_000;
const OTHER = join(ROOT, 'docs/verify-events/verify_events.py');

const sql = (data, text, ...values) => JSON.parse(execFileSync('python3', ['-c', `
import json, sqlite3, sys
d = sqlite3.connect(sys.argv[1], timeout=10)
rows = d.execute(sys.argv[2], sys.argv[3:]).fetchall()
d.commit()
print(json.dumps([[c.decode() if isinstance(c, bytes) else c for c in row] for row in rows]))`,
join(data, 'tokenhouse.db'), text, ...values], { encoding: 'utf8' }));

const told = (house) => sql(house.data, "SELECT value FROM fact WHERE name = 'head_letter'")[0]?.[0];
const toldAt = (house, ms, size = 0) => sql(house.data,
  "UPDATE fact SET value = CAST(? AS BLOB) WHERE name = 'head_letter'", `${ms} ${size}`);

/** The files of letters with a head. */
const files = (house) => {
  const folder = join(house.data, 'mail');
  return !existsSync(folder) ? [] : readdirSync(folder).filter((name) => /-head-.*\.eml$/.test(name)).map((name) => join(folder, name));
};

/** A house with signed events in which letters begin to be counted. */
async function withHead(t, ini = '') {
  const house = makeHouse(t);
  house.ok('user', 'add', GRACE, '--role', 'System Administrator');
  house.ok('user', 'add', 'linus@example.com', '--role', 'Administrator');
  for (let i = 1; i <= 8; i += 1) {
    house.ok('group', 'add', `group ${i}`);
    if (i % 4 === 0) house.ok('events', 'head', '--sign');
  }
  await house.start({ ini });
  return house;
}

test('System Administrators get the newest signed head once a week, when there is a new one', async (t) => {
  const house = await withHead(t);
  await until(() => told(house), (text) => /^\d+ 0$/.test(text ?? ''), 15_000);
  assert.deepEqual(files(house), [], 'a first start only begins to count');
  toldAt(house, Date.now() - WEEK_MS + 60_000);
  await sleep(6000);
  assert.deepEqual(files(house), [], 'a minute is missing');
  toldAt(house, Date.now() - WEEK_MS);
  await until(() => files(house).length, (count) => count === 2, 15_000);
  const all = await Promise.all(files(house).map((file) => simpleParser(readFileSync(file))));
  assert.deepEqual(all.map((letter) => letter.to.value[0].address).sort(), [ADMIN, GRACE]);
  const head = JSON.parse(house.ok('events', 'head'));
  for (const letter of all) {
    assert.equal(letter.subject, `Event History: signed head over ${head.size} events`);
    assert.deepEqual(JSON.parse(/\{[^}]*\}/.exec(letter.text)[0]), head);
    assert.deepEqual(JSON.parse(/<pre[^>]*>(\{[^}]*\})<\/pre>/.exec(letter.html)[1].replaceAll('&quot;', '"')), head);
  }
  // a week later nothing is signed that was not told of; and then there is
  toldAt(house, Date.now() - 2 * WEEK_MS, head.size);
  await sleep(6000);
  assert.equal(files(house).length, 2);
  house.ok('group', 'add', 'one more');
  house.ok('events', 'head', '--sign');
  const headLetters = () => list(house, 'mail', 'list').filter((letter) => letter.notice === 'head');
  await until(() => headLetters().length, (count) => count === 4, 15_000);
});

test('head_letter_days = 0 sends none', async (t) => {
  const house = await withHead(t, '[history]\nhead_letter_days = 0\n');
  await sleep(6000);
  assert.equal(told(house), undefined);
  refused(run(['config', 'check', '--data', house.data, '--config',
    house.file('x.ini', '[history]\nhead_letter_days = 366\n')]), 1, /head_letter_days.*0\.\.365/);
});

test('a letter finds a tail that was cut off together with its hashes and heads', async (t) => {
  const house = await withHead(t);
  await until(() => told(house), (text) => text !== undefined, 15_000);
  toldAt(house, Date.now() - WEEK_MS);
  await until(() => files(house).length, (count) => count === 2, 15_000);
  await house.stop();
  const letter = files(house)[0];
  const { text, html } = await simpleParser(readFileSync(letter));
  const kept = {
    saved: letter,
    copied: house.file('copied.txt', text.replaceAll('\n', '\r\n')),
    fromHtml: house.file('html.txt', /<pre[^>]*>(\{[^}]*\})<\/pre>/.exec(html)[1].replaceAll('&quot;', '"')),
  };
  const key = house.file('key.pem', house.ok('events', 'key'));
  const verify = (data, ...more) => spawnSync(PROGRAM, ['events', 'verify', '--data', data, '--public-key', key, ...more], { encoding: 'utf8' });
  const size = JSON.parse(house.ok('events', 'head')).size;

  // whoever cuts is thorough: a head over what is left stays, and it is a true one
  const cut = join(house.folder, 'cut');
  cpSync(house.data, cut, { recursive: true });
  const first = sql(cut, 'SELECT min(size) FROM event_head')[0][0];
  for (const statement of ['DELETE FROM event WHERE id > ?', 'DELETE FROM event_leaf WHERE id > ?', 'DELETE FROM event_head WHERE size > ?']) sql(cut, statement, String(first));
  assert.ok(first < size);
  assert.equal(verify(cut).status, 0, 'nothing in the folder tells');
  const out = join(house.folder, 'cut.jsonl');
  const proof = join(house.folder, 'cut.json');
  execFileSync(PROGRAM, ['events', 'export', '--data', cut, '--out', out, '--proof', proof]);
  assert.equal(spawnSync('python3', [OTHER, key, out, proof]).status, 0);

  for (const [name, file] of Object.entries(kept)) {
    const whole = verify(house.data, '--head', file);
    assert.equal(whole.status, 0, `${name}: ${whole.stdout}${whole.stderr}`);
    for (const done of [verify(cut, '--head', file), verify(cut, '--file', out, '--history', proof, '--head', file),
      spawnSync('python3', [OTHER, key, out, proof, file], { encoding: 'utf8' })]) {
      assert.equal(done.status, 1, `${name}: ${done.stdout}${done.stderr}`);
      assert.match(done.stdout, new RegExp(`the history ends after event ${first}, but at \\S+ it had ${size}: its end was cut off`), name);
    }
  }
  // a letter in which somebody has changed the head, or without one, is no good evidence
  const forged = house.file('forged.eml', readFileSync(letter, 'utf8').replace('"size":', '"size":1'));
  assert.match(verify(house.data, '--head', forged).stdout, /not signed by this key/);
  refused(verify(house.data, '--head', house.file('none.txt', 'Hello {world},\n{"root": "x"}\n')), 1, /no signed head is in it/);
  refused(verify(house.data, '--head', house.file('half.txt', '{"root": "x", "signature": "y"}')), 1, /"size" is missing or wrong/);
  refused(verify(house.data, '--head', join(house.folder, 'nothing')), 1, /cannot (be )?read/);
});
