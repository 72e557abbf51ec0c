// SPDX-License-Identifier: Apache-2.0
// Settings do what they say, over the wire. Those of TLS, proxies, signals, keys and
// deadlines have their tests in door, signals, serve_refusals, idle and follows.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeHouse, openHouse, sign, until } from './support/house.mjs';

const WHOAMI = '/v3/whoami';
const PUT = '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555';

async function houseWith(t, ini) {
  const house = makeHouse(t);
  const token = house.hs256('x');
  await house.start({ ini });
  return { house, token };
}

/** Holds the locks without which nobody reads the database: what a file system that
 * hangs would do. Gives a function that lets go. */
async function holdDatabase(t, house) {
  const holder = spawn('python3', ['-c', `
import fcntl, sys
f = open(sys.argv[1], "r+b")
fcntl.lockf(f, fcntl.LOCK_EX, 8, 120) # of SQLite's wal-index
print("held", flush=True)
sys.stdin.read()`, join(house.data, 'tokenhouse.db-shm')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  await new Promise((done) => holder.stdout.once('data', done));
  return async () => {
    holder.stdin.end();
    await new Promise((done) => holder.on('exit', done));
  };
}

/** Sends bytes on a connection of its own; gives the status of the first answer. */
const statusOf = (house, text) => new Promise((done) => {
  const socket = connect(house.port, '127.0.0.1', () => socket.write(text));
  let heard = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    heard += bytes;
    if (heard.includes('\r\n')) socket.destroy();
  });
  socket.on('close', () => done(Number(heard.split(' ')[1])));
});

const once = (house, jws) => house.post(jws).then((a) => a.json.details?.[0]?.code === 'REQUEST_ALREADY_USED');

for (const [mode, [getAgain, putAgain]] of Object.entries({ all: [true, true], unsafe: [false, true], off: [false, false] })) {
  test(`replay = ${mode}`, async (t) => {
    const { house, token } = await houseWith(t, `[gate]\nreplay = ${mode}\n`);
    for (const [method, uri, again] of [['GET', WHOAMI, getAgain], ['PUT', PUT, putAgain]]) {
      const jws = await sign(token, method, uri, method === 'PUT' ? { data: [] } : {});
      assert.equal(await once(house, jws), false);
      assert.equal(await once(house, jws), again, method);
    }
  });
}

test('freshness_s', async (t) => {
  const { house, token } = await houseWith(t, '[gate]\nfreshness_s = 30\n');
  const at = async (seconds) => (await house.ask(token, 'GET', WHOAMI, { issuedAt: Date.now() + seconds * 1000 })).status;
  assert.deepEqual([await at(-20), await at(20), await at(-60), await at(60)], [200, 200, 401, 401]);
});

test('account_rate_per_s counts all tokens together', async (t) => {
  const house = makeHouse(t);
  const tokens = [house.hs256('one'), house.hs256('two'), house.es256('three')];
  await house.start({ ini: '[gate]\naccount_rate_per_s = 5\n' });
  const answers = [];
  for (let i = 0; i < 30; i++) answers.push(await house.ask(tokens[i % 3], 'GET', WHOAMI));
  const refused = answers.filter((a) => a.status === 429);
  assert.ok(refused.length > 0 && answers.some((a) => a.status === 200));
  assert.match(refused[0].headers.get('retry-after'), /^[1-9]\d*$/);
  assert.equal(refused[0].json.code, 'RATE_LIMITED');
});

