// SPDX-License-Identifier: Apache-2.0
// Every refusal of the step table, provoked over the wire, beside the nearest request that
// is let in; and before the signature is proved, all refusals look the same.
import assert from 'node:assert/strict';
import { before, after, describe, test } from 'node:test';
import { generateKeyPairSync, createSecretKey, randomUUID } from 'node:crypto';
import { ADMIN, makeHouse, sign, until } from './support/house.mjs';

describe('the gate', () => {
  const undo = [];
  let house, hs, es;
  const WHOAMI = '/v3/whoami';
  const DEVICES = '/v3/reporting/devices';
  const UID = '11111111-2222-4333-8444-555555555555';
  before(async () => {
    house = makeHouse({ after: (f) => undo.unshift(f) });
    house.ok('device', 'import', house.file('d.json', JSON.stringify([{
      deviceUid: UID, deviceName: 'ONE', esn: 'E1', geoData: { location: { point: { type: 'Point', coordinates: [1, 2] }, geoAddress: { city: 'Montreal' } } },
    }])));
    hs = house.hs256('all rights');
    es = house.es256('all rights too');
    await house.start();
  });
  after(async () => {
    for (const f of undo) await f();
  });

  const refused = (answer, status, code, words) => {
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.match(answer.headers.get('x-request-id'), /^[0-9A-Z]{26}$/);
    if (code) {
      assert.equal(answer.json.details[0]?.code, code, answer.text);
      assert.match(answer.json.details[0].message, words);
    }
  };
  const good = (answer) => assert.equal(answer.status, 200, answer.text);

  test('read: what is no JWS is told so', async () => {
    for (const body of ['', 'x', 'a.b', 'a.b.c.d', '..', '{}', 'e30.e30.', `${await sign(hs, 'GET', WHOAMI)} x`]) {
      refused(await house.post(body), 400, 'NOT_A_JWS', /./);
    }
    good(await house.post(await sign(hs, 'GET', WHOAMI)));
  });

  test('read: a message over its limit', async () => {
    const answer = await house.post('a'.repeat(1024 * 1024 + 1)).catch(() => ({ status: 413 }));
    assert.equal(answer.status, 413);
  });

  test('header: what cannot be read, appears twice or is critical', async () => {
    const [, payload, signature] = (await sign(hs, 'GET', WHOAMI)).split('.');
    const now = Date.now();
    const whole = `"alg":"HS256","kid":"${hs.id}","method":"GET","uri":"${WHOAMI}","issuedAt":${now}`;
    for (const text of ['[]', 'x', '{', `{${whole}`, `{${whole},"kid":"other"}`, `{${whole},"\\u006bid":"${hs.id}"}`,
      `{${whole},"alg":"HS256"}`, `{${whole},"crit":["exp"]}`, `{"alg":"none","kid":"${hs.id}"}`, `{"alg":"HS256"}`,
      `{${whole.replace(String(now), 'true')}}`, `{${whole}} `.replace('} ', '}}')]) {
      refused(await house.post(`${Buffer.from(text).toString('base64url')}.${payload}.${signature}`), 400, 'BAD_JWS_HEADER', /./);
    }
  });

  test('before the signature is proved all refusals are one and the same', async () => {
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const flip = (jws) => {
      const at = jws.lastIndexOf('.') + 3;
      return jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1);
    };
    const suspended = house.hs256('suspended');
    house.ok('token', 'suspend', suspended.id);
    const bound = house.hs256('bound', '--approved-ip', '203.0.113.7');
    await until(() => house.ask(suspended, 'GET', WHOAMI), (a) => a.status === 401);
    await until(() => house.ask(bound, 'GET', WHOAMI), (a) => a.json?.details?.[0]?.code === 'ADDRESS_NOT_APPROVED');
    const tries = {
      'no such token, HS256': await sign({ ...hs, id: randomUUID() }, 'GET', WHOAMI),
      'no such token, ES256': await sign({ ...es, id: randomUUID() }, 'GET', WHOAMI),
      'an id that is no UUID': await sign({ ...hs, id: "x' OR 1=1 --" }, 'GET', WHOAMI),
      'one bit off, HS256': flip(await sign(hs, 'GET', WHOAMI)),
      'one bit off, ES256': flip(await sign(es, 'GET', WHOAMI)),
      'another secret': await sign({ ...hs, key: createSecretKey('0'.repeat(88), 'utf8') }, 'GET', WHOAMI),
      'another key': await sign({ ...es, key: stranger }, 'GET', WHOAMI),
      'the right key under another token': await sign({ ...hs, id: suspended.id }, 'GET', WHOAMI),
      'the algorithm of the other kind': await sign({ ...hs, id: es.id }, 'GET', WHOAMI),
      'a suspended token, wrong signature': flip(await sign(suspended, 'GET', WHOAMI)),
      'a foreign address, wrong signature': flip(await sign(bound, 'GET', WHOAMI)),
      'no such operation, wrong signature': flip(await sign(hs, 'GET', '/v3/nothing')),
      'stale, wrong signature': flip(await sign(hs, 'GET', WHOAMI, { issuedAt: 1 })),
      'a bad uri, wrong signature': flip(await sign(hs, 'GET', '/v3/../x')),
      'a payload that is no JSON, wrong signature': flip(await sign(hs, 'GET', WHOAMI, { payload: '{' })),
    };
    const look = (a) => JSON.stringify([a.status, a.text, [...a.headers].filter(([n]) => !/^(x-request-id|date)$/.test(n))]);
    const looks = new Map();
    for (const [name, jws] of Object.entries(tries)) {
      const answer = await house.post(jws);
      assert.equal(answer.status, 401, `${name}: ${answer.text}`);
      assert.equal(answer.json.code, 'NOT_AUTHENTICATED');
      assert.deepEqual(answer.json.details, [], name);
      looks.set(look(answer), name);
    }
    assert.equal(looks.size, 1, JSON.stringify([...looks]));
  });

  test('address: only from where the token may be used', async () => {
    const here = house.hs256('from here', '--approved-ip', '127.0.0.0/8');
    const away = house.hs256('from away', '--approved-ip', '127.0.0.2', '--approved-ip', '2001:db8::/32');
    await until(() => house.ask(here, 'GET', WHOAMI), (a) => a.status === 200);
    await until(() => house.ask(away, 'GET', WHOAMI), (a) => a.json?.details?.length === 1);
    refused(await house.ask(away, 'GET', WHOAMI), 401, 'ADDRESS_NOT_APPROVED', /127\.0\.0\.1/);
    house.ok('token', 'edit', away.id, '--approved-ip', '127.0.0.1');
    await until(() => house.ask(away, 'GET', WHOAMI), (a) => a.status === 200);
  });

  test('address: a forged X-Forwarded-For from a peer that is no trusted proxy changes nothing', async () => {
    const away = house.hs256('behind a proxy', '--approved-ip', '203.0.113.9');
    await until(() => house.ask(away, 'GET', WHOAMI), (a) => a.json?.details?.length === 1);
    for (const headers of [{ 'x-forwarded-for': '203.0.113.9' }, { forwarded: 'for=203.0.113.9' }, { 'x-real-ip': '203.0.113.9' }]) {
      refused(await house.post(await sign(away, 'GET', WHOAMI), { headers }), 401, 'ADDRESS_NOT_APPROVED', /127\.0\.0\.1/);
    }
  });

  test('life: suspended, resumed and deleted take effect within 200 ms', async () => {
    const token = house.es256('short life');
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
    house.ok('token', 'suspend', token.id);
    const took = await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 401);
    assert.ok(took < 200 * slow(), `${took} ms`);
    refused(await house.ask(token, 'GET', WHOAMI), 401, 'TOKEN_SUSPENDED', /suspended/);
    house.ok('token', 'resume', token.id);
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
    house.ok('token', 'delete', token.id);
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 401 && a.json.details.length === 0);
  });

  test('life: a suspended user takes all their tokens along', async () => {
    const password = house.file('pw', 'another long password\n');
    house.ok('user', 'add', 'bob@example.com', '--role', 'System Administrator', '--password-file', password);
    const made = JSON.parse(house.ok('token', 'create', '--user', 'bob@example.com', '--title', 'of bob', '--json'));
    const token = { ...made, alg: 'HS256', key: createSecretKey(made.secret, 'utf8') };
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
    house.ok('user', 'suspend', 'bob@example.com');
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 401);
    refused(await house.ask(token, 'GET', WHOAMI), 401, 'USER_SUSPENDED', /user/);
    house.ok('user', 'resume', 'bob@example.com');
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
    house.ok('user', 'delete', 'bob@example.com');
    await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 401 && a.json.details.length === 0);
  });

  test('fresh: issuedAt within 300 seconds, and the skew is told', async () => {
    const at = (s) => house.ask(hs, 'GET', WHOAMI, { issuedAt: Date.now() + s * 1000 });
    good(await at(-290));
    good(await at(290));
    refused(await at(-310), 401, 'ISSUED_AT_OUTSIDE_WINDOW', /31\d/);
    refused(await at(310), 401, 'ISSUED_AT_OUTSIDE_WINDOW', /3(09|10)/);
    refused(await house.ask(hs, 'GET', WHOAMI, { issuedAt: 0 }), 401, 'ISSUED_AT_OUTSIDE_WINDOW', /./);
    refused(await house.ask(hs, 'GET', WHOAMI, { issuedAt: Math.floor(Date.now() / 1000) }), 401, 'ISSUED_AT_OUTSIDE_WINDOW', /./);
  });

  test('once: a change is taken once; the same again, or with the other signature, is not', async () => {
    const definitions = await house.ask(hs, 'GET', '/v3/configurations/customfields/definitions');
    good(definitions);
    const field = definitions.json.data.find((d) => d.type === 'Text');
    for (const token of [hs, es]) {
      const put = (value) => sign(token, 'PUT', `/v3/configurations/customfields/devices/${UID}`,
        { data: [{ cdfUid: field.cdfUid, cdfFieldValue: value }] });
      const jws = await put('first');
      const answer = await house.post(jws);
      assert.equal(answer.status, 202, answer.text);
      assert.equal(answer.text, '');
      refused(await house.post(jws), 401, 'REQUEST_ALREADY_USED', /./);
      refused(await house.post(`${jws}\n`), 401, 'REQUEST_ALREADY_USED', /./);
      if (token.alg === 'ES256') refused(await house.post(otherSignature(jws)), 401, 'REQUEST_ALREADY_USED', /./);
      assert.equal((await house.post(await put('second'))).status, 202);
    }
    const get = await sign(hs, 'GET', WHOAMI);
    good(await house.post(get));
    good(await house.post(get));
  });

  test('route: what is not there, and what can be read in two ways', async () => {
    for (const uri of ['/v3/nothing', '/v3/reporting', '/v3/reporting/devices/', '/v2/reporting/devices', '/V3/whoami']) {
      const answer = await house.ask(hs, 'GET', uri);
      assert.ok([400, 404].includes(answer.status), `${uri}: ${answer.text}`);
    }
    refused(await house.ask(hs, 'GET', '/v3/nothing'), 404, 'NO_SUCH_OPERATION', /nothing/);
    refused(await house.ask(hs, 'DELETE', WHOAMI), 404, 'NO_SUCH_OPERATION', /./);
    for (const uri of ['/v3/x/../whoami', '/v3/%2e%2e/whoami', '/v3//whoami', '/v3/whoami?x=1', '/v3/who\u0000ami', '/v3/whoami%00',
      '/v3/reporting%2Fdevices', 'v3/whoami', '', '/v3/whoami#x', '/v3\\whoami', '/v3/./whoami', '/v3/whoami%3Fx', 'http://x/v3/whoami']) {
      const answer = await house.ask(hs, 'GET', uri);
      assert.ok([400, 404].includes(answer.status), `${uri}: ${answer.status} ${answer.text}`);
    }
    refused(await house.ask(hs, 'GET', '/v3/whoami?x=1'), 400, 'BAD_INNER_REQUEST', /query/);
    for (const method of ['get', 'GET ', 'TRACE', '']) {
      const answer = await house.ask(hs, method, WHOAMI);
      assert.ok([400, 404].includes(answer.status), `${method}: ${answer.text}`);
    }
  });

  test('permission: what is missing is named', async () => {
    const narrow = house.hs256('narrow', '--permission', 'Device reports:View', '--permission', 'Geolocation:View');
    const wide = house.hs256('wide', '--permission', 'Device reports:View', '--permission', 'Device Fields:View');
    await until(() => house.ask(narrow, 'GET', WHOAMI), (a) => a.status === 200);
    await until(() => house.ask(wide, 'GET', DEVICES), (a) => a.status === 200);
    refused(await house.ask(narrow, 'GET', DEVICES), 403, 'PERMISSION_MISSING', /Device Fields:View/);
    refused(await house.ask(wide, 'GET', '/v3/reporting/applications'), 403, 'PERMISSION_MISSING', /Software reports:View/);
    refused(await house.ask(wide, 'PUT', `/v3/configurations/customfields/devices/${UID}`, { data: [] }), 403, 'PERMISSION_MISSING', /Device Fields:Manage/);
    // extras: asked for by name they are refused, else left out
    refused(await house.ask(wide, 'GET', DEVICES, { query: 'select=esn,geoData' }), 403, 'PERMISSION_MISSING', /geoData.*Geolocation:View|Geolocation:View.*geoData/);
    const { json } = await house.ask(wide, 'GET', DEVICES);
    assert.equal(json.data[0].deviceUid, UID);
    assert.equal('geoData' in json.data[0], false);
    const all = (await house.ask(hs, 'GET', DEVICES)).json;
    assert.deepEqual(all.data[0].geoData.location.point.coordinates, [1, 2]);
    const city = house.hs256('city', ...['Device reports:View', 'Device Fields:View', 'Geolocation:View'].flatMap((p) => ['--permission', p]));
    await until(() => house.ask(city, 'GET', DEVICES), (a) => a.status === 200);
    refused(await house.ask(city, 'GET', DEVICES, { query: 'select=geoData.location.point' }), 403, 'PERMISSION_MISSING', /Address-level view/);
    const cities = (await house.ask(city, 'GET', DEVICES, { query: 'select=geoData' })).json.data[0];
    assert.deepEqual(cities, { deviceUid: UID, geoData: { location: { geoAddress: { city: 'Montreal' } } } });
  });

  test('permission: a right that the role has lost is lost at once', async () => {
    const password = house.file('pw2', 'another long password\n');
    house.ok('role', 'add', 'Reporters', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View', '--permission', 'Device Fields:View');
    house.ok('user', 'add', 'eve@example.com', '--role', 'Reporters', '--password-file', password);
    const made = JSON.parse(house.ok('token', 'create', '--user', 'eve@example.com', '--title', 'of eve', '--json'));
    const token = { ...made, alg: 'HS256', key: createSecretKey(made.secret, 'utf8') };
    await until(() => house.ask(token, 'GET', DEVICES), (a) => a.status === 200);
    house.ok('role', 'change', 'Reporters', '--remove', 'Device reports:View');
    await until(() => house.ask(token, 'GET', DEVICES), (a) => a.status === 403);
    refused(await house.ask(token, 'GET', DEVICES), 403, 'PERMISSION_MISSING', /Device reports:View/);
  });

  test('groups: rows are limited to the device groups of the token', async () => {
    house.ok('device', 'import', house.file('two.json', JSON.stringify([{ deviceName: 'TWO', esn: 'E2' }])));
    house.ok('group', 'add', 'Lyon');
    house.ok('group', 'assign', 'Lyon', '--device', 'E2');
    const lyon = house.hs256('lyon', '--group', 'Lyon');
    await until(() => house.ask(lyon, 'GET', DEVICES), (a) => a.status === 200);
    const names = (a) => a.json.data.map((d) => d.deviceName).sort();
    assert.deepEqual(names(await house.ask(lyon, 'GET', DEVICES)), ['TWO']);
    assert.deepEqual(names(await house.ask(hs, 'GET', DEVICES)), ['ONE', 'TWO']);
    const fields = (token) => house.ask(token, 'GET', `/v3/configurations/customfields/devices/${UID}`);
    assert.equal((await fields(lyon)).status, 404);
    assert.equal((await fields(hs)).status, 200);
    assert.equal((await house.ask(lyon, 'PUT', `/v3/configurations/customfields/devices/${UID}`, { data: [] })).status, 404);
  });

  test('whoami tells a token who it is', async () => {
    const { json } = await house.ask(es, 'GET', WHOAMI);
    assert.equal(json.data.tokenId, es.id);
    assert.equal(json.data.title, 'all rights too');
    assert.ok(json.data.permissions.includes('Device reports:View'));
    assert.match(JSON.stringify(json.data), /127\.0\.0\.1/);
    assert.match(json.data.expires ?? '', /^\d{4}-\d\d-\d\d/);
  });

  test('an unsigned request for a resource is 401, an unknown path 404', async () => {
    assert.equal((await fetch(`${house.url}/v3/reporting/devices`)).status, 401);
    assert.equal((await fetch(`${house.url}/nothing`)).status, 404);
    const get = await fetch(`${house.url}/jws/validate`);
    assert.equal(get.status, 405);
    assert.equal(get.headers.get('allow'), 'POST');
  });

  test('the log names refusals, never a secret', async () => {
    await house.ask(hs, 'GET', '/v3/nothing');
    assert.match(house.log, /refused why="no_route"/);
    assert.ok(!house.log.includes(hs.secret));
    assert.ok(!house.log.includes('eyJ'), 'no signed request in the log');
  });

  test('Event History has each change of a token, never a secret', () => {
    const events = JSON.parse(house.ok('events', 'list', '--json', '--count', '1000'));
    const text = JSON.stringify(events);
    assert.match(text, /API token updated/);
    assert.match(text, /created/);
    assert.match(text, /suspended/);
    assert.ok(!text.includes(hs.secret));
    assert.ok(text.includes(ADMIN));
  });

  /** (r, n - s) is as good a signature as (r, s), and anybody can make it. */
  function otherSignature(jws) {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const [head, payload, signature] = jws.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex')]);
    return `${head}.${payload}.${other.toString('base64url')}`;
  }

  /** Sanitized builds on a busy machine are slower; the promise is for releases. */
  function slow() {
    return /build-san/.test(process.env.TOKENHOUSE ?? '') ? 5 : 1;
  }
});

describe('rates', () => {
  test('a token over its rate hears 429 with Retry-After, and is let in again', async (t) => {
    const house = makeHouse(t);
    const token = house.hs256('quick');
    await house.start({ ini: '[gate]\ntoken_rate_per_s = 5\n' });
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push(await house.ask(token, 'GET', '/v3/whoami'));
    const refusedOnes = answers.filter((a) => a.status === 429);
    assert.ok(refusedOnes.length >= 5, JSON.stringify(answers.map((a) => a.status)));
    assert.ok(answers.filter((a) => a.status === 200).length >= 5);
    assert.match(refusedOnes[0].headers.get('retry-after'), /^[1-9]\d*$/);
    assert.equal(refusedOnes[0].json.code, 'RATE_LIMITED');
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
  });
});
