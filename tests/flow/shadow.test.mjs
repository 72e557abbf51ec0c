// SPDX-License-Identifier: Apache-2.0
// Shadows from outside: a tightened set is tried out beside a token's own. No answer changes,
// and what would have failed is told, over several loops, restarts, commands and the admin API.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertProblem, loggedIn, PASSWORD } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, until } from './support/house.mjs';
import { refused } from './support/outside.mjs';

const DEVICES = '/v3/reporting/devices';
const FIELDS = '/v3/configurations/customfields/devices/';
const INI = '[server]\nloop_count = 2\n';
const works = (house, token) => until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
const misses = (shadow) => shadow.misses.map((one) => [one.method, one.path, one.why, one.what, one.count]);
const show = (house, token) => JSON.parse(house.ok('token', 'shadow', 'show', token.id, '--json'));
/** Its server has learnt of the shadow, and counts. */
const counts = (house, token) => until(async () => {
  await house.ask(token, 'GET', '/v3/whoami');
  return show(house, token);
}, (shadow) => shadow.calls > 0, 40_000);

function broad(house) {
  return house.hs256('broad', '--permission', 'Device Fields:View', '--permission', 'Device reports:View',
    '--permission', 'Geolocation:View', '--approved-ip', '127.0.0.1', '--approved-ip', '10.0.0.0/8');
}

