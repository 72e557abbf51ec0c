// SPDX-License-Identifier: Apache-2.0
// The first minutes: what `make run` prints works as it is printed, and a token's life is
// followed at once.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, before, after, test } from 'node:test';
import { PROGRAM, ROOT, freshFolder, openHouse, sleep, until } from './support/house.mjs';

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/** tools/run.sh as `make run` calls it, in a folder of its own. */
async function firstRun(folder, port, health) {
  const child = spawn('bash', ['tools/run.sh'], {
    cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PROGRAM, DATA: join(folder, 'data'),
      LISTEN: `127.0.0.1:${port}`, HEALTH: `127.0.0.1:${health}` },
  });
  const it = { child, out: '' };
  it.ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { it.out += bytes; });
  const start = performance.now();
  let end = null;
  it.ended.then((e) => { end = e; });
  await until(async () => it.out, (out) => end !== null || out.includes(' listening '), 60_000);
  assert.equal(end, null, it.out);
  it.ms = performance.now() - start;
  return it;
}

async function stop(it) {
  it.child.kill('SIGTERM'); // the script has become the server
  assert.deepEqual(await it.ended, { code: 0, signal: null }, it.out);
}

test('make run prints three commands, which work as they are, and starts again at once', async (t) => {
  const folder = freshFolder(t);
  const [port, health] = [await freePort(), await freePort()];
  const run = await firstRun(folder, port, health);
  t.after(() => run.child.kill());
  const password = readFileSync(join(folder, 'data/admin-password.txt'), 'utf8').trim();
  assert.ok(password.length >= 20);
  assert.ok(run.out.includes(password));
  for (const name of ['admin-password.txt', 'first/hs256.token', 'first/private.pem', 'master.key', 'tokenhouse.db']) {
    assert.equal(statSync(join(folder, 'data', name)).mode & 0o777, 0o600, name);
  }

  const commands = run.out.split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
  assert.equal(commands.length, 3, run.out);
  const [es, hs, who] = commands.map((c) => JSON.parse(execFileSync('bash', ['-c', c], { cwd: ROOT, encoding: 'utf8' })));
  for (const answer of [es, hs]) {
    assert.equal(answer.data.length, 1);
    assert.equal(answer.data[0].deviceName, hostname());
  }
  assert.match(commands[0], /--private-key/);
  assert.match(commands[1], /--token \S+\.token/);
  assert.equal(who.data.title, 'First steps, HS256');
  await stop(run);

  const second = await firstRun(folder, port, health);
  t.after(() => second.child.kill());
  assert.ok(!second.out.includes(password), 'the password is shown once');
  // 2 s on a quiet machine with the program as it is shipped; here sanitizers, too
  assert.ok(second.ms < 5000, `${second.ms} ms`);
  assert.equal(second.out.split('\n').filter((line) => commands.includes(line.trim())).length, 3);
  await stop(second);
});

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
    house.ok('user', 'add', '--email', 'grace@example.com', '--role', 'System Administrator', '--password-file', password);
    const made = JSON.parse(house.ok('token', 'create', '--user', 'grace@example.com', '--title', 'hers', '--json'));
    const { createSecretKey } = await import('node:crypto');
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
