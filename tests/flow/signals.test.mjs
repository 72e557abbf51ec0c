// SPDX-License-Identifier: Apache-2.0
// How the house stops, reloads and tells how it is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { tlsOf } from './support/certificates.mjs';
import { openHouse, makeHouse, sign, sleep, until } from './support/house.mjs';

/** A plain connection with what it heard so far. */
async function dial(house) {
  const socket = connect(house.port, '127.0.0.1');
  const line = { socket, heard: '', closed: false };
  line.end = new Promise((done) => socket.on('close', () => {
    line.closed = true;
    done(line.heard);
  }));
  socket.on('data', (bytes) => {
    line.heard += bytes;
  });
  socket.on('error', () => {});
  await new Promise((done, fail) => {
    socket.once('connect', done);
    socket.once('error', fail);
  });
  return line;
}

const head = (body) => `POST /jws/validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;

/** Half a request that the server has begun to read. */
async function halfRequest(house, body) {
  const line = await dial(house);
  line.socket.write(head(body) + body.slice(0, 20));
  await sleep(100);
  return line;
}

async function endsWithin(house, limitMs) {
  const start = performance.now();
  const end = await Promise.race([house.ended, sleep(limitMs).then(() => null)]);
  assert.notEqual(end, null, `still there after ${limitMs} ms:\n${house.log}`);
  house.server = null;
  return { ...end, ms: performance.now() - start };
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} finishes what runs, takes nothing new, and ends with 0`, async (t) => {
    const house = await openHouse(t);
    const token = house.hs256('runs');
    const line = await halfRequest(house, await sign(token, 'GET', '/v3/whoami'));
    const body = await sign(token, 'GET', '/v3/whoami');
    line.socket.destroy();

    const running = await halfRequest(house, body);
    await until(async () => (await house.post(await sign(token, 'GET', '/v3/whoami'))).status, (s) => s === 200);
    house.server.kill(signal);
    await until(async () => house.log.includes('stopping'), Boolean);
    await until(() => dial(house).then((l) => l.socket.destroy(), () => 'refused'), (r) => r === 'refused');
    assert.equal((await fetch(`${house.health}/readyz`)).status, 503);
    assert.equal((await fetch(`${house.health}/healthz`)).status, 200);
    running.socket.write(body.slice(20));
    const heard = await running.end;
    assert.match(heard, /^HTTP\/1\.1 200 /);
    assert.match(heard, /^connection: close\r$/im);
    assert.ok(heard.includes(token.id), heard);
    const end = await endsWithin(house, 3000);
    assert.deepEqual([end.code, end.signal], [0, null]);
    assert.match(house.log, /stopped\n$/);
  });
}

test('SIGTERM does not wait for connections that say nothing', async (t) => {
  const house = await openHouse(t);
  const idle = [];
  for (let i = 0; i < 20; i++) idle.push(await dial(house));
  house.server.kill('SIGTERM');
  const end = await endsWithin(house, 3000);
  assert.deepEqual([end.code, end.signal], [0, null]);
  await Promise.all(idle.map((line) => line.end));
});

test('SIGTERM waits for drain_s and no longer', async (t) => {
  const house = await openHouse(t, { ini: '[server]\ndrain_s = 1\n' });
  await halfRequest(house, await sign(house.hs256('hangs'), 'GET', '/v3/whoami'));
  house.server.kill('SIGTERM');
  const end = await endsWithin(house, 6000);
  assert.deepEqual([end.code, end.signal], [0, null]);
  assert.ok(end.ms > 800 && end.ms < 4000, `${end.ms} ms`);
  assert.match(house.log, /connections cut at the end of the drain count=1/);
});

test('a second SIGTERM ends it at once', async (t) => {
  const house = await openHouse(t);
  await halfRequest(house, await sign(house.hs256('hangs'), 'GET', '/v3/whoami'));
  house.server.kill('SIGTERM');
  await until(async () => house.log.includes('stopping'), Boolean);
  await sleep(50);
  house.server.kill('SIGTERM');
  const end = await endsWithin(house, 2000);
  assert.equal(end.signal, 'SIGTERM');
});