test('head_max_bytes, header_max_count and body_max_bytes', async (t) => {
  const { house, token } = await houseWith(t, '[limits]\nhead_max_bytes = 2048\nheader_max_count = 12\nbody_max_bytes = 4096\n');
  const head = (lines) => `GET / HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
  assert.equal(await statusOf(house, head(`X: ${'x'.repeat(1900)}\r\n`)), 200);
  assert.equal(await statusOf(house, head(`X: ${'x'.repeat(2100)}\r\n`)), 431);
  assert.equal(await statusOf(house, head('A: b\r\n'.repeat(11))), 200);
  assert.equal(await statusOf(house, head('A: b\r\n'.repeat(12))), 431);
  const long = await sign(token, 'PUT', PUT, { data: 'x'.repeat(4000) });
  assert.ok(long.length > 4096);
  assert.equal(await statusOf(house, `POST /jws/validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${long.length}\r\n\r\n`), 413);
  assert.equal((await house.ask(token, 'GET', WHOAMI)).status, 200);
});

test('connection_max_count holds for all addresses together', async (t) => {
  const house = await openHouse(t, { ini: '[limits]\nconnection_max_count = 10\n' });
  const sockets = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const dial = (n) => new Promise((done) => {
    const socket = connect({ port: house.port, host: '127.0.0.1', localAddress: `127.0.3.${n}` }, () => done(socket));
    sockets.push(socket);
    socket.on('error', () => {});
  });
  for (let i = 1; i <= 10; i++) await dial(i);
  const over = await dial(11);
  await new Promise((done) => over.once('close', done));
  sockets[0].destroy();
  await until(() => statusOf(house, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), (status) => status === 200);
});

test('loop_count and worker_count are threads', async (t) => {
  const threads = async (loops, workers) => {
    const house = await openHouse(t, { ini: `[server]\nloop_count = ${loops}\nworker_count = ${workers}\n` });
    assert.match(house.log, new RegExp(`loops=${loops} workers=${workers} `));
    const token = house.hs256('x');
    await until(() => house.ask(token, 'GET', '/v3/reporting/devices'), (a) => a.status === 200);
    const count = readdirSync(`/proc/${house.pid}/task`).length;
    await house.stop();
    return count;
  };
  const few = await threads(1, 1);
  assert.equal(await threads(3, 4) - few, 5);
});

test('log_level, and its change by SIGHUP', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('x');
  const ini = (level) => `[server]\nlog_level = ${level}\n`;
  await house.start({ ini: ini('info') });
  await house.ask(token, 'GET', '/v3/first');
  await until(async () => house.log, (log) => /refused .*path="\/v3\/first"/.test(log));
  const reload = async (level) => {
    writeFileSync(join(house.data, 'tokenhouse.ini'), ini(level));
    house.server.kill('SIGHUP');
    // the level is in force when requests are logged so; nothing else tells at 'error'
    return until(async () => {
      const uri = `/v3/${Math.random().toString(36).slice(2)}`;
      await house.ask(token, 'GET', uri);
      await new Promise((done) => setTimeout(done, 50));
      return house.log.includes(uri);
    }, (isLogged) => isLogged === (level === 'info'));
  };
  await reload('error');
  await reload('info');
});

test('stale_max_s: without news from the database requests are refused, until it answers', async (t) => {
  const { house, token } = await houseWith(t, '[gate]\nstale_max_s = 1\n');
  const ask = () => house.ask(token, 'GET', WHOAMI);
  assert.equal((await ask()).status, 200);
  const letGo = await holdDatabase(t, house);
  const refused = await (async () => {
    await until(ask, (a) => a.status === 503, 15_000);
    return ask();
  })();
  assert.equal(refused.json.details[0].code, 'STORE_SILENT');
  const ready = await fetch(`${house.health}/readyz`);
  assert.deepEqual([ready.status, (await ready.json()).state], [503, 'stale']);
  assert.equal((await fetch(`${house.health}/healthz`)).status, 200, 'it lives');
  // to everybody alike, whoever they are
  assert.equal((await house.ask({ ...token, id: 'nobody' }, 'GET', WHOAMI)).status, 503);
  await letGo();
  await until(ask, (a) => a.status === 200, 15_000);
  assert.equal((await fetch(`${house.health}/readyz`)).status, 200);
  house.ok('token', 'suspend', token.id);
  await until(ask, (a) => a.status === 401);
});

test('a message over 1 MiB is none, however large a body may be', async (t) => {
  const { house, token } = await houseWith(t, '[limits]\nbody_max_bytes = 4194304\n');
  const answer = await house.ask(token, 'PUT', PUT, { data: 'x'.repeat(1 << 20) });
  assert.deepEqual([answer.status, answer.json.details[0].code], [413, 'TOO_LARGE']);
  assert.match(answer.json.details[0].message, /a JWS may have 1048576/);
  assert.notEqual((await house.ask(token, 'PUT', PUT, { data: 'x'.repeat(700_000) })).status, 413);
});

test('what waits for a worker is limited; the rest hears so, and whoami is answered all the same', { timeout: 60_000 }, async (t) => {
  const { house, token } = await houseWith(t, '[server]\nloop_count = 1\nworker_count = 1\n[limits]\nconnection_per_ip_max_count = 2000\n');
  const ask = (uri) => house.ask(token, 'GET', uri);
  assert.equal((await ask('/v3/reporting/devices')).status, 200);
  const letGo = await holdDatabase(t, house);
  const asking = Array.from({ length: 1100 }, () => ask('/v3/reporting/devices'));
  const busy = await Promise.race(asking.map((one) => one.then((a) => (a.status === 503 ? a : new Promise(() => {})))));
  assert.equal(busy.json.details[0].code, 'TOO_BUSY');
  assert.equal(busy.headers.get('retry-after'), '1');
  assert.equal((await ask(WHOAMI)).status, 200);
  await letGo();
  const answers = await Promise.all(asking);
  assert.deepEqual(answers.filter((a) => ![200, 503].includes(a.status)), []);
  assert.ok(answers.filter((a) => a.status === 200).length >= 900, JSON.stringify(answers.map((a) => a.status)));
  assert.equal((await ask('/v3/reporting/devices')).status, 200);
});
