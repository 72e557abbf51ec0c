// SPDX-License-Identifier: Apache-2.0
//
// The calendar of coming expiries, as calendar programs see it (ical.js, not ours): whose
// tokens are in it, and that its address is a secret that can be renewed and taken away.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ICAL from 'ical.js';
import { assertProblem, loggedIn } from './support/console.mjs';
import { makeHouse, openHouse } from './support/house.mjs';

const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const get = async (house, path, method = 'GET') => {
  const reply = await fetch(house.url + path, { method });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
};

/** The days of a calendar: { uid: { title, date, end } }. */
function daysOf(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  assert.equal(calendar.getFirstPropertyValue('version'), '2.0');
  return Object.fromEntries(calendar.getAllSubcomponents('vevent').map((c) => new ICAL.Event(c)).map((e) => [e.uid,
    { title: e.summary, date: e.startDate.toString(), end: e.endDate.toString() }]));
}

async function pathOf(visitor) {
  const made = await visitor.post('/profile/calendar');
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.path, /^\/calendar\/[\w-]{43}\.ics$/);
  return made.json.path;
}

test('a calendar has a day for each living token: one\'s own, or all', async (t) => {
  const house = makeHouse(t);
  const title = 'Grüße; with, all \\ that "needs" care: 東京東京東京東京東京東京東京東京東京東京, and so long that its line is folded more than once';
  house.ok('user', 'add', 'grace@example.com', '--role', 'Power User', '--password-file', house.file('pw', 'a password of somebody\n'));
  const hers = JSON.parse(house.ok('token', 'create', '--user', 'grace@example.com', '--title', title, '--expires', day(9), '--json'));
  const adas = house.hs256('adas', '--expires', day(1));
  const suspended = house.hs256('suspended', '--expires', day(5));
  house.ok('token', 'suspend', suspended.id);
  await house.start();
  const [ada, grace] = [await loggedIn(house), await loggedIn(house, 'grace@example.com', 'a password of somebody')];
  assert.deepEqual((await grace.get('/profile/calendar')).json, { madeAt: null });

  const reply = await get(house, await pathOf(grace));
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('content-type'), 'text/calendar; charset=utf-8');
  assert.equal(reply.headers.get('cache-control'), 'private, no-store');
  assert.deepEqual(daysOf(reply.text), { [`${hers.id}@tokenhouse`]: { title: `API token expires: ${title}`, date: day(9), end: day(10) } });
  assert.ok(reply.text.endsWith('END:VCALENDAR\r\n'));
  for (const line of reply.text.split('\r\n')) {
    assert.ok(Buffer.byteLength(line) <= 75 && !line.includes('\n'), line);
    assert.ok(!line.includes('\ufffd'), 'no character is cut in two');
  }
  const all = daysOf((await get(house, await pathOf(ada))).text);
  assert.deepEqual(Object.keys(all), [adas.id, suspended.id, hers.id].map((id) => `${id}@tokenhouse`));
  assert.ok(!reply.text.includes(hers.secret));
  assert.ok(Date.now() - new Date((await grace.get('/profile/calendar')).json.madeAt) < 60_000);
});

test('its address is a secret: renewed, removed or its user suspended, it is void', async (t) => {
  const house = await openHouse(t);
  house.hs256('x');
  house.ok('user', 'add', 'grace@example.com', '--role', 'System Administrator', '--password-file', house.file('pw', 'a password of somebody\n'));
  const ada = await loggedIn(house);
  const grace = await loggedIn(house, 'grace@example.com', 'a password of somebody');
  const status = async (path, method) => (await get(house, path, method)).status;

  const first = await pathOf(grace);
  assert.equal(await status(first), 200);
  const second = await pathOf(grace);
  assert.deepEqual([await status(first), await status(second)], [404, 200]);
  const adas = await pathOf(ada);
  house.ok('user', 'suspend', 'grace@example.com');
  assert.deepEqual([await status(second), await status(adas)], [404, 200]);
  house.ok('user', 'resume', 'grace@example.com');
  assert.equal(await status(second), 200);
  const [{ uid }] = (await ada.get('/users?q=grace')).json.data;
  assert.equal((await ada.post(`/users/${uid}/password`, { password: 'a password by ada' })).status, 204);
  assert.deepEqual([await status(second), await status(adas)], [404, 200], 'the new password ends the address');
  assert.equal((await ada.delete('/profile/calendar')).status, 204);
  assertProblem(await ada.delete('/profile/calendar'), 404, 'NOT_FOUND');
  assert.deepEqual([await status(adas), await status(second)], [404, 404]);
  house.ok('user', 'delete', 'grace@example.com');
  assert.equal(await status(second), 404);

  const unknown = await get(house, `/calendar/${'A'.repeat(43)}.ics`);
  assert.equal(unknown.status, 404);
  for (const path of ['/calendar/', '/calendar/.ics', '/calendar/x.ics', second.replace('.ics', ''), `${second}.ics`, `/calendar/${'%00'.repeat(43)}.ics`]) {
    const reply = await get(house, path);
    assert.deepEqual([reply.status, reply.text], [404, unknown.text], path);
  }
  assert.equal(await status(adas, 'POST'), 405);
  const actions = JSON.parse(house.ok('events', 'list', '--json')).map((e) => e.action);
  assert.deepEqual(['calendar address made', 'calendar address removed'].map((what) => actions.filter((a) => a === what).length), [3, 2]);
  await house.stop();
  const secrets = [first, second, adas].map((path) => /calendar\/(.*)\.ics/.exec(path)[1]);
  for (const name of readdirSync(house.data).filter((n) => statSync(join(house.data, n)).isFile())) {
    const bytes = readFileSync(join(house.data, name), 'latin1');
    for (const secret of secrets) assert.ok(!bytes.includes(secret), name);
  }
  for (const secret of secrets) assert.ok(!house.log.includes(secret));
});
