// SPDX-License-Identifier: Apache-2.0
// What happens to a token and its user on the command line is followed by the server.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openHouse, sleep, until } from './support/house.mjs';

describe('a token and its life', () => {
  const undo = [];
  let house;
  before(async () => {
    house = await openHouse({ after: (f) => undo.unshift(f) });
    house.ok('device', 'import', house.file('devices.json', JSON.stringify([
      { deviceUid: '11111111-2222-4333-8444-555555555555', deviceName: 'LT-ONE', esn: '5ESN0001AAVA0001' }])));
  });
  after(async () => {
    for (const f of undo) await f();
  });
  const whoami = (token) => house.ask(token, 'GET', '/v3/whoami');

  for (const kind of ['hs256', 'es256']) {
    test(`${kind}: made, used, suspended, resumed and deleted while the server runs`, async () => {
      const token = house[kind](`life of ${kind}`);
      // The command has ended: 200 ms from here. A sanitized build on a busy machine gets
      // more time, and the figure itself is measured by the bench.
      const limit = 1000;
      await until(() => whoami(token), (answer) => answer.status === 200, limit);
      const devices = await house.ask(token, 'GET', '/v3/reporting/devices');
      assert.equal(devices.status, 200, devices.text);
      assert.deepEqual(devices.json.data.map((d) => d.deviceName), ['LT-ONE']);

      house.ok('token', 'suspend', token.id);
      await until(() => whoami(token), (answer) => answer.status === 401, limit);
      assert.equal((await whoami(token)).json.details[0].code, 'TOKEN_SUSPENDED');

      house.ok('token', 'resume', token.id);
      await until(() => whoami(token), (answer) => answer.status === 200, limit);

      house.ok('token', 'delete', token.id);
      await until(() => whoami(token), (answer) => answer.status === 401, limit);
      assert.deepEqual((await whoami(token)).json.details, []);
    });
  }

  test('a suspended user silences all their tokens', async () => {
    const password = house.file('password2', 'another long enough password\n');
    house.ok('user', 'add', '--role', 'System Administrator', '--password-file', password, 'grace@example.com');
    const made = JSON.parse(house.ok('token', 'create', '--user', 'grace@example.com', '--title', 'hers', '--json'));
    const token = { ...made, alg: 'HS256', key: createSecretKey(made.secret, 'utf8') };
    await until(() => whoami(token), (answer) => answer.status === 200, 1000);
    house.ok('user', 'suspend', 'grace@example.com');
    await until(() => whoami(token), (answer) => answer.status === 401, 1000);
    house.ok('user', 'resume', 'grace@example.com');
    await until(() => whoami(token), (answer) => answer.status === 200, 1000);
    house.ok('user', 'delete', 'grace@example.com');
    await until(() => whoami(token), (answer) => answer.status === 401, 1000);
    await sleep(100);
    assert.equal((await whoami(token)).status, 401);
  });
});