describe('a shadow', () => {
  test('changes no answer, and tells what would have failed', async (t) => {
    const house = await openHouse(t, { ini: INI });
    const token = broad(house);
    await works(house, token);
    const asks = [['GET', '/v3/whoami'], ['GET', DEVICES], ['GET', '/v3/nothing'], ['GET', DEVICES, { query: 'select=geoData' }]];
    const all = () => Promise.all(asks.map(async ([method, uri, more]) => {
      const reply = await house.ask(token, method, uri, more);
      return [reply.status, reply.text.replace(/"serverDateTimeUtc":"[^"]*"/, '')];
    }));
    const before = await all();
    assert.deepEqual(before.map(([status]) => status), [200, 200, 404, 200]);

    house.ok('token', 'shadow', 'start', token.id, '--permission', 'Device reports:View', '--days', '3');
    await counts(house, token);
    const calls = show(house, token).calls;
    assert.deepEqual(await all(), before, 'to the last byte');
    assert.deepEqual(await all(), before);
    await house.stop(); // what was counted is written down
    const shadow = show(house, token);
    assert.equal(shadow.state, 'running');
    assert.equal(Date.parse(shadow.endsAt) - Date.parse(shadow.startedAt), 3 * 86_400_000);
    assert.deepEqual(shadow.without, { permissions: ['Device Fields:View', 'Geolocation:View'], groups: [], approvedAddresses: [] });
    assert.ok(shadow.calls >= calls + 6, 'what was refused is none of them');
    assert.equal(shadow.wouldHaveFailed, 4);
    assert.deepEqual(misses(shadow), [['GET', DEVICES, 'permission', 'Device Fields:View', 4], ['GET', DEVICES, 'permission', 'Geolocation:View', 2]]);

    await house.start({ ini: INI }); // it goes on
    assert.equal((await house.ask(token, 'GET', DEVICES)).status, 200);
    house.ok('token', 'shadow', 'stop', token.id);
    await house.stop();
    const stopped = show(house, token);
    assert.deepEqual([stopped.state, stopped.wouldHaveFailed], ['stopped', 5]);
    assert.match(house.ok('token', 'shadow', 'show', token.id), /5 of them would have failed[^]*5 +\S+ \S+ +GET \/v3\/reporting\/devices +permission Device Fields:View/);
  });

  test('with room for what is called is a shadow in which nothing fails', async (t) => {
    const house = await openHouse(t);
    const token = broad(house);
    await works(house, token);
    house.ok('token', 'shadow', 'start', token.id, '--permission', 'Device reports:View', '--permission', 'Device Fields:View', '--approved-ip', '127.0.0.1');
    await counts(house, token);
    assert.equal((await house.ask(token, 'GET', DEVICES)).status, 200);
    await house.stop();
    const shadow = show(house, token);
    assert.deepEqual([shadow.wouldHaveFailed, shadow.misses], [0, []]);
    assert.match(house.ok('token', 'shadow', 'show', token.id), /None would have failed/);
  });

  test('ends by itself, once, and is asked nothing from then on', async (t) => {
    const house = makeHouse(t);
    const token = broad(house);
    house.ok('token', 'shadow', 'start', token.id, '--permission', 'Device reports:View', '--days', '1');
    // its days are over, and so is the time that other servers have to write down what they counted
    execFileSync('python3', ['-c', `import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute("UPDATE token_shadow SET started_at_s = started_at_s - 86440, ends_at_s = ends_at_s - 86440")
d.commit()`, join(house.data, 'tokenhouse.db')]);
    assert.equal(show(house, token).state, 'ended');
    await house.start();
    const ada = await loggedIn(house);
    const ends = async () => (await ada.get(`/tokens/${token.id}/events`)).json.data.filter((event) => event.action === 'shadow ended');
    await until(ends, (events) => events.length > 0, 40_000);
    assert.equal((await house.ask(token, 'GET', DEVICES)).status, 200);
    await house.stop();
    assert.deepEqual([show(house, token).state, show(house, token).calls], ['ended', 0]);
    await house.start();
    const again = await loggedIn(house);
    const events = (await again.get(`/tokens/${token.id}/events`)).json.data.filter((event) => event.action === 'shadow ended');
    assert.equal(events.length, 1);
    assert.equal(events[0].actor.kind, 'system', JSON.stringify(events[0].actor));
  });

  test('can be rolled to', async (t) => {
    const house = makeHouse(t);
    const token = broad(house);
    house.ok('token', 'shadow', 'start', token.id, '--permission', 'Device reports:View', '--approved-ip', '10.1.0.0/16');
    refused(house.cli('token', 'roll', token.id, '--shadow', '--permission', 'Device reports:View'), 2, /--shadow names the set/);
    const rolled = JSON.parse(house.ok('token', 'roll', token.id, '--shadow', '--json'));
    assert.deepEqual(rolled.permissions, ['Device reports:View']);
    assert.deepEqual(rolled.approvedAddresses ?? rolled.addresses, ['10.1.0.0/16']);
    const plain = house.hs256('plain');
    refused(house.cli('token', 'roll', plain.id, '--shadow'), 1, /no token '.*' that has a shadow/);
  });

  test('starts with what is suggested when no set is named', async (t) => {
    const house = await openHouse(t);
    const token = broad(house);
    refused(house.cli('token', 'shadow', 'start', token.id), 1, /has not been used at all in 90 days/);
    await works(house, token);
    assert.equal((await house.ask(token, 'GET', DEVICES)).status, 200);
    await house.stop();
    const shadow = JSON.parse(house.ok('token', 'shadow', 'start', token.id, '--json'));
    assert.deepEqual(shadow.without, { permissions: ['Geolocation:View'], groups: [], approvedAddresses: ['10.0.0.0/8'] });
    assert.equal(Date.parse(shadow.endsAt) - Date.parse(shadow.startedAt), 14 * 86_400_000);
  });

  test('says in words why it cannot begin', (t) => {
    const house = makeHouse(t);
    const token = broad(house);
    const start = (...more) => house.cli('token', 'shadow', 'start', token.id, ...more);
    refused(start('--permission', 'Software reports:View'), 1, /cannot have Software reports:View/);
    refused(start('--approved-ip', '192.0.2.1'), 1, /cannot be used from 192\.0\.2\.1/);
    refused(start('--permission', 'Device reports:View', '--days', '91'), 1, /--days '91' is no number from 1 to 90/);
    refused(start('--permission', 'Device reports:View', '--unused', '30'), 2, /--unused names the set/);
    refused(start('--approved-ip', '127.0.0.1', '--approved-ip', '10.0.0.0/8'), 1, /nothing to try out/);
    refused(house.cli('token', 'shadow', 'show', token.id), 1, /has no shadow/);
    refused(house.cli('token', 'shadow', 'stop', token.id), 1, /has no shadow/);
    refused(house.cli('token', 'shadow', 'show', 'nobody'), 1, /there is no token 'nobody'/);
    refused(house.cli('token', 'shadow', 'begin', token.id), 2, /'begin' is none of start, show and stop/);
    assert.equal(start('--permission', 'Device reports:View').status, 0);
    refused(start('--permission', 'Device reports:View'), 1, /runs until .*: stop it first/);
  });
});

describe('device groups', () => {
  test('a device that would not be found fails, a list would tell of fewer', async (t) => {
    const house = await openHouse(t);
    const uid = (n) => `11111111-2222-4333-8444-55555555555${n}`;
    house.ok('device', 'import', house.file('d.json', JSON.stringify([1, 2].map((n) => ({ deviceUid: uid(n), deviceName: `D${n}`, esn: `E${n}` })))));
    for (const [n, name] of [[1, 'Montreal'], [2, 'Lyon']]) {
      house.ok('group', 'add', name);
      house.ok('group', 'assign', name, '--device', uid(n));
      house.ok('group', 'assign', name, '--user', ADMIN);
    }
    const token = house.hs256('grouped');
    await works(house, token);
    house.ok('token', 'shadow', 'start', token.id, '--group', 'Montreal');
    await counts(house, token);
    for (const n of [1, 2]) assert.equal((await house.ask(token, 'GET', FIELDS + uid(n))).status, 200);
    assert.equal((await house.ask(token, 'GET', FIELDS + uid(3))).status, 404, 'a device that is not there fails in truth');
    const list = await house.ask(token, 'GET', DEVICES);
    assert.equal(list.json.data.length, 2, 'the answer is over the token\'s own groups');
    await house.stop();
    const shadow = show(house, token);
    assert.deepEqual([shadow.wouldHaveFailed, shadow.wouldHaveToldLess], [1, 1]);
    assert.deepEqual(misses(shadow).sort(), [
      ['GET', `${FIELDS}{deviceUid}`, 'group', 'Lyon', 1], ['GET', DEVICES, 'fewer devices', null, 1]].sort());
    assert.deepEqual(shadow.without.groups.map((group) => group.name), ['Lyon']);
  });
});

describe('the admin API', () => {
  test('starts, shows and stops one', async (t) => {
    const house = await openHouse(t);
    const token = broad(house);
    const ada = await loggedIn(house);
    const path = `/tokens/${token.id}/shadow`;
    assert.deepEqual((await ada.get(path)).json, { days: { usual: 14, most: 90 }, shadow: null });
    assertProblem(await ada.delete(path), 409, 'CONFLICT');
    const started = await ada.post(path, { permissions: ['Device reports:View', 'Device Fields:View'], approvedAddresses: ['10.0.0.0/8'], days: 5 });
    assert.equal(started.status, 201, started.text);
    assert.equal(started.json.shadow.state, 'running');
    assert.equal(started.json.shadow.startedBy, ADMIN);
    assert.deepEqual(started.json.shadow.set, { permissions: ['Device Fields:View', 'Device reports:View'], groups: [], approvedAddresses: ['10.0.0.0/8'] });
    await until(async () => {
      assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
      return ada.get(path);
    }, (reply) => reply.json.shadow.wouldHaveFailed > 0, 40_000);
    assert.deepEqual(misses((await ada.get(path)).json.shadow)[0].slice(0, 4), ['GET', '/v3/whoami', 'address', '127.0.0.1']);
    const twice = await ada.post(path, { permissions: [] });
    assertProblem(twice, 409, 'CONFLICT');
    assert.match(twice.json.detail, /stop it first/);
    const stopped = await ada.delete(path);
    assert.equal(stopped.status, 200, stopped.text);
    assert.equal(stopped.json.shadow.state, 'stopped');
    assert.ok(stopped.json.shadow.stoppedAt);
    const actions = (await ada.get(`/tokens/${token.id}/events`)).json.data.map((event) => event.action);
    assert.deepEqual(actions.slice(0, 2), ['shadow stopped', 'shadow started']);
  });

  test('names what is wrong, and shows others\' tokens to nobody', async (t) => {
    const house = await openHouse(t);
    const token = broad(house);
    const ada = await loggedIn(house);
    const path = `/tokens/${token.id}/shadow`;
    const wrong = async (body, field, words) => {
      const reply = await ada.post(path, body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
      assert.match(reply.text, words);
    };
    await wrong({ permissions: ['Software reports:View'] }, 'permissions', /cannot have Software reports:View/);
    await wrong({ permissions: ['No:Such'] }, 'permissions', /there is no permission/);
    await wrong({ approvedAddresses: ['192.0.2.1'] }, 'approvedAddresses', /192\.0\.2\.1/);
    await wrong({ groups: ['nowhere'] }, 'groups', /there is no device group/);
    await wrong({ permissions: [], days: 0 }, 'days', /wanted are 1 to 90/);
    await wrong({}, 'permissions', /nothing to try out/);
    await wrong({ more: 1 }, 'more', /more/);
    const secret = house.file('guest', `${PASSWORD}\n`);
    house.ok('user', 'add', 'guest@example.com', '--role', 'Administrator', '--password-file', secret);
    const guest = await loggedIn(house, 'guest@example.com');
    assertProblem(await guest.get(path), 404, 'NOT_FOUND');
    assertProblem(await guest.post(path, { permissions: [] }), 404, 'NOT_FOUND');
    assertProblem(await guest.delete(path), 404, 'NOT_FOUND');
  });
});
