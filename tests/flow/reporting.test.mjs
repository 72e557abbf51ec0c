// SPDX-License-Identifier: Apache-2.0
// Devices and applications as a client sees them: every filter of the API document against
// a filter written here, every sort, select, and pages to their end.
import assert from 'node:assert/strict';
import { before, after, describe, test } from 'node:test';
import { makeHouse, until } from './support/house.mjs';

const DEVICES = '/v3/reporting/devices';
const APPLICATIONS = '/v3/reporting/applications';
const COMPONENTS = ['df', 'dlp', 'du', 'esp', 'geo', 'hdc', 'sdc'];
const COUNT = 24;

/** Where a device has what a filter calls by this name. */
const PATHS = {
  deviceFreezeActionStatusScore: 'deviceFreezeActionStatus.score',
  deviceFreezeStatusCode: 'deviceFreezeStatus.statusCode',
  deviceStatus: 'deviceStatus.type',
  licenseAddonLicenseName: 'licenseAddon.licenseName',
  licenseAddonOrderNo: 'licenseAddon.orderNo',
  licenseBaseLicenseName: 'licenseBase.licenseName',
  licenseBaseOrderNo: 'licenseBase.orderNo',
  operatingSystemName: 'operatingSystem.name',
  rsvpStatusIsStrongPasswordRequired: 'rsvpStatus.isStrongPasswordRequired',
  rsvpStatusIsSupported: 'rsvpStatus.isSupported',
  rsvpStatusStatus: 'rsvpStatus.status',
  rsvpStatusVersion: 'rsvpStatus.version',
  ...Object.fromEntries(COMPONENTS.flatMap((c) => [
    [`${c}CalcStatus`, `${c}Status.calcStatus`], [`${c}ComponentStatus`, `${c}Status.status`],
    [`${c}Status`, `${c}Status.isEnabled`],
  ])),
};
const SUFFIXES = ['NotContains', 'Contains', 'NotStartsWith', 'StartsWith', 'NotEndsWith', 'EndsWith',
  'NotEnabled', 'Enabled', 'Empty', 'FromInclusive', 'From', 'ToInclusive', 'To', 'Not', ''];
const WORDS = ['Alpha', 'alpha-1', 'ALPHA 2', 'b_ta', 'b%ta', 'Ünï', 'a\\b', "o'hara", '100%25', undefined];
const MOMENTS = ['2026-01-31T10:00:00.000Z', '2026-01-31T10:00:00.001Z', '2025-12-24T00:00:00.000Z', undefined];

const pick = (list, seed) => list[(seed * 2654435761 % 4294967296) % list.length];
const at = (row, path) => path.split('.').reduce((value, name) => (Array.isArray(value)
  ? value.map((v) => v?.[name]) : value?.[name]), row);

/** { base, suffix } of a filter's name, by the longest suffix that leaves a field. */
function partsOf(name, fields) {
  if (name === 'isNotStolen') return { base: 'isStolen', suffix: 'Not' };
  if (name === 'unenrollmentDateTimeUtclusive') return { base: 'unenrollmentDateTimeUtc', suffix: 'FromInclusive' };
  for (const suffix of SUFFIXES) {
    const base = name.slice(0, name.length - suffix.length);
    if (name.endsWith(suffix) && fields.has(base)) return { base, suffix };
  }
  return assert.fail(`a filter of no field: ${name}`);
}

