// SPDX-License-Identifier: Apache-2.0
// When a token was last used, known without a write for each request; and what is told of
// tokens that nobody uses. Nobody can wait 90 days here: days are brought near in the
// database, before the server starts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, sleep, until } from './support/house.mjs';
import { list, userWithToken } from './support/outside.mjs';

const DAY_S = 86_400;
const GRACE = 'grace@example.com';
const LINUS = 'linus@example.com';

/** Tokens were made so many days ago. */
const madeAgo = (house, days, ...tokens) => execFileSync('python3', ['-c', `
import sqlite3, sys, time
d = sqlite3.connect(sys.argv[1])
for id in sys.argv[3:]:
    assert d.execute("UPDATE token SET created_at_s = ? WHERE id = ?", (int(time.time()) - int(sys.argv[2]) * ${DAY_S}, id)).rowcount == 1
d.commit()`, join(house.data, 'tokenhouse.db'), String(days), ...tokens.map((token) => token.id)]);

/** The letters of a kind in the data folder, as mailparser reads them. */
async function letters(house, kind) {
  const folder = join(house.data, 'mail');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.includes(`-${kind}-`) && name.endsWith('.eml'));
  return Promise.all(names.map((name) => simpleParser(readFileSync(join(folder, name)))));
}

const readers = (all) => all.map((letter) => letter.to.value[0].address).sort();

/** Days into this month; on its first days nothing is 120 days old since before it began. */
const MADE_DAYS = 90 + 31 + 3;

test('tokens that nobody uses are marked, found and told of once a month, by letter', async (t) => {
  const house = makeHouse(t);
  const old = house.hs256('Old <one>');
  const other = house.hs256('Old other');
  const young = house.hs256('Young');
  const hers = userWithToken(house, GRACE, { role: 'Security Administrator' });
  const his = userWithToken(house, LINUS, { role: 'Security Administrator' });
  madeAgo(house, MADE_DAYS, old, other, hers, his);
  madeAgo(house, 80, young);
  house.ok('user', 'suspend', LINUS);
  await house.start();
  await until(async () => readers(await letters(house, 'unused')), (all) => all.join() === `${ADMIN},${GRACE}`, 15_000);
  const [ada] = (await letters(house, 'unused')).filter((letter) => letter.to.value[0].address === ADMIN);
  assert.equal(ada.subject, '2 API tokens not used');
  for (const part of [ada.text, ada.html]) {
    assert.match(part, new RegExp(old.id));
    assert.match(part, new RegExp(other.id));
    assert.match(part, new RegExp(`never used since it was made on \\d{4}-\\d\\d-\\d\\d \\(UTC\\), ${MADE_DAYS} days ago`));
    assert.doesNotMatch(part, new RegExp(young.id));
    assert.doesNotMatch(part, new RegExp(hers.id), 'everybody hears of their own');
  }
  assert.match(ada.html, /Old &lt;one&gt;/);

  // the console
  const visitor = await loggedIn(house);
  const ids = async (query) => (await visitor.get(`/tokens?${query}`)).json.data.map((token) => token.id).sort();
  assert.deepEqual(await ids('isUnused=true'), [old.id, other.id, hers.id, his.id].sort());
  assert.deepEqual(await ids('isUnused=false'), [young.id]);
  assert.equal((await visitor.get('/tokens?isUnused=perhaps')).status, 422);
  const shown = (await visitor.get(`/tokens/${old.id}`)).json;
  assert.deepEqual([shown.isUnused, shown.idleDays], [true, MADE_DAYS]);
  assert.equal((await visitor.get(`/tokens/${young.id}`)).json.isUnused, false);

  // commands
  assert.deepEqual(list(house, 'token', 'list', '--unused', '--user', ADMIN).map((token) => token.id).sort(), [old.id, other.id].sort());
  assert.deepEqual(list(house, 'token', 'list').filter((token) => token.isUnused).length, 4);
  assert.match(house.ok('token', 'list'), new RegExp(`${old.id} .* never, unused for ${MADE_DAYS} days`));
  assert.doesNotMatch(house.ok('token', 'list', '--unused'), new RegExp(young.id));
  assert.match(house.ok('token', 'show', old.id), new RegExp(`^Last used: +never, unused for ${MADE_DAYS} days$`, 'm'));

  // one use, and it is unused no more
  assert.equal((await house.ask(old, 'GET', '/v3/whoami')).status, 200);
  await until(async () => (await visitor.get(`/tokens/${old.id}`)).json, (token) => !token.isUnused && token.idleDays === 0, 15_000);
  assert.deepEqual(await ids('isUnused=true'), [other.id, hers.id, his.id].sort());

  // another start, and killed starts, tell nobody again
  await house.kill();
  for (let i = 0; i < 2; i++) {
    await house.start();
    await sleep(6000); // the chore comes round every 5 s
    await house.stop();
  }
  assert.deepEqual(readers(await letters(house, 'unused')), [ADMIN, GRACE]);
});

test('unused_notice = off tells nobody and marks all the same; unused_days says how long', async (t) => {
  const house = makeHouse(t);
  const old = house.hs256('Old');
  madeAgo(house, MADE_DAYS, old);
  await house.start({ ini: '[tokens]\nunused_notice = off\nunused_days = 30\n' });
  const visitor = await loggedIn(house);
  assert.equal((await visitor.get(`/tokens/${old.id}`)).json.isUnused, true);
  await sleep(6000);
  assert.deepEqual(await letters(house, 'unused'), []);
  await house.stop();
  await house.start({ ini: `[tokens]\nunused_days = ${MADE_DAYS + 1}\n` });
  const again = await loggedIn(house);
  assert.equal((await again.get(`/tokens/${old.id}`)).json.isUnused, false);
  await house.stop();
  house.file('data/tokenhouse.ini', '[tokens]\nunused_days = 0\n');
  assert.deepEqual(list(house, 'token', 'list', '--unused'), []);
  assert.match(house.ok('token', 'list', '--unused'), /There are no unused tokens/);
});

test('last used is known without a write for each request', async (t) => {
  const COUNT = 300;
  const house = makeHouse(t);
  const token = house.hs256('Busy');
  await house.start();
  const shown = () => list(house, 'token', 'show', token.id);
  await until(() => house.ask(token, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  await until(shown, (row) => row.useCount > 0, 15_000); // just written down: the next time is in 10 s
  const before = shown().useCount;
  const log = join(house.data, 'tokenhouse.db-wal');
  const written = () => (existsSync(log) ? statSync(log) : { size: 0, mtimeMs: 0 });
  const atStart = written();
  const asked = await Promise.all(Array.from({ length: COUNT }, () => house.ask(token, 'GET', '/v3/whoami')));
  const more = written().size - atStart.size;
  assert.ok(asked.every((answer) => answer.status === 200));
  assert.ok(more < 40 * 4120, `${COUNT} requests wrote ${more} bytes`);
  await until(shown, (row) => row.useCount === before + COUNT, 15_000);
  assert.ok(Date.now() - Date.parse(shown().lastUsedAt) < 60_000, 'to the minute');
});
