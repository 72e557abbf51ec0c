// SPDX-License-Identifier: Apache-2.0
// Device groups, custom fields and licences as a client sees them; and that a token that is
// limited to groups sees nothing of any other device, whatever it asks.
import assert from 'node:assert/strict';
import { before, after, describe, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { makeHouse, until } from './support/house.mjs';

const DEVICES = '/v3/reporting/devices';
const APPLICATIONS = '/v3/reporting/applications';
const GROUPS = '/v3/configurations/device-groups/groups';
const LICENCES = '/v3/reporting/licenses';
const DEFINITIONS = '/v3/configurations/customfields/definitions';
const fieldsOf = (uid) => `/v3/configurations/customfields/devices/${uid}`;
const groupsOf = (uid) => `/v3/configurations/device-groups/devices/${uid}/groups`;

describe('configurations', () => {
  const undo = [];
  const [PARIS_1, PARIS_2, LYON_1, NOWHERE] = Array.from({ length: 4 }, () => randomUUID());
  let house, all, paris, definitions;
  before(async () => {
    house = makeHouse({ after: (f) => undo.unshift(f) });
    house.ok('device', 'import', house.file('d.json', JSON.stringify([PARIS_1, PARIS_2, LYON_1, NOWHERE].map((deviceUid, i) => ({
      deviceUid, deviceName: `D${i}`, esn: `E${i}`, applications: [{ appName: 'Editor', appVersion: `${i}` }],
      deviceFreezeStatus: { statusCode: 'FRZN', passCode: '12345678' },
    })))));
    for (const name of ['Paris', 'Lyon', 'Élysée']) house.ok('group', 'add', name, '--description', `all of ${name}`);
    house.ok('group', 'assign', 'Paris', '--device', PARIS_1, '--device', PARIS_2);
    house.ok('group', 'assign', 'Lyon', '--device', LYON_1, '--device', PARIS_2);
    all = house.hs256('all');
    paris = house.hs256('paris', '--group', 'Paris');
    await house.start();
    definitions = (await get(all, DEFINITIONS)).data;
  });
  after(async () => {
    for (const f of undo) await f();
  });

  const get = async (token, uri, query) => {
    const answer = await house.ask(token, 'GET', uri, { query });
    assert.equal(answer.status, 200, `${uri} ${query}: ${answer.text}`);
    return answer.json;
  };
  const status = async (token, method, uri, more) => (await house.ask(token, method, uri, more)).status;
  const named = (name) => definitions.find((d) => d.cdfFieldName === name);
  const names = (json, name) => json.data.map((row) => row[name]);

  test('groups are listed by name, filtered and paged', async () => {
    const { data, metadata } = await get(all, GROUPS);
    assert.deepEqual(metadata, {});
    assert.deepEqual(data.map((g) => g.displayName).sort(), ['Lyon', 'Paris', 'Élysée'].sort());
    for (const group of data) {
      assert.match(group.deviceGroupUid, /^[0-9a-f-]{36}$/);
      assert.equal(group.groupType, 'Fixed');
      assert.equal(group.description, `all of ${group.displayName}`);
    }
    const [one, two, three] = data.map((g) => g.deviceGroupUid);
    const found = async (query) => names(await get(all, GROUPS, query), 'deviceGroupUid');
    assert.deepEqual(await found(`deviceGroupUid=${two}`), [two]);
    assert.deepEqual(await found(`deviceGroupUidAnyOf=${three}, ${one},${randomUUID()}`), [one, three]);
    assert.deepEqual(await found('displayName=PARIS'), data.filter((g) => g.displayName === 'Paris').map((g) => g.deviceGroupUid));
    assert.deepEqual(await found('displayNameStartsWith=éLY'), data.filter((g) => g.displayName === 'Élysée').map((g) => g.deviceGroupUid));
    assert.equal((await found('groupType=fixed')).length, 3);
    assert.equal((await found('groupType=Smart')).length, 0);
    assert.equal((await found('displayNameStartsWith=nowhere')).length, 0);
    const walked = [];
    for (let next = ''; ;) {
      const page = await get(all, GROUPS, next ? `pageSize=1&nextPage=${next}` : 'pageSize=1');
      assert.equal(page.data.length, 1);
      walked.push(...page.data);
      next = page.metadata.pagination?.nextPage;
      if (!next) break;
    }
    assert.deepEqual(walked, data);
  });

  test('a device tells its groups, and the inventory too', async () => {
    assert.deepEqual(names(await get(all, groupsOf(PARIS_2)), 'displayName').sort(), ['Lyon', 'Paris']);
    assert.deepEqual((await get(all, groupsOf(NOWHERE))).data, []);
    assert.equal(await status(all, 'GET', groupsOf(randomUUID())), 404);
    const groups = (await get(all, GROUPS)).data;
    for (const row of (await get(all, DEVICES, 'select=deviceGroupIds,deviceName')).data) {
      const wanted = { D0: ['Paris'], D1: ['Paris', 'Lyon'], D2: ['Lyon'], D3: [] }[row.deviceName];
      assert.deepEqual(row.deviceGroupIds.map((uid) => groups.find((g) => g.deviceGroupUid === uid).displayName).sort(), wanted.sort());
    }
  });

  test('a token of a group sees its devices only, whatever it asks', async () => {
    assert.deepEqual(names(await get(paris, DEVICES), 'deviceName').sort(), ['D0', 'D1']);
    assert.deepEqual(names(await get(paris, DEVICES, `deviceUid=${LYON_1}`), 'deviceName'), []);
    assert.deepEqual(names(await get(paris, APPLICATIONS), 'deviceName').sort(), ['D0', 'D1']);
    assert.deepEqual(names(await get(paris, APPLICATIONS, 'esn=E2'), 'deviceName'), []);
    assert.deepEqual(names(await get(paris, GROUPS), 'displayName'), ['Paris']);
    // of a device in two groups it hears the one that is its own
    assert.deepEqual(names(await get(paris, groupsOf(PARIS_2)), 'displayName'), ['Paris']);
    const [{ deviceGroupIds }] = (await get(paris, DEVICES, `deviceUid=${PARIS_2}`)).data;
    assert.equal(deviceGroupIds.length, 1);
    const asset = named('Asset Number').cdfUid;
    for (const uid of [LYON_1, NOWHERE, randomUUID()]) {
      assert.equal(await status(paris, 'GET', groupsOf(uid)), 404);
      assert.equal(await status(paris, 'GET', fieldsOf(uid)), 404);
      assert.equal(await status(paris, 'GET', `${fieldsOf(uid)}/${asset}`), 404);
      assert.equal(await status(paris, 'PUT', fieldsOf(uid), { data: [{ cdfUid: asset, cdfFieldValue: 'x' }] }), 404);
    }
    for (const uid of [PARIS_1, PARIS_2]) {
      assert.equal(await status(paris, 'GET', fieldsOf(uid)), 200);
      assert.equal(await status(paris, 'GET', `${fieldsOf(uid)}/${asset}`), 200);
    }
    const { metadata } = await get(all, DEVICES, 'pageSize=1');
    assert.equal(await status(paris, 'GET', DEVICES, { query: `pageSize=1&nextPage=${metadata.pagination.nextPage}` }), 400);
  });

  test('definitions are those of the house, each by its uid', async () => {
    assert.ok(definitions.length > 5);
    for (const definition of definitions) {
      assert.match(definition.cdfUid, /^[\w-]{22}$/);
      assert.match(definition.type, /^(Text|Date|Dropdown)$/);
      assert.match(definition.categoryCode, /^(PREDEFINED|ESNCOLUMN|UDF|RDF|WEBUSAGE)$/);
      assert.deepEqual((await get(all, `${DEFINITIONS}/${definition.cdfUid}`)).data, definition);
    }
    assert.equal(await status(all, 'GET', `${DEFINITIONS}/AAAAAAAAAAAAAAAAAAAAAA`), 404);
  });

  /** PUTs a change; gives the answer. */
  const put = (data, token = all, uid = PARIS_1) => house.ask(token, 'PUT', fieldsOf(uid), { data });

  test('a custom field is set by 202 without a body, and read back everywhere', async () => {
    const { cdfUid } = named('Asset Number');
    for (const data of [[{ cdfUid, cdfFieldValue: 'A-1' }], { cdfUid, cdfFieldValue: 'A-2' }, [{ cdfUid, cdfFieldValue: 3 }]]) {
      const answer = await put(data);
      assert.equal(answer.status, 202, answer.text);
      assert.equal(answer.text, '');
      const value = String((data[0] ?? data).cdfFieldValue);
      const one = (await get(all, `${fieldsOf(PARIS_1)}/${cdfUid}`)).data;
      assert.deepEqual(one, {
        cdfUid, cdfFieldKey: one.cdfFieldKey, cdfFieldName: 'Asset Number', cdfFieldValue: value, categoryCode: 'PREDEFINED', type: 'Text',
      });
      const list = (await get(all, fieldsOf(PARIS_1))).data;
      assert.equal(list.length, definitions.length);
      assert.deepEqual(list.find((f) => f.cdfUid === cdfUid), one);
      const [device] = (await get(all, DEVICES, `deviceUid=${PARIS_1}&select=customFields`)).data;
      assert.deepEqual(device.customFields, [{ cdfUid, cdfFieldName: 'Asset Number', cdfFieldValue: value }]);
    }
    const part = (await get(all, fieldsOf(PARIS_1), 'cdfFieldNameContains=asset n')).data;
    assert.deepEqual(part.map((f) => f.cdfFieldName), ['Asset Number']);
    // another device has nothing of it
    assert.equal('cdfFieldValue' in (await get(all, `${fieldsOf(PARIS_2)}/${cdfUid}`)).data, false);
    assert.equal((await put([{ cdfUid, cdfFieldValue: '' }])).status, 202);
    assert.equal('cdfFieldValue' in (await get(all, `${fieldsOf(PARIS_1)}/${cdfUid}`)).data, false);
  });

  test('a change of a custom field that cannot be is refused by its field, and changes nothing', async () => {
    const asset = named('Asset Number').cdfUid;
    const date = definitions.find((d) => d.type === 'Date').cdfUid;
    assert.equal((await put([{ cdfUid: asset, cdfFieldValue: 'before' }, { cdfUid: date, cdfFieldValue: '2026-01-31' }])).status, 202);
    for (const [data, code, field] of [
      [[{ cdfUid: asset, cdfFieldValue: 'x' }, { cdfUid: date, cdfFieldValue: 'soon' }], 'INVALID_VALUE', 'cdfFieldValue'],
      [[{ cdfUid: asset, cdfFieldValue: 'x'.repeat(1001) }], 'INVALID_VALUE', 'cdfFieldValue'],
      [[{ cdfUid: asset, cdfFieldValue: {} }], 'INVALID_VALUE', 'cdfFieldValue'],
      [[{ cdfUid: asset }], 'INVALID_VALUE', 'cdfFieldValue'],
      [[{ cdfFieldValue: 'x' }], 'INVALID_VALUE', 'cdfUid'],
      [[{ cdfUid: asset, cdfFieldValue: 'x' }, { cdfUid: asset, cdfFieldValue: 'y' }], 'INVALID_VALUE', 'cdfUid'],
      ['text', 'INVALID_VALUE', 'data'],
    ]) {
      const answer = await put(data);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.details[0].code, code, answer.text);
      assert.equal(answer.json.details[0].field, field, answer.text);
    }
    assert.equal((await put([{ cdfUid: asset, cdfFieldValue: 'x' }, { cdfUid: 'AAAAAAAAAAAAAAAAAAAAAA', cdfFieldValue: 'x' }])).status, 404);
    assert.equal((await get(all, `${fieldsOf(PARIS_1)}/${asset}`)).data.cdfFieldValue, 'before');
    assert.equal((await get(all, `${fieldsOf(PARIS_1)}/${date}`)).data.cdfFieldValue, '2026-01-31');
  });

  test('each change of custom fields is one event, with what was and what is', async () => {
    const { cdfUid } = named('Department');
    const events = () => JSON.parse(house.ok('events', 'list', '--json', '--count', '1000'))
      .filter((e) => JSON.stringify(e).includes('Department'));
    const before = events().length;
    assert.equal((await put([{ cdfUid, cdfFieldValue: 'Sales' }])).status, 202);
    assert.equal((await put([{ cdfUid, cdfFieldValue: 'Law' }])).status, 202);
    assert.equal((await put([{ cdfUid, cdfFieldValue: 'Law' }])).status, 202);
    const found = events();
    assert.equal(found.length, before + 2);
    const text = JSON.stringify(found[0]);
    for (const part of ['Sales', 'Law', PARIS_1, all.id, '127.0.0.1']) assert.ok(text.includes(part), `${part}: ${text}`);
  });

  test('what needs a permission is left out, and refused when it is asked for by name', async () => {
    const plain = house.hs256('plain', '--permission', 'Device reports:View', '--permission', 'Device Fields:View');
    await until(() => house.ask(plain, 'GET', DEVICES), (a) => a.status === 200);
    for (const row of (await get(plain, DEVICES)).data) assert.deepEqual(row.deviceFreezeStatus, { statusCode: 'FRZN' });
    assert.equal((await get(all, DEVICES)).data[0].deviceFreezeStatus.passCode, '12345678');
    for (const query of ['select=deviceFreezeStatus.passCode', 'select=esn, deviceFreezeStatus.passCode', 'select=esn&select=deviceFreezeStatus.passCode',
      '?select=deviceFreezeStatus%2epassCode', '%73elect=deviceFreezeStatus.passCode', 'select=geoData', 'select=geoData.location.point.type']) {
      const answer = await house.ask(plain, 'GET', DEVICES, { query });
      assert.equal(answer.status, 403, `${query}: ${answer.text}`);
      assert.equal(answer.json.details[0].code, 'PERMISSION_MISSING');
    }
    for (const row of (await get(plain, DEVICES, 'select=deviceFreezeStatus')).data) {
      assert.deepEqual(row.deviceFreezeStatus, { statusCode: 'FRZN' });
    }
    assert.equal(await status(plain, 'GET', LICENCES), 403);
    assert.equal(await status(plain, 'GET', DEFINITIONS), 403);
    assert.equal(await status(plain, 'GET', APPLICATIONS), 403);
    assert.equal(await status(plain, 'GET', GROUPS), 200);
    assert.equal(await status(plain, 'GET', fieldsOf(PARIS_1)), 200);
    assert.equal((await put([], plain)).status, 403);
  });

  test('licences are listed, filtered and paged', async () => {
    const { data, metadata } = await get(all, LICENCES);
    assert.deepEqual(metadata, {});
    assert.ok(data.length >= 3);
    for (const licence of data) {
      assert.match(licence.licenseUid, /^[0-9a-f-]{36}$/);
      assert.match(licence.startDateUtc, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(typeof licence.licenseCount, 'number');
      assert.equal(licence.activatedOrder, true);
      assert.equal(licence.expiredOrder, false);
    }
    const found = async (query) => names(await get(all, LICENCES, query), 'licenseName');
    const every = data.map((l) => l.licenseName);
    const first = every[0];
    assert.deepEqual(await found(`licenseName=${first.toUpperCase()}`), [first]);
    assert.deepEqual(await found(`licenseNameNot=${first}`), every.slice(1));
    assert.deepEqual(await found(`licenseNameStartsWith=${first.slice(0, 3)}`), [first]);
    assert.deepEqual(await found(`licenseNameNotStartsWith=${first.slice(0, 3)}`), every.slice(1));
    assert.deepEqual(await found(`licenseUid=${data[1].licenseUid}`), [every[1]]);
    assert.deepEqual(await found('expiredOrder=true'), []);
    assert.deepEqual(await found('expiredOrder=false'), every);
    assert.deepEqual(await found('orderNoEmpty=true'), every.filter((_, i) => !data[i].orderNo));
    assert.deepEqual(await found('orderNo=x&orderNoNot=y'), []);
    assert.equal(await status(all, 'GET', LICENCES, { query: 'expiredOrder=perhaps' }), 400);
    const walked = [];
    for (let next = ''; ;) {
      const page = await get(all, LICENCES, next ? `pageSize=2&nextPage=${next}` : 'pageSize=2');
      walked.push(...page.data);
      next = page.metadata.pagination?.nextPage;
      if (!next) break;
    }
    assert.deepEqual(walked, data);
  });

  const moment = (fromNowMs) => new Date(Date.now() + fromNowMs).toISOString();

  test('the document that is served names every operation that answers', async () => {
    const answer = await fetch(`${house.url}/api-doc/spec/openapi.full.json`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    const document = await answer.json();
    const parameters = { deviceUid: PARIS_1, cdfUid: named('Asset Number').cdfUid };
    for (const [path, methods] of Object.entries(document.paths)) {
      const uri = `/v3${path}`.replace(/\{(\w+)\}/g, (_, name) => parameters[name]);
      for (const method of Object.keys(methods)) {
        const asks = (methods[method].parameters ?? []).some(({ name }) => name === 'fromDateTimeUtc');
        const answered = await house.ask(all, method.toUpperCase(), uri, {
          ...(method === 'put' ? { data: [] } : {}),
          ...(asks ? { query: `fromDateTimeUtc=${moment(-3600_000)}&toDateTimeUtc=${moment(0)}` } : {}),
        });
        assert.ok(String(answered.status) in methods[method].responses, `${method} ${path}: ${answered.status}`);
        assert.ok(answered.status < 300, answered.text);
      }
      assert.equal(await status(all, 'DELETE', uri), 404);
    }
  });
});
