// SPDX-License-Identifier: Apache-2.0
// Event History over the admin API, beside what the commands say of the same events.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loggedIn } from './support/console.mjs';
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