/** Does a row pass? As the reference says it, over plain values. */
function passes(value, suffix, wanted) {
  const fold = (x) => (x === undefined || x === null ? '' : String(x).toLowerCase());
  const all = Array.isArray(value) ? value.filter((x) => x !== undefined).map(fold) : [fold(value)];
  const one = fold(wanted);
  const some = (f) => all.some((x) => f(x));
  const empty = all.every((x) => x === '');
  switch (suffix) {
    case '': return some((x) => x === one);
    case 'Not': return !some((x) => x === one);
    // a list contains what is one of its values
    case 'Contains': return Array.isArray(value) ? some((x) => x === one) : some((x) => x.includes(one));
    case 'NotContains': return !some((x) => x.includes(one));
    case 'StartsWith': return some((x) => x.startsWith(one));
    case 'NotStartsWith': return !some((x) => x.startsWith(one));
    case 'EndsWith': return some((x) => x.endsWith(one));
    case 'NotEndsWith': return !some((x) => x.endsWith(one));
    case 'Enabled': return (value === true) === wanted;
    case 'NotEnabled': return (value === true) !== wanted;
    case 'Empty': return empty === wanted;
    case 'From': return !empty && value > wanted;
    case 'FromInclusive': return !empty && value >= wanted;
    case 'To': return !empty && value < wanted;
    case 'ToInclusive': return !empty && value <= wanted;
    default: return assert.fail(suffix);
  }
}

