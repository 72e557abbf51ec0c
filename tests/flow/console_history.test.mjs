// SPDX-License-Identifier: Apache-2.0
// Event History over the admin API, beside what the commands say of the same events.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, openHouse } from './support/house.mjs';

test('an event names its action in full, in lists and in exports', async (t) => {
  const house = await openHouse(t);
  house.ok('group', 'add', 'Lyon');
  house.ok('group', 'change', 'Lyon', '--description', 'at the Rhône');
  const visitor = await loggedIn(house);
  const { data } = (await visitor.get('/events')).json;
  const actions = Object.fromEntries(data.map((event) => [`${event.kind} ${event.object.name}`, event.action]).reverse());
  assert.equal(actions['Device group updated Lyon'], 'edited');
  assert.equal(actions[`User logged in ${ADMIN}`], 'logged in');
  const known = JSON.parse(house.ok('events', 'list', '--json'));
  for (const event of data) {
    assert.equal(event.action, known.find((one) => one.id === event.id).details.action ?? null);
  }
  const csv = (await visitor.get('/events/export?format=csv')).text;
  assert.match(csv, /"Device group updated","created",/);
  const lines = (await visitor.get('/events/export?format=jsonl')).text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.action), data.map((event) => event.action));
});

test('one event is read by its number, by those who may see it', async (t) => {
  const house = await openHouse(t);
  house.ok('role', 'add', 'Keepers', '--permission', 'Users:Manage');
  house.ok('user', 'add', 'kim@example.com', '--role', 'Keepers', '--password-file', house.file('pw', 'another long enough password\n'));
  const [ada, kim] = [await loggedIn(house), await loggedIn(house, 'kim@example.com', 'another long enough password')];
  const { data } = (await ada.get('/events')).json;
  for (const event of data) {
    const shown = await ada.get(`/events/${event.id}`);
    assert.deepEqual([shown.status, shown.json], [200, event]);
  }
  const own = (await kim.get('/events')).json.data;
  assert.ok(own.length > 0 && own.length < data.length);
  for (const { id } of data) {
    const shown = await kim.get(`/events/${id}`);
    const isOwn = own.some((event) => event.id === id);
    assert.equal(shown.status, isOwn ? 200 : 404);
  }
  for (const id of ['0', '-1', '999999', '9223372036854775807', '99999999999999999999', 'x', '1x']) {
    assertProblem(await ada.get(`/events/${id}`), 404, 'NOT_FOUND');
  }
  assertProblem(await ada.get('/events/1?kind=x'), 422, 'INVALID');
  assert.ok(Array.isArray((await ada.get('/events/kinds')).json.data), 'names come before numbers');
});
