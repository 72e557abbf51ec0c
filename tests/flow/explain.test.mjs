// SPDX-License-Identifier: Apache-2.0
// Explain from outside: the command over the data folder and the admin API of the server
// say what the server does with the same request, and use nothing up.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, until } from './support/house.mjs';
import { refused } from './support/outside.mjs';

const DEVICES = '/v3/reporting/devices';
const stepOf = (explanation, name) => explanation.steps.find((step) => step.name === name);
const failed = (explanation) => explanation.steps.filter((step) => step.outcome === 'failed').map((step) => step.name);

describe('the command', () => {
  test('says what is missing, all of it, and who has it', (t) => {
    const house = makeHouse(t);
    const token = house.hs256('poor', '--permission', 'Device reports:View', '--approved-ip', '192.0.2.0/24');
    const done = house.cli('explain', '--json', token.id, 'get', `${DEVICES}?select=geoData`, '--from', '203.0.113.9');
    assert.equal(done.status, 1, done.stderr);
    const said = JSON.parse(done.stdout);
    assert.deepEqual([said.isPermitted, said.verdict, said.status], [false, 'address', 401]);
    assert.deepEqual(failed(said), ['address', 'permission']);
    assert.match(stepOf(said, 'address').whatToDo, /203\.0\.113\.9/);
    assert.equal(stepOf(said, 'address').link, `/tokens/${token.id}`);
    assert.deepEqual(said.operation.needs.map((need) => [need.permission, need.isMissing, need.because?.field ?? null]), [
      ['Device Fields:View', true, null], ['Device reports:View', false, null], ['Geolocation:View', true, 'geoData']]);
    assert.ok(said.operation.needs[0].isInRole);
    assert.ok(said.operation.needs[0].otherRoles.includes('Administrator'));
    assert.match(stepOf(said, 'permission').link, /^\/tokens\/new\?permission=Device%20Fields%3AView&permission=/);
    assert.equal(said.token.title, 'poor');

    const words = house.cli('explain', token.id, 'get', `${DEVICES}?select=geoData`);
    assert.match(words.stdout, /failed +permission/);
    assert.match(words.stdout, /Geolocation:View +missing, for geoData/);
    assert.match(words.stdout, /not asked +address/);
    assert.match(words.stdout, /It would be refused: 403 PERMISSION_MISSING\./);
  });

  test('a request that would be let in ends with 0, the next second with 1', (t) => {
    const house = makeHouse(t);
    const token = house.hs256('good');
    assert.match(house.ok('explain', token.id, 'GET', DEVICES), /It would be let in\./);
    const end = Date.parse(`${token.expires}T00:00:00Z`) + 86_400_000;
    const at = (ms) => house.cli('explain', token.id, 'GET', DEVICES, '--at', new Date(ms).toISOString());
    assert.equal(at(end - 1000).status, 0);
    assert.equal(at(end).status, 1);
    assert.match(at(end).stdout, /the token has expired/);
    const late = house.cli('explain', token.id, 'GET', DEVICES, '--at', '2027-01-01T00:05:00Z', '--issued-at', '2026-12-31T23:59:59Z');
    assert.match(late.stdout, /issuedAt is 301 s in the past/);
  });

  test('what cannot be understood gets one sentence', (t) => {
    const house = makeHouse(t);
    refused(house.cli('explain', 'x', 'GET', '/v3/whoami', '--from', '300.1.1.1'), 1, /'300.1.1.1' is not an IP address/);
    refused(house.cli('explain', 'x', 'GET', '/v3/whoami', '--body', '{'), 1, /the body is not JSON: line 1/);
    refused(house.cli('explain', 'x', 'GET', '/v3/whoami', '--at', 'noon'), 1, /'noon' is not a moment/);
    const unknown = house.cli('explain', 'x', 'GET', '/v3/whoami');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stdout, /there is no token with this ID/);
  });
});