test('what was used once stays used after a restart', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('once');
  const jws = await sign(token, 'PUT', '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555', { data: { values: [] } });
  const code = async () => (await house.post(jws)).json.details?.[0]?.code;
  await until(async () => (await house.ask(token, 'GET', '/v3/whoami')).status, (s) => s === 200);
  assert.notEqual(await code(), 'REQUEST_ALREADY_USED');
  assert.equal(await code(), 'REQUEST_ALREADY_USED');
  await house.stop();
  await house.start();
  assert.equal(await code(), 'REQUEST_ALREADY_USED');
  await house.stop();
  await house.start();
  assert.equal(await code(), 'REQUEST_ALREADY_USED');
});

test('when a token was used last is known after a stop', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('used');
  const shown = () => JSON.parse(house.ok('token', 'show', '--json', token.id));
  assert.equal(shown().lastUsedAt, null);
  const before = Math.floor(Date.now() / 1000) * 1000;
  await until(async () => (await house.ask(token, 'GET', '/v3/whoami')).status, (s) => s === 200);
  await house.stop();
  assert.ok(Date.parse(shown().lastUsedAt) >= before, JSON.stringify(shown()));
  assert.equal(shown().lastUsedFrom, '127.0.0.1');
});

test('while another process holds the database, requests are still checked', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('goes on');
  const ask = async () => (await house.ask(token, 'GET', '/v3/whoami')).status;
  await until(ask, (status) => status === 200);
  const holder = spawn('python3', ['-c', `
import sqlite3, sys, time
d = sqlite3.connect(sys.argv[1], isolation_level=None); d.execute("BEGIN EXCLUSIVE"); print("held", flush=True)
sys.stdin.read(); d.execute("ROLLBACK")`, join(house.data, 'tokenhouse.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  await new Promise((done) => holder.stdout.once('data', done));
  const until2s = Date.now() + 1500;
  while (Date.now() < until2s) assert.equal(await ask(), 200);
  assert.equal((await fetch(`${house.health}/readyz`)).status, 200);
  holder.stdin.end();
  await new Promise((done) => holder.on('exit', done));
  house.ok('token', 'suspend', token.id);
  await until(ask, (status) => status === 401, 1000);
});

test('after kill -9 the same folder is served', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('stays');
  await house.kill();
  await house.start();
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
});

const seenName = (house) => new Promise((done, fail) => {
  const socket = connectTls({ port: house.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
    done(socket.getPeerCertificate().subject.CN);
    socket.destroy();
  });
  socket.on('error', fail);
});

test('SIGHUP takes a new certificate, and keeps the old one when the new one is bad', async (t) => {
  const house = makeHouse(t);
  const { ini, cert } = tlsOf(house, 'first');
  await house.start({ ini });
  assert.equal(await seenName(house), 'first');

  tlsOf(house, 'second');
  assert.equal(await seenName(house), 'first');
  house.server.kill('SIGHUP');
  await until(() => seenName(house), (name) => name === 'second');
  assert.match(house.log, /reloaded what="tls"/);

  writeFileSync(cert, 'this is no certificate');
  house.server.kill('SIGHUP');
  await until(async () => house.log.includes('the old files stay in force'), Boolean);
  assert.match(house.log, /error reload failed.*tls\.crt/);
  assert.equal(await seenName(house), 'second');
  await house.stop({ expect: [/error reload failed/] });
});

test('SIGHUP reads the configuration again, and says what waits', async (t) => {
  const house = await openHouse(t, { ini: '[server]\ndrain_s = 9\n' });
  const ini = join(house.data, 'tokenhouse.ini');
  const token = house.hs256('hangs');
  const reload = async (text, words) => {
    writeFileSync(ini, text);
    const from = house.log.length;
    house.server.kill('SIGHUP');
    await until(async () => house.log.slice(from), (log) => words.test(log));
    return house.log.slice(from);
  };
  const good = await reload('[server]\ndrain_s = 1\n[gate]\nfreshness_s = 60\n', /reloaded what="config"/);
  assert.match(good, /a setting waits for the next start setting="freshness_s" in_force="300" in_file="60"/);
  assert.doesNotMatch(good, /setting="(drain_s|listen|health|data)"/);
  await reload('[server]\ndrain_s = never\n', /reload failed.*what="config" line=2/);

  // drain_s = 1 is in force
  await halfRequest(house, await sign(token, 'GET', '/v3/whoami'));
  house.server.kill('SIGTERM');
  const end = await endsWithin(house, 4000);
  assert.equal(end.code, 0);
});

test('health tells alive, ready and figures, and nothing else', async (t) => {
  const house = await openHouse(t);
  const token = house.hs256('counts');
  await until(async () => (await house.ask(token, 'GET', '/v3/whoami')).status, (s) => s === 200);
  assert.equal((await house.post('x')).status, 400);

  assert.equal((await fetch(`${house.health}/healthz`)).status, 200);
  const ready = await fetch(`${house.health}/readyz`);
  assert.equal(ready.status, 200);
  const state = await ready.json();
  assert.deepEqual([state.ready, state.state, state.tokens], [true, 'serving', 1]);
  assert.ok(state.newsAgeMs < 2000, JSON.stringify(state));

  const text = await (await fetch(`${house.health}/metrics`)).text();
  const figure = (name) => Number(new RegExp(`^tokenhouse_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  assert.ok(figure('requests_total\\{verdict="permitted"\\}') >= 1, text);
  assert.ok(figure('requests_total\\{verdict="refused_not_a_jws"\\}') >= 1
    || figure('requests_total\\{verdict="not_a_jws"\\}') >= 1, text);
  assert.equal(figure('tokens'), 1);
  assert.equal(figure('ready'), 1);
  for (const line of text.trim().split('\n')) {
    assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_][a-z0-9_]*(\{[a-z]+="[^"]*"\})? [0-9.e+]+)$/);
  }
  assert.equal((await fetch(`${house.health}/jws/validate`, { method: 'POST', body: 'x' })).status, 404);
  assert.equal((await fetch(`${house.health}/metrics`, { method: 'POST' })).status, 405);
  assert.equal((await fetch(`${house.url}/metrics`)).status, 404);
});

test('what is asked without a token', async (t) => {
  const house = await openHouse(t);
  const get = (path, more) => fetch(house.url + path, more);
  const error = async (reply, status, code) => {
    assert.equal(reply.status, status);
    assert.equal((await reply.json()).code, code);
  };
  assert.equal((await (await get('/')).json()).name, 'Tokenhouse');
  await error(await get('/jws/validate'), 405, 'INVALID_REQUEST');
  assert.equal((await get('/jws/validate')).headers.get('allow'), 'POST');
  await error(await get('/v3/reporting/devices'), 401, 'NOT_AUTHENTICATED');
  await error(await get('/jws/validate/'), 404, 'RESOURCE_NOT_FOUND');
  await error(await get('/V3/whoami'), 404, 'RESOURCE_NOT_FOUND');

  const document = await get('/api-doc/spec/openapi.full.json');
  assert.equal(document.status, 200);
  assert.ok((await document.json()).paths['/whoami']);
  const etag = document.headers.get('etag');
  const again = await get('/api-doc/spec/openapi.json', { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  assert.equal((await get('/api-doc/spec/openapi.json', { headers: { 'if-none-match': '"x"' } })).status, 200);
});

test('no core dump can hold a key', async (t) => {
  const house = await openHouse(t);
  const limits = readFileSync(`/proc/${house.pid}/limits`, 'utf8');
  assert.match(limits, /^Max core file size +0 +0 /m);
});
