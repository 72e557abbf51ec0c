// SPDX-License-Identifier: Apache-2.0
//
// Device groups, devices, imports and the search over the admin API.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { makeHouse, openHouse, until } from './support/house.mjs';

const PASSWORD = 'a password of somebody';
const ifMatch = (version) => ({ headers: { 'if-match': `"${version}"` } });

function addUser(house, email, role) {
  house.ok('user', 'add', email, '--role', role, '--password-file', house.file(`pw-${email}`, `${PASSWORD}\n`));
}

/** A house with this many devices: D00, D01, … */
function houseWith(t, count, more = () => ({})) {
  const house = makeHouse(t);
  const devices = Array.from({ length: count }, (_, i) => ({
    deviceUid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`, deviceName: `D${String(i).padStart(2, '0')}`, esn: `ESN${i}`,
    serialNumber: `SN-${i % 3}`, username: i % 2 ? 'grace' : 'Ada Löve', lastUpdatedDateTimeUtc: `2026-01-${String(1 + i % 9).padStart(2, '0')}T00:00:00.000Z`,
    operatingSystem: { name: 'Windows 11', build: '1' }, ...more(i),
  }));
  if (count) house.ok('device', 'import', house.file('devices.json', JSON.stringify(devices)));
  return house;
}

const group = async (visitor, more) => {
  const reply = await visitor.post('/groups', { name: 'Paris', ...more });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
};

async function walk(visitor, path, query = {}, pageSize = 4) {
  const rows = [];
  for (let after = ''; after !== null;) {
    const reply = await visitor.get(`${path}?${new URLSearchParams({ ...query, pageSize, ...(after ? { after } : {}) })}`);
    assert.equal(reply.status, 200, reply.text);
    rows.push(...reply.json.data);
    after = reply.json.next;
    assert.ok(rows.length < 1000);
  }
  return rows;
}

describe('device groups', () => {
  test('are made, moved by version, filled and deleted', async (t) => {
    const house = houseWith(t, 3);
    addUser(house, 'eve@example.com', 'Guest User');
    await house.start();
    const ada = await loggedIn(house);
    const paris = await group(ada, { description: 'by the Seine', folder: ' Europe / France ' });
    assert.deepEqual({ ...paris, uid: 0, createdAt: 0, changedAt: 0 }, { uid: 0, name: 'Paris', description: 'by the Seine', folder: 'Europe/France',
      deviceCount: 0, userCount: 0, tokenCount: 0, createdAt: 0, changedAt: 0, version: 1 });
    const path = `/groups/${paris.uid}`;
    assertProblem(await ada.patch(path, { folder: '' }), 428, 'IF_MATCH_NEEDED');
    const moved = await ada.patch(path, { folder: 'Europe' }, ifMatch(1));
    assert.deepEqual([moved.json.folder, moved.json.name, moved.headers.etag], ['Europe', 'Paris', '"2"']);
    assertProblem(await ada.patch(path, { name: 'Rome' }, ifMatch(1)), 412, 'CHANGED');
    for (const [body, field] of [[{ name: '' }, 'name'], [{ name: 'x'.repeat(121) }, 'name'], [{ name: 'x', folder: 'a//b' }, 'folder'], [{ name: 'x', folder: 'x'.repeat(241) }, 'folder'],
      [{ name: 'x', description: 'x'.repeat(1001) }, 'description'], [{ name: 'x', devices: [] }, 'devices']]) {
      const reply = await ada.post('/groups', body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
    }
    assertProblem(await ada.post('/groups', { name: 'PARIS' }), 409, 'CONFLICT');

    const [d0, d1, d2] = (await ada.get('/devices?sort=deviceName')).json.data.map((device) => device.deviceUid);
    const eve = (await ada.get('/users?q=eve')).json.data[0].uid;
    const change = (body) => ada.post(`${path}/members`, body);
    const filled = await change({ addDevices: [d0, d1], addUsers: [eve] });
    assert.deepEqual([filled.status, filled.json.deviceCount, filled.json.userCount], [200, 2, 1], filled.text);
    for (const [body, field] of [[{ addDevices: [d2, 'none'] }, 'devices'], [{ addUsers: ['nobody@example.com'], removeDevices: [d0] }, 'users'], [{ addDevices: 'all' }, 'addDevices'], [{ addDevices: [1] }, 'addDevices']]) {
      const reply = await change(body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field, reply.text);
    }
    assertProblem(await change({}), 422, 'INVALID');
    assert.equal((await ada.get(path)).json.deviceCount, 2, 'all or none');
    const swapped = await change({ addDevices: [d2], removeDevices: [d0] });
    assert.equal(swapped.json.deviceCount, 2);
    assert.deepEqual((await ada.get(`${path}/devices`)).json.data.map((d) => d.deviceName), ['D01', 'D02']);
    assert.deepEqual((await ada.get(`${path}/devices?q=d02`)).json.data.map((d) => d.deviceName), ['D02']);
    const [event] = (await ada.get(`/events?object=${paris.uid}`)).json.data;
    assert.deepEqual([event.action, event.details.after.devices, event.details.before.devices], ['members changed', [d2], [d0]]);
    assertProblem(await ada.delete(path), 409, 'CONFLICT');
    await change({ removeUsers: [eve] });
    assert.equal((await ada.delete(path)).status, 204);
    assertProblem(await ada.get(path), 404, 'NOT_FOUND');
  });

  test('are listed, and whoever is limited sees their own', async (t) => {
    const house = houseWith(t, 6);
    for (const name of ['Paris', 'Rome', 'Oslo', 'Bonn', 'Wien']) house.ok('group', 'add', name, '--folder', `Europe/${name[0]}`);
    house.ok('group', 'assign', 'Paris', '--device', 'ESN0', '--device', 'ESN1');
    house.ok('group', 'assign', 'Rome', '--device', 'ESN2');
    addUser(house, 'eve@example.com', 'Administrator');
    addUser(house, 'guest@example.com', 'Guest User');
    house.ok('group', 'assign', 'Rome', '--user', 'eve@example.com');
    await house.start();
    const [ada, eve, guest] = await Promise.all([loggedIn(house), loggedIn(house, 'eve@example.com', PASSWORD), loggedIn(house, 'guest@example.com', PASSWORD)]);
    for (const sort of ['name', 'folder', 'deviceCount', 'userCount', 'createdAt']) {
      const up = await walk(ada, '/groups', { sort }, 2);
      const down = await walk(ada, '/groups', { sort: `-${sort}` }, 2);
      assert.equal(new Set(up.map((g) => g.uid)).size, 5);
      assert.deepEqual(down.map((g) => g.uid), up.map((g) => g.uid).reverse(), sort);
    }
    assert.deepEqual((await walk(ada, '/groups', { q: 'europe/o' })).map((g) => g.name), ['Oslo']);
    const paris = (await ada.get('/groups?q=paris')).json.data[0].uid;
    const rome = (await ada.get('/groups?q=rome')).json.data[0].uid;
    assert.deepEqual((await eve.get('/groups')).json.data.map((g) => g.name), ['Rome']);
    assert.deepEqual((await guest.get('/groups')).json.data, [], 'no permission and no groups');
    assertProblem(await eve.get(`/groups/${paris}`), 404, 'NOT_FOUND');
    assertProblem(await guest.get(`/groups/${paris}`), 404, 'NOT_FOUND');
    assertProblem(await eve.post('/groups', { name: 'Mine' }), 403, 'NOT_PERMITTED');
    assertProblem(await guest.post('/groups', { name: 'Mine' }), 403, 'NOT_PERMITTED');
    // a device of theirs does not tell which other groups hold it
    assert.equal((await ada.post(`/groups/${paris}/members`, { addDevices: ['ESN2'] })).status, 200);
    const [shared] = (await eve.get('/devices')).json.data;
    assert.deepEqual((await eve.get(`/devices/${shared.deviceUid}`)).json.groups.map((g) => g.name), ['Rome']);
    assert.deepEqual((await ada.get(`/devices/${shared.deviceUid}`)).json.groups.map((g) => g.name).sort(), ['Paris', 'Rome']);
    assert.equal((await ada.post(`/groups/${paris}/members`, { removeDevices: ['ESN2'] })).status, 200);
    // devices likewise
    assert.deepEqual((await eve.get('/devices')).json.data.map((d) => d.esn), ['ESN2']);
    assertProblem(await eve.get(`/devices?group=${paris}`), 422, 'INVALID');
    assert.equal((await eve.get(`/devices?group=${rome}`)).json.total, 1);
    assert.deepEqual((await ada.get(`/devices?group=${paris}`)).json.data.map((d) => d.esn), ['ESN0', 'ESN1']);
    const [hidden] = (await ada.get('/devices?q=ESN0')).json.data;
    assertProblem(await eve.get(`/devices/${hidden.deviceUid}`), 404, 'NOT_FOUND');
    assertProblem(await eve.get(`/devices/${hidden.deviceUid}/applications`), 404, 'NOT_FOUND');
    assertProblem(await eve.post('/imports', { name: 'd.json', size: 2 }), 403, 'NOT_PERMITTED');
    // the search too
    const names = (found) => [found.tokens, found.users, found.devices, found.groups].map((list) => list.map((row) => row.title ?? row.name ?? row.email));
    assert.deepEqual(names((await ada.get('/search?q=D0')).json)[2].length, 5, 'five at most');
    assert.deepEqual(names((await eve.get('/search?q=D0')).json)[2], ['D02']);
    assert.deepEqual(names((await ada.get('/search?q=rom')).json)[3], ['Rome']);
    assert.deepEqual(names((await guest.get('/search?q=eve')).json), [[], [], [], []]);
    assert.equal((await ada.get('/search?q=eve')).json.users[0].email, 'eve@example.com');
    assertProblem(await ada.get('/search'), 422, 'INVALID');
    // what is too long to look for is not cut, and never finds all
    for (const path of ['/search', '/tokens', '/users', '/roles', '/groups', '/devices', '/events', '/events/export']) {
      const reply = await ada.get(`${path}?q=${encodeURIComponent('ä'.repeat(129))}`);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, 'q', path);
    }
    for (const path of ['/tokens', '/users', '/roles', '/groups', '/devices']) {
      assert.deepEqual((await ada.get(`${path}?q=${encodeURIComponent('ä'.repeat(128))}`)).json.data, [], path);
    }
  });
});

describe('devices', () => {
  test('every sort shows each once; the search looks at name, ESN, serial number and user', async (t) => {
    const house = houseWith(t, 13);
    await house.start();
    const ada = await loggedIn(house);
    for (const sort of ['deviceName', 'esn', 'serialNumber', 'lastUpdatedDateTimeUtc', 'agentStatus']) {
      const up = await walk(ada, '/devices', { sort });
      const down = await walk(ada, '/devices', { sort: `-${sort}` });
      assert.equal(new Set(up.map((d) => d.deviceUid)).size, 13, sort);
      assert.deepEqual(down.map((d) => d.deviceUid), up.map((d) => d.deviceUid).reverse(), sort);
    }
    const names = async (q) => (await walk(ada, '/devices', { q })).map((d) => d.deviceName);
    assert.deepEqual(await names('d07'), ['D07']);
    assert.deepEqual(await names('ESN12'), ['D12']);
    assert.equal((await names('sn-1')).length, 4);
    assert.equal((await names('ADA LÖ')).length, 7);
    assert.deepEqual(await names('%'), []);
    assert.deepEqual(await names('000000000007'), ['D07']);
    const first = (await ada.get('/devices?pageSize=1')).json;
    assert.equal(first.total, 13);
    assert.deepEqual([first.data[0].operatingSystem, first.data[0].agentStatus], [{ name: 'Windows 11' }, null]);
    assertProblem(await ada.get('/devices?sort=doc'), 422, 'INVALID');
  });

  test('one device, its groups, its applications; what a role may not see is left out', async (t) => {
    const house = houseWith(t, 2, (i) => ({ geoData: { location: { point: [1, 2] } },
      applications: Array.from({ length: 7 * (1 - i) }, (_, k) => ({ appId: `a${k}`, appName: `App ${9 - k}`, appVersion: `${k}` })) }));
    house.ok('group', 'add', 'Paris');
    house.ok('group', 'assign', 'Paris', '--device', 'ESN0');
    addUser(house, 'guest@example.com', 'Guest User');
    await house.start();
    const ada = await loggedIn(house);
    const [device] = (await ada.get('/devices')).json.data;
    const shown = (await ada.get(`/devices/${device.deviceUid.toUpperCase()}`)).json;
    assert.deepEqual([shown.device.esn, shown.device.operatingSystem.build, shown.groups[0].name, shown.applicationCount], ['ESN0', '1', 'Paris', 7]);
    assert.deepEqual(shown.device.geoData, { location: { point: [1, 2] } });
    const applications = await walk(ada, `/devices/${device.deviceUid}/applications`, {}, 3);
    assert.deepEqual(applications.map((a) => a.appName), ['App 3', 'App 4', 'App 5', 'App 6', 'App 7', 'App 8', 'App 9']);
    const guest = await loggedIn(house, 'guest@example.com', PASSWORD);
    const less = (await guest.get(`/devices/${device.deviceUid}`)).json;
    assert.equal(less.device.geoData, undefined, 'needs Geolocation:View');
    assert.equal(less.device.esn, 'ESN0');
    assert.deepEqual(less.groups, [], 'needs Device Groups and folders:View');
    assertProblem(await ada.get('/devices/none'), 404, 'NOT_FOUND');
    assertProblem(await guest.post('/imports', { name: 'x', size: 1 }), 403, 'NOT_PERMITTED');
  });
});

describe('imports', () => {
  const begin = async (visitor, size, name = 'devices.json') => {
    const reply = await visitor.post('/imports', { name, size });
    assert.equal(reply.status, 201, reply.text);
    return `/imports/${reply.json.id}`;
  };
  const part = (visitor, path, offset, bytes) => visitor.ask('PUT', `${path}?offset=${offset}`, { raw: bytes, headers: { 'content-type': 'application/octet-stream' } });
  const upload = async (visitor, text, name) => {
    const bytes = Buffer.from(text);
    const path = await begin(visitor, bytes.length, name);
    for (let at = 0; at < bytes.length; at += 300_000) assert.equal((await part(visitor, path, at, bytes.subarray(at, at + 300_000))).status, 200);
    return path;
  };
  const ended = async (visitor, path) => {
    let last;
    await until(async () => (last = (await visitor.get(path)).json), (i) => ['done', 'failed'].includes(i.state), 60_000);
    return last;
  };

  test('a file comes up in parts and is put in, with progress and an event', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const devices = Array.from({ length: 3000 }, (_, i) => ({ deviceName: `D${i}`, esn: `E${i}`, description: 'x'.repeat(200) }));
    const text = JSON.stringify(devices);
    const path = await begin(ada, text.length);
    assert.deepEqual(readdirSync(house.data).filter((name) => name.startsWith('import')), [], 'the file has no name');
    assertProblem(await ada.post(`${path}/run`, {}), 409, 'CONFLICT');
    assert.equal((await part(ada, path, 0, text.slice(0, 1000))).json.received, 1000);
    const wrong = await part(ada, path, 0, 'again');
    assertProblem(wrong, 409, 'CONFLICT');
    assert.match(wrong.json.detail, /offset 1000/);
    assertProblem(await part(ada, path, 1000, 'x'.repeat(512 * 1024 + 1)), 413, 'TOO_LARGE');
    for (let at = 1000; at < text.length; at += 300_000) assert.equal((await part(ada, path, at, text.slice(at, at + 300_000))).status, 200);
    assertProblem(await part(ada, path, text.length, 'more'), 422, 'INVALID');
    assert.equal((await ada.post(`${path}/run`, { skipBad: false })).status, 202);
    await group(ada, { name: 'made while it runs' });
    const done = await ended(ada, path);
    assert.deepEqual([done.state, done.rows, done.added, done.changed, done.badCount, done.bad, done.detail], ['done', 3000, 3000, 0, 0, [], null]);
    assert.equal((await ada.get('/devices?pageSize=1')).json.total, 3000);
    const events = (await ada.get('/events?kind=Devices+imported')).json.data;
    assert.equal(events.reduce((sum, event) => sum + event.details.added, 0), 3000, 'each part tells of itself');
    assert.deepEqual([events[0].actor.name, events[0].address], ['ada@example.com', '127.0.0.1']);
    assertProblem(await ada.post(`${path}/run`, {}), 409, 'CONFLICT');
    assertProblem(await part(ada, path, text.length, ''), 409, 'CONFLICT');
    assert.equal((await ada.delete(path)).status, 204);
    assertProblem(await ada.get(path), 404, 'NOT_FOUND');
  });

  test('bad rows: nothing is changed, or they are left out', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const csv = 'deviceName,esn\nONE,E1\nTWO\n"THREE",E3\nFOUR,\n';
    const path = await upload(ada, csv, 'devices.csv');
    await ada.post(`${path}/run`, { skipBad: false });
    const failed = await ended(ada, path);
    assert.equal(failed.state, 'failed');
    assert.match(failed.detail, /nothing was changed: \d of 4 rows are bad/);
    assert.ok(failed.bad.length > 0 && failed.bad.every((row) => row.line >= 3 && row.detail.length > 5), JSON.stringify(failed.bad));
    assert.equal(failed.badCount, failed.bad.length);
    assert.equal((await ada.get('/devices')).json.total, 0);
    assert.equal((await ada.get('/events?kind=Devices+imported')).json.total, 0);
    assert.equal((await ada.post(`${path}/run`, { skipBad: true })).status, 202);
    const done = await ended(ada, path);
    assert.deepEqual([done.state, done.added + done.badCount, done.badCount], ['done', 4, failed.badCount]);
    assert.equal((await ada.get('/devices')).json.total, done.added);
  });

  test('who is limited to device groups before it runs changes no device', async (t) => {
    const house = makeHouse(t);
    addUser(house, 'eve@example.com', 'Administrator');
    house.ok('group', 'add', 'Paris');
    await house.start();
    const eve = await loggedIn(house, 'eve@example.com', PASSWORD);
    const path = await upload(eve, 'deviceName,esn\nONE,E1\n', 'devices.csv');
    house.ok('group', 'assign', 'Paris', '--user', 'eve@example.com');
    assert.equal((await eve.post(`${path}/run`, {})).status, 202);
    const failed = await ended(eve, path);
    assert.equal(failed.state, 'failed');
    assert.match(failed.detail, /nothing was changed: you are limited to device groups/);
    house.ok('group', 'assign', 'Paris', '--user', 'eve@example.com', '--remove');
    assert.equal((await eve.get('/devices')).json.total, 0);
    assert.equal((await eve.post(`${path}/run`, {})).status, 202);
    assert.equal((await ended(eve, path)).added, 1);
  });

  test('what is no file of devices fails in words; others see nothing of it; they are few', async (t) => {
    const house = makeHouse(t);
    addUser(house, 'eve@example.com', 'System Administrator');
    await house.start();
    const [ada, eve] = await Promise.all([loggedIn(house), loggedIn(house, 'eve@example.com', PASSWORD)]);
    const path = await upload(ada, 'deviceColour,esn\nred,1\n', 'x.csv');
    await ada.post(`${path}/run`, {});
    const failed = await ended(ada, path);
    assert.equal(failed.state, 'failed');
    assert.match(failed.detail, /nothing was changed: .*deviceColour/);
    for (const [method, tail] of [['GET', ''], ['DELETE', ''], ['POST', '/run'], ['PUT', '?offset=0']]) assertProblem(await eve.ask(method, path + tail), 404, 'NOT_FOUND');
    for (const [body, field] of [[{ name: '', size: 1 }, 'name'], [{ name: 'x', size: 0 }, 'size'], [{ name: 'x', size: 2 ** 31 }, 'size'], [{ name: 'x' }, 'size'], [{ name: 'x', size: '1' }, 'size']]) {
      const reply = await ada.post('/imports', body);
      assertProblem(reply, 422, 'INVALID');
      assert.equal(reply.json.errors[0].field, field);
    }
    assertProblem(await part(ada, path, 'x', ''), 422, 'INVALID');
    await begin(ada, 1);
    await begin(ada, 1);
    assertProblem(await ada.post('/imports', { name: 'x', size: 1 }), 409, 'CONFLICT');
    await begin(eve, 1);
    assert.equal((await ada.delete(path)).status, 204);
    await begin(ada, 1);
    await house.stop(); // drops what waits, and leaves nothing
    assert.deepEqual(readdirSync(house.data).filter((name) => name.startsWith('import')), []);
  });
});