describe('the admin API', () => {
  test('says what the server does, and uses nothing up', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const token = house.hs256('one');
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    const cases = [
      ['GET', '/v3/whoami', '', null], ['GET', DEVICES, 'select=geoData', null], ['GET', '/v3/nothing', '', null],
      ['PUT', '/v3/whoami', '', null], ['GET', '/v3//whoami', '', null], ['get', '/v3/whoami', '', null],
    ];
    for (const [method, uri, query, body] of cases) {
      const reply = await ada.post('/explain', { tokenId: token.id, method, uri, query, body, address: '127.0.0.1' });
      assert.equal(reply.status, 200, reply.text);
      const answer = await house.ask(token, method, uri, { query });
      const { explanation } = reply.json;
      assert.equal(explanation.isPermitted, answer.status === 200, `${method} ${uri}: ${answer.text}`);
      if (explanation.isPermitted) continue;
      assert.equal(explanation.status, answer.status);
      assert.equal(explanation.code, answer.json.details[0].code);
      assert.equal(explanation.steps.find((step) => step.outcome === 'failed').detail, answer.json.details[0].message);
    }
    const before = (await ada.get(`/tokens/${token.id}/use`)).json;
    await ada.post('/explain', { tokenId: token.id, method: 'GET', uri: '/v3/whoami' });
    assert.deepEqual((await ada.get(`/tokens/${token.id}/use`)).json, before);
  });

  test('a kept refusal is explained by its request id, redacted', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const token = house.hs256('poor', '--permission', 'Device reports:View');
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    const answer = await house.ask(token, 'GET', DEVICES, { query: 'select=geoData&password=hunter2&hunter2' });
    assert.equal(answer.status, 403);
    const id = answer.headers.get('x-request-id');
    const reply = await ada.post('/explain', { requestId: id });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.refusal.verdict, 'permission');
    assert.equal(reply.json.refusal.query, 'select=geoData&password=***&***');
    assert.equal(reply.json.explanation.request.query, 'select=geoData&password=***&***');
    assert.ok(!reply.text.includes('hunter2'));
    assert.deepEqual(failed(reply.json.explanation), ['permission']);
    assert.equal(reply.json.explanation.operation.needs.at(-1).because.field, 'geoData');
    const kept = (await ada.get(`/tokens/${token.id}/refusals`)).json.data[0];
    assert.deepEqual([kept.requestId, kept.query], [id, 'select=geoData&password=***&***']);
    assertProblem(await ada.post('/explain', { requestId: '01J9ZZZZZZZZZZZZZZZZZZZZZZ' }), 404, 'NOT_FOUND');
    assertProblem(await ada.post('/explain', { requestId: id, method: 'GET' }), 422, 'INVALID');
  });

  test('others ask about their own tokens only, and see no roles that they may not see', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const theirs = house.hs256('of ada');
    house.ok('role', 'add', 'Token makers', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View');
    house.ok('user', 'add', 'eve@example.com', '--role', 'Token makers', '--password-file', house.file('pw2', 'a password of somebody\n'));
    const eves = JSON.parse(house.ok('token', 'create', '--user', 'eve@example.com', '--title', 'eve', '--json'));
    const visitor = await loggedIn(house, 'eve@example.com', 'a password of somebody');
    const own = { tokenId: eves.id, method: 'GET', uri: DEVICES };
    await until(() => visitor.post('/explain', own), (a) => a.json?.explanation?.token); // the server has heard of it
    const reply = await visitor.post('/explain', own);
    assert.deepEqual(failed(reply.json.explanation), ['permission']);
    assert.deepEqual(reply.json.explanation.operation.needs[0].otherRoles, []);
    const asked = await ada.post('/explain', own);
    assert.ok(asked.json.explanation.operation.needs[0].otherRoles.includes('Administrator'));
    assertProblem(await visitor.post('/explain', { ...own, tokenId: theirs.id }), 404, 'NOT_FOUND');
    assertProblem(await visitor.post('/explain', { ...own, tokenId: 'nobody' }), 404, 'NOT_FOUND');
    const nobody = await ada.post('/explain', { ...own, tokenId: 'nobody' });
    assert.equal(nobody.json.explanation.verdict, 'unknown_token');
    const refusal = await house.ask(theirs, 'GET', '/v3/nothing');
    const unseen = await visitor.post('/explain', { requestId: refusal.headers.get('x-request-id') });
    assertProblem(unseen, 404, 'NOT_FOUND');
    assert.equal((await ada.post('/explain', { requestId: refusal.headers.get('x-request-id') })).status, 200, 'it is kept');
    assert.equal(unseen.json.detail, (await visitor.post('/explain', { requestId: '01J9ZZZZZZZZZZZZZZZZZZZZZZ' })).json.detail, 'as if there were none');
  });

  test('what is described wrongly is named', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const token = house.hs256('one');
    const good = { tokenId: token.id, method: 'GET', uri: '/v3/whoami' };
    const faults = async (body) => {
      const reply = await ada.post('/explain', body);
      assertProblem(reply, 422, 'INVALID');
      return reply.json.errors.map((error) => error.field);
    };
    assert.deepEqual(await faults({}), ['tokenId', 'method', 'uri']);
    assert.deepEqual(await faults({ ...good, address: 'home' }), ['address']);
    assert.deepEqual(await faults({ ...good, body: '{' }), ['body']);
    assert.deepEqual(await faults({ ...good, at: 'noon' }), ['at']);
    assert.deepEqual(await faults({ ...good, issuedAt: '2026' }), ['issuedAt']);
    assert.deepEqual(await faults({ ...good, colour: 'red' }), ['colour']);
  });
});

