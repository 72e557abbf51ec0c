// SPDX-License-Identifier: Apache-2.0
// GET /v3/reporting/siem-events as a SIEM connector asks for it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, openHouse, until } from './support/house.mjs';
import { list, signer, userWithToken } from './support/outside.mjs';

const moment = (ms) => new Date(ms).toISOString();
const span = (from, to) => `fromDateTimeUtc=${encodeURIComponent(moment(from))}&toDateTimeUtc=${encodeURIComponent(moment(to))}`;
const HOUR = 3600_000;

async function ask(house, token, query) {
  const { status, json } = await house.ask(token, 'GET', '/v3/reporting/siem-events', { query });
  return { status, body: json };
}

/** A token that the running server knows already. */
async function known(house, token) {
  await until(() => ask(house, token, ''), ({ status }) => status !== 401);
  return token;
}

test('events of a time come as the vendor has them, the oldest first, in pages', async (t) => {
  const house = await openHouse(t);
  const token = signer(list(house, 'token', 'create', '--user', ADMIN, '--title', 'SIEM'));
  for (let i = 1; i <= 12; i++) house.ok('group', 'add', `group ${i}`);
  house.ok('token', 'edit', token.id, '--title', 'SIEM, renamed');
  const query = span(Date.now() - HOUR, Date.now() + HOUR);
  const whole = await ask(house, token, query);
  assert.equal(whole.status, 200, JSON.stringify(whole.body));
  assert.deepEqual(whole.body.metadata, {});
  const ids = whole.body.data.map((e) => Number(e.id));
  assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  assert.equal(ids.at(-1), list(house, 'events', 'list', '--count', '1')[0].id);

  const last = whole.body.data.at(-1);
  assert.deepEqual({ ...last, createdDateTimeUtc: 0, eventDateTimeUtc: 0, id: 0 }, {
    id: 0, eventType: 'API token updated', actorObjectType: 'System', actorDisplayName: 'tokenhouse token edit',
    objectObjectType: 'API token', objectDisplayName: 'SIEM, renamed', objectDisplayId: token.id,
    objectProperties: '[(title,SIEM,SIEM, renamed)]', verb: 'edited', createdDateTimeUtc: 0, eventDateTimeUtc: 0 });
  assert.match(last.eventDateTimeUtc, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  const walked = [];
  let next = '';
  do {
    const page = await ask(house, token, `${query}&pageSize=5${next && `&nextPage=${next}`}`);
    assert.equal(page.status, 200, JSON.stringify(page.body));
    assert.ok(page.body.data.length <= 5);
    walked.push(...page.body.data.map((e) => Number(e.id)));
    next = page.body.metadata.pagination?.nextPage;
  } while (next);
  assert.deepEqual(walked, ids);

  // both ends are inclusive, to the millisecond
  const at = Date.parse(last.eventDateTimeUtc);
  const only = async (from, to) => (await ask(house, token, span(from, to))).body.data.map((e) => e.id);
  assert.ok((await only(at, at)).includes(last.id));
  assert.ok(!(await only(at + 1, at + HOUR)).includes(last.id));
  assert.ok(!(await only(at - HOUR, at - 1)).includes(last.id));
});

test('events older than 72 hours are not told', async (t) => {
  const house = await openHouse(t);
  const token = await known(house, signer(list(house, 'token', 'create', '--user', ADMIN, '--title', 'SIEM')));
  execFileSync('python3', ['-c', `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DROP TRIGGER event_is_never_changed")
db.execute("UPDATE event SET at_ms = at_ms - 73 * 3600000 WHERE id = 1")
db.execute("UPDATE event SET at_ms = at_ms - 71 * 3600000 WHERE id = 2")
db.commit()`, join(house.data, 'tokenhouse.db')]);
  const { body } = await ask(house, token, span(Date.now() - 1000 * HOUR, Date.now() + HOUR));
  assert.ok(!body.data.some((e) => e.id === '1'));
  assert.ok(body.data.some((e) => e.id === '2'));
});

test('what is missing or wrong is named', async (t) => {
  const house = await openHouse(t);
  const token = await known(house, signer(list(house, 'token', 'create', '--user', ADMIN, '--title', 'SIEM')));
  const from = `fromDateTimeUtc=${moment(Date.now())}`;
  for (const [query, field, words] of [
    ['', 'fromDateTimeUtc', /fromDateTimeUtc is missing/],
    [from, 'toDateTimeUtc', /toDateTimeUtc is missing/],
    [`${from}&toDateTimeUtc=yesterday`, 'toDateTimeUtc', /is 'yesterday', but must be a moment/],
    [span(Date.now(), Date.now() - 1), 'toDateTimeUtc', /is before/],
    [`${span(0, 1)}&pageSize=1001`, 'pageSize', /1000/],
  ]) {
    const { status, body } = await ask(house, token, query);
    assert.equal(status, 400, query);
    assert.equal(body.details[0].field, field);
    assert.match(body.details[0].message, words);
  }
});

test('it needs SIEM integration:Manage and a licence for Control or Resilience', async (t) => {
  const house = await openHouse(t);
  const admin = await known(house, signer(list(house, 'token', 'create', '--user', ADMIN, '--title', 'SIEM')));
  const other = await known(house, userWithToken(house, 'guest@example.com', { role: 'Administrator' }));
  const query = span(Date.now() - HOUR, Date.now());
  const refused = await ask(house, other, query);
  assert.deepEqual([refused.status, refused.body.details[0].code], [403, 'PERMISSION_MISSING']);
  assert.match(refused.body.details[0].message, /SIEM integration:Manage/);
  assert.equal((await ask(house, admin, query)).status, 200);

  const drop = (name) => execFileSync('python3', ['-c', `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
row = db.execute("SELECT id FROM licence WHERE name = ?", (sys.argv[2],)).fetchone()
db.execute("DELETE FROM licence WHERE id = ?", row)
db.execute("INSERT INTO change (kind, key) VALUES (5, ?)", (str(row[0]),))
db.commit()`, join(house.data, 'tokenhouse.db'), name]);
  const eventually = async (status) => {
    for (let i = 0; i < 100; i++) {
      const answer = await ask(house, admin, query);
      if (answer.status === status) return answer;
      await new Promise((done) => setTimeout(done, 50));
    }
    return assert.fail(`never ${status}`);
  };
  drop('Control');
  await new Promise((done) => setTimeout(done, 300));
  assert.equal((await ask(house, admin, query)).status, 200); // Resilience is enough
  drop('Resilience');
  const { body } = await eventually(403);
  assert.equal(body.details[0].code, 'LICENCE_MISSING');
  assert.match(body.details[0].message, /one of: Control, Resilience/);
});