describe('reporting', () => {
  const undo = [];
  let house, token, document, devices, applications;

  /** The names of all filters that the served document has for a resource. */
  const filtersOf = (path) => document.paths[path].get.parameters.map((p) => p.name)
    .filter((name) => !['sortBy', 'select', 'pageSize', 'nextPage'].includes(name));
  const isTruth = (base) => /^is[A-Z]|IsSupported|IsStrong|^(df|dlp|du|esp|geo|hdc|sdc)Status$/.test(base);

  before(async () => {
    house = makeHouse({ after: (f) => undo.unshift(f) });
    await house.start();
    document = await (await fetch(`${house.url}/api-doc/spec/openapi.full.json`)).json();
    makeInventory();
    house.ok('device', 'import', house.file('devices.json', JSON.stringify(devices)));
    token = house.hs256('reporting');
    for (const device of devices) delete device.applications;
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
  });
  after(async () => {
    for (const f of undo) await f();
  });

  /** Devices with something, something else or nothing in every field that has a filter. */
  function makeInventory() {
    const bases = new Set(filtersOf('/reporting/devices').flatMap((name) => SUFFIXES
      .filter((s) => name.endsWith(s)).map((s) => name.slice(0, name.length - s.length)).slice(0, 1)));
    const fields = [...bases, ...Object.keys(PATHS), 'isStolen', 'isCTESActive']
      .filter((f) => !/^isNot|Utclusive$/.test(f) && f !== 'deviceUid');
    devices = Array.from({ length: COUNT }, (_, i) => {
      const device = { deviceUid: `00000000-0000-4000-8000-0000000000${String(i).padStart(2, '0')}` };
      for (const [j, field] of [...new Set(fields)].entries()) {
        const seed = i * 131 + j * 7 + 1;
        const path = (PATHS[field] ?? field).split('.');
        const value = field.endsWith('DateTimeUtc') ? pick(MOMENTS, seed)
          : field.endsWith('Score') ? i % 3
            : field === 'deviceFreezeReportingStatuses' ? [pick(WORDS, seed), pick(WORDS, seed + 1)].filter((x) => x)
              : isTruth(field) ? pick([true, false, undefined], seed) : pick(WORDS, seed);
        if (path[0].startsWith('license')) {
          device[path[0]] ??= [{ id: 'one' }, { id: 'two' }];
          device[path[0]][i % 2][path[1]] = value;
        } else if (path.length > 1) {
          device[path[0]] = { ...device[path[0]], [path[1]]: value };
        } else {
          device[field] = value;
        }
      }
      device.applications = Array.from({ length: i % 4 }, (__, j) => ({
        appName: pick(WORDS.slice(0, -1), i + j * 5), appPublisher: pick(WORDS, i * 3 + j), userName: pick(WORDS, i * 7 + j),
        appOriginalName: pick(WORDS, i + j), appOriginalPublisher: pick(WORDS, i + 2 * j), appVersion: pick(['1.0', '1.10', undefined], i + j),
        appOriginalVersion: pick(['1', '2', undefined], i), installPath: pick(WORDS, i - j + 9), major: (i + j) % 3, minor: i % 2,
        installDateTimeUtc: pick(MOMENTS, i + j), firstDetectDateTimeUtc: pick(MOMENTS, i * j + 1), lastScanDateTimeUtc: pick(MOMENTS, i),
        appId: `app-${(i + j) % 7}`, deviceAppId: `own-${i}-${j}`,
      }));
      return device;
    });
    devices = JSON.parse(JSON.stringify(devices));
    applications = devices.flatMap((d) => d.applications.map((a) => ({
      ...a, deviceUid: d.deviceUid, esn: d.esn, deviceName: d.deviceName, deviceSerialNumber: d.serialNumber,
      osName: d.operatingSystem?.name,
    })));
  }

  const good = async (uri, query) => {
    const answer = await house.ask(token, 'GET', uri, { query });
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    return answer.json;
  };
  const refused = async (uri, query, code, field) => {
    const answer = await house.ask(token, 'GET', uri, { query });
    assert.equal(answer.status, 400, `${query}: ${answer.text}`);
    assert.equal(answer.json.code, 'INVALID_REQUEST');
    assert.equal(answer.json.details[0].code, code, answer.text);
    assert.equal(answer.json.details[0].field, field, answer.text);
    assert.ok(answer.json.details[0].message.length > 10);
  };

  async function checkFilters(uri, path, rows, paths, fields, key) {
    let passed = 0;
    const names = filtersOf(path);
    for (const name of names) {
      const { base, suffix } = partsOf(name, fields);
      const values = suffix === 'Empty' || suffix.endsWith('Enabled') || isTruth(base) ? [true, false]
        : /^(From|To)/.test(suffix) ? MOMENTS.slice(0, 3)
          : base.endsWith('Score') ? [0, 2, 7]
            : ['alpha', 'A', 'B_', '%', 'ünÏ', '\\', rows[3][base] ?? 'a\\b'];
      for (const value of values) {
        const wanted = rows.filter((row) => {
          const is = at(row, paths[base] ?? base);
          // what a device does not say is not true; of rsvpStatus it must say false
          const isSaid = base.startsWith('rsvp') || !isTruth(base);
          if (!isSaid && suffix === '') return (is === true) === value;
          if (!isSaid && suffix === 'Not') return (is === true) !== value;
          return passes(is, suffix, value);
        }).map((row) => row[key]).sort();
        const { data } = await good(uri, `${name}=${encodeURIComponent(value)}&pageSize=500`);
        assert.deepEqual(data.map((row) => row[key]).sort(), wanted, `${name}=${value}`);
        passed += wanted.length > 0 && wanted.length < rows.length;
      }
    }
    assert.ok(passed > names.length, `${passed} of ${names.length} told rows apart`);
  }

  test('every filter of devices in the document does what it says', async () => {
    const fields = new Set([...Object.keys(devices.reduce((a, d) => ({ ...a, ...d }))), ...Object.keys(PATHS)]);
    await checkFilters(DEVICES, '/reporting/devices', devices, PATHS, fields, 'deviceUid');
  });

  test('every filter of applications in the document does what it says', async () => {
    const fields = new Set(Object.keys(applications.reduce((a, d) => ({ ...a, ...d }))));
    await checkFilters(APPLICATIONS, '/reporting/applications', applications, {}, fields, 'deviceAppId');
  });

  test('several filters must all hold, the same one several times too', async () => {
    const query = 'usernameNot=alpha&usernameNot=b_ta&usernameNotStartsWith=o&agentStatusEmpty=false&pageSize=500';
    const wanted = devices.filter((d) => !['alpha', 'b_ta'].includes(d.username?.toLowerCase())
      && !d.username?.startsWith('o') && d.agentStatus).map((d) => d.deviceUid);
    assert.ok(wanted.length > 0 && wanted.length < COUNT);
    assert.deepEqual((await good(DEVICES, query)).data.map((d) => d.deviceUid).sort(), wanted);
  });

  test('a filter with a value that cannot be is refused by its name', async () => {
    await refused(DEVICES, 'lastConnectedDateTimeUtcFrom=yesterday', 'INVALID_VALUE', 'lastConnectedDateTimeUtcFrom');
    await refused(DEVICES, 'isStolen=perhaps', 'INVALID_VALUE', 'isStolen');
    await refused(DEVICES, 'deviceFreezeActionStatusScore=much', 'INVALID_VALUE', 'deviceFreezeActionStatusScore');
    await refused(APPLICATIONS, 'installDateTimeUtcTo=2026-13-01T00:00:00.000Z', 'INVALID_VALUE', 'installDateTimeUtcTo');
    // other values of Empty are ignored, as the vendor's document says
    assert.equal((await good(DEVICES, 'agentStatusEmpty=perhaps&pageSize=500')).data.length, COUNT);
  });

  /** All rows of a query, page by page. */
  async function walk(uri, query, encode = (x) => x) {
    const rows = [];
    const seen = new Set();
    for (let next = ''; ;) {
      const { data, metadata } = await good(uri, next ? `${query}&nextPage=${encode(next)}` : query);
      rows.push(...data);
      if (!metadata.pagination) {
        assert.deepEqual(metadata, {});
        return rows;
      }
      next = metadata.pagination.nextPage;
      assert.ok(!seen.has(next), 'never the same page again');
      seen.add(next);
    }
  }

  const key = (row, field) => String(row[field] ?? '').toLowerCase();
  const order = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  function assertSorted(rows, keys) {
    for (let i = 1; i < rows.length; i++) {
      const found = keys.map(([field, way]) => order(key(rows[i - 1], field), key(rows[i], field)) * (way === 'desc' ? -1 : 1))
        .find((x) => x !== 0) ?? 0;
      assert.ok(found <= 0, `row ${i} of ${JSON.stringify(keys)}`);
    }
  }

  test('devices are sorted by each of the ten keys, both ways, whole', async () => {
    const keys = ['agentStatus', 'deviceName', 'deviceUid', 'esn', 'fullSystemName', 'lastUpdatedDateTimeUtc',
      'platformOSType', 'serialNumber', 'systemModel', 'systemType'];
    for (const field of keys) {
      for (const way of ['', ':asc', ':desc', ':DESC']) {
        const rows = await walk(DEVICES, `sortBy=${field}${way}&pageSize=7&select=${field}`);
        assert.equal(new Set(rows.map((r) => r.deviceUid)).size, COUNT);
        assert.equal(rows.length, COUNT);
        assertSorted(rows, [[field, way.slice(1).toLowerCase()]]);
      }
    }
    const usual = await walk(DEVICES, 'pageSize=500');
    assert.deepEqual(usual.map((d) => d.deviceUid), devices.map((d) => d.deviceUid));
  });

  test('applications are sorted by any keys, together', async () => {
    const names = Object.keys(document.components.schemas.SoftwareReport.properties);
    assert.equal(names.length, 21);
    for (const field of names) {
      const rows = await walk(APPLICATIONS, `sortBy=${field}:desc&pageSize=11`);
      assert.equal(new Set(rows.map((r) => r.deviceAppId)).size, applications.length);
      assertSorted(rows, [[field, 'desc']]);
    }
    for (const keys of [[['appName', 'asc'], ['deviceName', 'desc']], [['osName', 'desc'], ['appName', 'asc'], ['esn', 'desc']],
      [['major', 'desc'], ['minor', 'asc'], ['deviceUid', 'asc']]]) {
      const rows = await walk(APPLICATIONS, `sortBy=${keys.map((k) => k.join(':')).join(' , ')}&pageSize=5`);
      assert.equal(rows.length, applications.length);
      assertSorted(rows, keys);
    }
    assertSorted(await walk(APPLICATIONS, ''), [['deviceUid', 'asc'], ['appId', 'asc']]);
    const all = names.map((n) => `${n}:desc`).join(',');
    assert.equal((await walk(APPLICATIONS, `sortBy=${all}&pageSize=10`)).length, applications.length);
  });

  test('a sort that cannot be is refused', async () => {
    for (const [query, code, field] of [
      ['sortBy=nonsense', 'INVALID_SORT', 'nonsense'], ['sortBy=username', 'INVALID_SORT', 'username'],
      ['sortBy=operatingSystem.name', 'INVALID_SORT', 'operatingSystem.name'], ['sortBy=esn:up', 'INVALID_SORT', 'esn'],
      ['sortBy=esn,deviceName', 'INVALID_SORT', 'sortBy'], ['sortBy=esn,esn', 'DUPLICATE_SORT_KEY', 'esn'],
      ['sortBy=esn:asc,esn:desc', 'DUPLICATE_SORT_KEY', 'esn'], ['sortBy=esn%3A', 'INVALID_SORT', 'esn'],
    ]) await refused(DEVICES, query, code, field);
    await refused(APPLICATIONS, 'sortBy=appName,esn,appName:desc', 'DUPLICATE_SORT_KEY', 'appName');
    await refused(APPLICATIONS, 'sortBy=appName,nonsense', 'INVALID_SORT', 'nonsense');
    await good(DEVICES, 'orderBy=nonsense&sortBy=');
  });

  test('select gives what it names, and always deviceUid', async () => {
    const only = async (query) => (await good(DEVICES, `${query}&pageSize=500`)).data;
    assert.deepEqual(Object.keys((await only('select=agentStatus'))[0]).sort(), ['agentStatus', 'deviceUid']);
    const first = devices[0];
    for (const query of ['select=operatingSystem.name', '?select=operatingSystem.name', '&select= operatingSystem.name ,',
      'select=deviceUid,operatingSystem.name,deviceUid,operatingSystem.name', 'select=operatingSystem%2Ename']) {
      assert.deepEqual((await only(query))[0], { deviceUid: first.deviceUid, operatingSystem: first.operatingSystem });
    }
    assert.deepEqual((await only('select=licenseAddon.id'))[0],
      { deviceUid: first.deviceUid, licenseAddon: [{ id: 'one' }, { id: 'two' }] });
    for (const row of await only('select=licenseAddon,rsvpStatus')) {
      const { deviceUid, licenseAddon, rsvpStatus } = devices.find((d) => d.deviceUid === row.deviceUid);
      assert.deepEqual(row, { deviceUid, licenseAddon, rsvpStatus });
    }
    await refused(DEVICES, 'select=esn,nonsense', 'INVALID_VALUE', 'nonsense');
    await refused(DEVICES, 'select=operatingSystem.nonsense', 'INVALID_VALUE', 'operatingSystem.nonsense');
    await refused(DEVICES, 'select=operatingSystem,operatingSystem.name', 'INVALID_VALUE', 'operatingSystem.name');
    await refused(DEVICES, 'select=operatingSystem.name,operatingSystem', 'INVALID_VALUE', 'operatingSystem');
    await refused(APPLICATIONS, 'select=appName,cpu', 'INVALID_VALUE', 'cpu');
    const app = (await good(APPLICATIONS, 'select=appName&pageSize=1')).data[0];
    assert.deepEqual(Object.keys(app).sort(), ['appName', 'deviceUid']);
  });

  test('every field of the document can be selected', async () => {
    const names = Object.keys(document.components.schemas.DeviceReport.properties);
    assert.ok(names.length > 90, `${names.length}`);
    for (const name of names) await good(DEVICES, `select=${name}&pageSize=1`);
    await good(DEVICES, `select=${names.join(',')}`);
  });

  test('rows have no nulls, dates have milliseconds, and the whole device is there', async () => {
    const { data } = await good(DEVICES, 'pageSize=500');
    for (const row of data) {
      const { accountUid, deviceGroupIds, ...rest } = row;
      assert.match(accountUid, /^[0-9a-f-]{36}$/);
      assert.deepEqual(deviceGroupIds, []);
      assert.deepEqual(rest, devices.find((d) => d.deviceUid === row.deviceUid));
    }
    assert.ok(!JSON.stringify(data).includes('null'));
    const apps = await walk(APPLICATIONS, 'pageSize=1000');
    for (const row of apps) {
      const { accountUid, ...rest } = row;
      assert.equal(accountUid, data[0].accountUid);
      assert.deepEqual(rest, JSON.parse(JSON.stringify(applications.find((a) => a.deviceAppId === row.deviceAppId))));
    }
  });

  test('page sizes have their usual and greatest value', async () => {
    assert.equal((await good(DEVICES, '')).data.length, 10);
    assert.equal((await good(DEVICES, 'pageSize=')).data.length, 10);
    assert.equal((await good(DEVICES, 'pageSize=500')).data.length, COUNT);
    assert.equal((await good(APPLICATIONS, 'pageSize=10000')).data.length, applications.length);
    for (const size of ['501', '0', '-1', 'many', '1.5']) await refused(DEVICES, `pageSize=${size}`, 'INVALID_VALUE', 'pageSize');
    await refused(APPLICATIONS, 'pageSize=10001', 'INVALID_VALUE', 'pageSize');
    await refused('/v3/configurations/device-groups/groups', 'pageSize=501', 'INVALID_VALUE', 'pageSize');
    await refused('/v3/reporting/licenses', 'pageSize=10001', 'INVALID_VALUE', 'pageSize');
  });

  test('nextPage comes back encoded or not, and serves for its own list only', async () => {
    for (const encode of [(x) => x, encodeURIComponent, (x) => [...x].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')]) {
      assert.equal((await walk(DEVICES, 'pageSize=9', encode)).length, COUNT);
    }
    const next = (await good(DEVICES, 'pageSize=2&agentStatusEmpty=false')).metadata.pagination.nextPage;
    const other = house.hs256('another one');
    const ask = (query, who = token, uri = DEVICES) => house.ask(who, 'GET', uri, { query });
    await until(() => house.ask(other, 'GET', '/v3/whoami'), (a) => a.status === 200);
    const query = `pageSize=2&agentStatusEmpty=false&nextPage=${next}`;
    assert.equal((await ask(query)).status, 200);
    assert.equal((await ask(`nextPage=${next}&agentStatusEmpty=false&pageSize=2`)).status, 200);
    assert.deepEqual((await ask(query, other)).json, (await ask(query)).json, 'a token that sees the same may go on');
    for (const bad of [`pageSize=3&agentStatusEmpty=false&nextPage=${next}`, `pageSize=2&nextPage=${next}`,
      `pageSize=2&agentStatusEmpty=true&nextPage=${next}`, `pageSize=2&agentStatusEmpty=false&sortBy=esn&nextPage=${next}`,
      `pageSize=2&agentStatusEmpty=false&nextPage=${next.slice(0, -2)}`, `pageSize=2&agentStatusEmpty=false&nextPage=${next}AAAA`,
      `pageSize=2&agentStatusEmpty=false&nextPage=${(next[0] === 'A' ? 'B' : 'A') + next.slice(1)}`,
      'pageSize=2&agentStatusEmpty=false&nextPage=WyJhIl0=']) {
      await refused(DEVICES, bad, 'INVALID_VALUE', 'nextPage');
    }
    await refused(APPLICATIONS, query, 'INVALID_VALUE', 'nextPage');
  });

  test('what clients send is forgiven', async () => {
    for (const query of ['&pageSize=500', '?pageSize=500', '?&pageSize=500&', 'pageSize=500&nonsense=1&=2&3',
      "pageSize=500&$filter=(appNameContains eq 'x')&$select=esn", 'pageSize=500&select=deviceName, esn,,  agentStatus']) {
      assert.equal((await good(DEVICES, query)).data.length, COUNT, query);
    }
    const { data } = await good(DEVICES, "usernameContains=o'h&pageSize=500");
    assert.deepEqual(data.map((d) => d.deviceUid), devices.filter((d) => d.username === "o'hara").map((d) => d.deviceUid));
  });
});