describe('pick calls, get permissions', () => {
  const LOG = ['203.0.113.9 - - [27/Nov/2026:01:00:00 +0000] "GET /v3/reporting/devices?select=geoData HTTP/1.1" 200 5 "-" "curl"',
    '{"method":"GET","uri":"/v3/reporting/siem-events"}', 'GET /v3/whoami', 'rubbish'].join('\n');

  test('the command and the admin API give the least set, which is enough', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const file = house.file('access.log', LOG);
    const said = JSON.parse(house.ok('permissions', 'for', '--log', file, '--json'));
    assert.deepEqual(said.permissions, ['Device Fields:View', 'Device reports:View', 'Geolocation:View', 'SIEM integration:Manage']);
    assert.deepEqual(said.licences, [['Control', 'Resilience']]);
    assert.deepEqual([said.matchedCount, said.unmatchedCount, said.unmatched[0].line], [3, 1, 4]);
    assert.match(house.ok('permissions', 'for', '--call', 'GET /v3/whoami'), /no permission/);
    const reply = await ada.post('/permissions/for', { text: LOG });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual({ ...reply.json, lacking: undefined }, { ...said, lacking: undefined });
    assert.deepEqual(reply.json.lacking, []);
    // enough, and none too many
    const args = (names) => names.flatMap((name) => ['--permission', name]);
    const enough = house.hs256('enough', ...args(said.permissions));
    const query = { query: 'select=geoData' };
    await until(() => house.ask(enough, 'GET', DEVICES, query), (a) => a.status === 200);
    for (const name of ['Device Fields:View', 'Device reports:View', 'Geolocation:View']) {
      const less = house.hs256('less', ...args(said.permissions.filter((one) => one !== name)));
      await until(() => house.ask(less, 'GET', '/v3/whoami'), (a) => a.status === 200);
      assert.equal((await house.ask(less, 'GET', DEVICES, query)).status, 403, name);
    }
    assertProblem(await ada.post('/permissions/for', { text: LOG, prefix: 'v3' }), 422, 'INVALID');
    assert.equal((await ada.post('/permissions/for', { text: 'GET /whoami', prefix: '/v3/' })).json.matchedCount, 1);
    refused(house.cli('permissions', 'for'), 2, /name calls by --call/);
    refused(house.cli('permissions', 'for', '--log', `${file}.none`), 1, /access.log.none/);
  });
});

describe('by the request id of a refusal', () => {
  test('the command explains what was refused, and only that', async (t) => {
    const house = await openHouse(t);
    const token = house.hs256('poor', '--permission', 'Device reports:View');
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    const refusal = await house.ask(token, 'GET', DEVICES, { query: 'select=geoData&filter=secret' });
    assert.equal(refusal.status, 403);
    const id = refusal.headers.get('x-request-id');
    const done = house.cli('explain', '--json', '--request-id', id);
    assert.equal(done.status, 1, done.stderr);
    const said = JSON.parse(done.stdout);
    const ada = await loggedIn(house);
    assert.deepEqual(said.refusal, (await ada.post('/explain', { requestId: id })).json.refusal, 'as the admin API says it');
    assert.deepEqual([said.refusal.requestId, said.refusal.code, said.explanation.verdict], [id, 'PERMISSION_MISSING', 'permission']);
    assert.deepEqual(failed(said.explanation), ['permission']);
    assert.ok(!done.stdout.includes('secret'), 'of the query only what a verdict looks at is kept');

    const words = house.cli('explain', '--request-id', id);
    assert.match(words.stdout, /^Refused at .*: 403 PERMISSION_MISSING\n/);
    assert.match(words.stdout, /path +\/v3\/reporting\/devices/);
    assert.match(words.stdout, /Geolocation:View +missing, for geoData/);
    const permitted = await house.ask(token, 'GET', '/v3/whoami');
    refused(house.cli('explain', '--request-id', permitted.headers.get('x-request-id')), 1, /no refusal of the request '.*' is kept/);
    refused(house.cli('explain', '--request-id', id, token.id, 'GET', DEVICES), 2, /nothing else is described/);
    refused(house.cli('explain', '--request-id', id, '--from', '127.0.0.1'), 2, /nothing else is described/);
    refused(house.cli('explain', '--request-id', 'x'.repeat(40)), 1, /is no request id/);
    refused(house.cli('explain', token.id, 'GET'), 2, /something is missing/);
  });

  test('without a server there is nobody to ask', (t) => {
    const house = makeHouse(t);
    refused(house.cli('explain', '--request-id', '01M8DPCG2GXQGN9XG5K4MVSK7F'), 1, /no server answers over this data folder/);
  });
});

describe('suggest', () => {
  test('what was never used is named; what was used, and what it implies, is not', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const token = house.hs256('broad', '--permission', 'Device Fields:View', '--permission', 'Device reports:View',
      '--permission', 'Software reports:View', '--permission', 'Geolocation:View', '--approved-ip', '127.0.0.1', '--approved-ip', '10.0.0.0/8');
    const path = `/tokens/${token.id}/suggestion`;
    await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
    assert.deepEqual((await ada.get(path)).json.used.permissions, []);
    assert.equal((await house.ask(token, 'GET', DEVICES, { query: 'select=geoData' })).status, 200);
    assert.equal((await house.ask(token, 'GET', '/v3/nothing')).status, 404);
    await until(() => ada.get(path), (a) => a.json.used.permissions.length > 0, 30_000);
    const said = (await ada.get(`${path}?days=30`)).json;
    assert.deepEqual(said.used, { permissions: ['Device Fields:View', 'Device reports:View', 'Geolocation:View'], approvedAddresses: ['127.0.0.1'], groups: [] });
    assert.deepEqual(said.unused, { permissions: ['Software reports:View'], approvedAddresses: ['10.0.0.0/8'], groups: [] });
    assert.deepEqual([said.days, said.isWhole, said.isUsed], [30, false, true], 'nobody knows of the days before');
    assert.equal(said.since, new Date().toISOString().slice(0, 10));
    assert.equal((await ada.get(`${path}?days=1`)).json.isWhole, true);

    const typed = JSON.parse(house.ok('token', 'suggest', token.id, '--json'));
    assert.deepEqual(typed.unused, { permissions: ['Software reports:View'], approvedAddresses: ['10.0.0.0/8'], groups: [] });
    assert.match(house.ok('token', 'suggest', token.id, '--days', '1'), /not used in 1 days:\n +Software reports:View/);
    refused(house.cli('token', 'suggest', token.id, '--days', '0'), 1, /--days '0' is no number from 1 to 365/);
    refused(house.cli('token', 'suggest', 'nobody'), 1, /there is no token 'nobody'/);
    assertProblem(await ada.get(`${path}?days=400`), 422, 'INVALID');
  });

  test('a device group is used by a device in it, or by a list', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const uid = (n) => `11111111-2222-4333-8444-55555555555${n}`;
    house.ok('device', 'import', house.file('d.json', JSON.stringify([1, 2].map((n) => ({ deviceUid: uid(n), deviceName: `D${n}`, esn: `E${n}` })))));
    for (const [n, name] of [[1, 'Montreal'], [2, 'Lyon']]) {
      house.ok('group', 'add', name);
      house.ok('group', 'assign', name, '--device', uid(n));
      house.ok('group', 'assign', name, '--user', ADMIN);
    }
    const [one, lister] = [house.hs256('asks for one'), house.hs256('lists')];
    const unused = async (token) => (await ada.get(`/tokens/${token.id}/suggestion`)).json.unused.groups.map((group) => group.name).sort();
    for (const token of [one, lister]) {
      await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
      assert.deepEqual(await unused(token), ['Lyon', 'Montreal'], 'asking who one is uses no group');
    }
    assert.equal((await house.ask(one, 'GET', `/v3/configurations/customfields/devices/${uid(1)}`)).status, 200);
    assert.equal((await house.ask(lister, 'GET', DEVICES)).status, 200);
    await until(() => unused(lister), (names) => names.length === 0, 30_000);
    await until(() => unused(one), (names) => names.join() === 'Lyon', 30_000);
  });
});
