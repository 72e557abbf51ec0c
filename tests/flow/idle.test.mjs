// SPDX-License-Identifier: Apache-2.0
// Connections that do nothing cost little and end in time. Memory is that of the program
// as it is shipped (build/tokenhouse): sanitizers use memory of their own.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { tlsOf } from './support/certificates.mjs';
import { ROOT, makeHouse, openHouse, sign, sleep, until } from './support/house.mjs';

const SHIPPED = join(ROOT, 'build/tokenhouse');
const PER_ADDRESS = 250; // the usual limit is 300
const AT_ONCE = 50;
const hardLimit = Number(/^Max open files +\S+ +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);

/** Why a test with that many connections cannot run here; false when it can. */
const whyNot = (count) => (!existsSync(SHIPPED) && 'build/tokenhouse is not there: make build')
  || (hardLimit < count + 1000 && `this machine allows ${hardLimit} open files, ${count + 1000} are needed`);

const residentKb = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** The figure of that name in /metrics. */
async function figure(house, name) {
  const text = await (await fetch(`${house.health}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)[1]);
}

/** One connection from 127.0.1.x, and after `greeting` the head of an answer. */
const dial = (house, n, { tls = false, greeting = '' } = {}) => new Promise((done, fail) => {
  const where = { host: '127.0.0.1', port: house.port, localAddress: `127.0.1.${1 + Math.floor(n / PER_ADDRESS)}` };
  const socket = tls ? connectTls({ ...where, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }) : connect(where);
  socket.once('error', fail);
  socket.once(tls ? 'secureConnect' : 'connect', () => {
    if (!greeting) {
      done(socket);
      return;
    }
    socket.write(greeting);
    socket.once('data', (bytes) => (/^HTTP\/1\.1 200 /.test(bytes) ? done(socket) : fail(new Error(String(bytes)))));
  });
});

const GREETING = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** Opens `count` connections; every other one has asked something before it fell silent. */
async function openIdle(house, count, { tls }) {
  const sockets = [];
  for (let i = 0; i < count; i += AT_ONCE) {
    sockets.push(...await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => dial(house, i + k, { tls, greeting: (i + k) % 2 ? GREETING : '' }))));
  }
  return sockets;
}

/** Server CPU for one request in µs, over 500 requests on another connection. */
async function cpuPerRequest(house, token) {
  const messages = await Promise.all(Array.from({ length: 500 }, () => sign(token, 'GET', '/v3/whoami')));
  const before = await figure(house, 'process_cpu_seconds_total');
  for (const jws of messages) assert.equal((await post(house, jws)).status, 200);
  return (await figure(house, 'process_cpu_seconds_total') - before) / messages.length * 1e6;
}

const post = (house, jws) => (house.ca ? house.tlsPost(jws) : house.post(jws));

async function measure(t, { count, tls, ini, most }) {
  const house = makeHouse(t);
  const token = house.hs256('asks');
  await house.start({ ini: `[limits]\nidle_timeout_ms = 600000\nhead_timeout_ms = 600000\n${ini(house)}`, program: SHIPPED });
  if (tls) Object.assign(house, await tlsPoster(t, house));
  const quiet = await cpuPerRequest(house, token);
  // what the first connections bring into memory is not the price of one
  const first = await openIdle(house, AT_ONCE, { tls });
  const before = residentKb(house.pid);
  const sockets = await openIdle(house, count, { tls });
  t.after(() => [...first, ...sockets].forEach((socket) => socket.destroy()));
  const after = residentKb(house.pid);
  assert.ok(await figure(house, 'tokenhouse_http_connections') >= count);
  const busy = await cpuPerRequest(house, token);
  t.diagnostic(`${count} idle${tls ? ' TLS' : ''} connections: ${((after - before) / 1024).toFixed(1)} MiB resident, `
    + `${((after - before) * 1024 / count).toFixed(0)} bytes each; server CPU of a request ${quiet.toFixed(0)} µs before, ${busy.toFixed(0)} µs beside them`);
  assert.ok(after - before <= most * 1024, `${after - before} KiB for ${count} connections`);
  assert.ok(sockets.every((socket) => !socket.destroyed), 'all are still there');
}

test('5,000 idle connections cost at most 20 MB, and others are answered', { skip: whyNot(5000) }, async (t) => {
  await measure(t, { count: 5000, tls: false, ini: () => '', most: 20 });
});

/** Posting over one TLS connection that is kept. */
async function tlsPoster(t, house) {
  const socket = connectTls({ host: '127.0.0.1', port: house.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  await new Promise((done, fail) => socket.once('secureConnect', done).once('error', fail));
  t.after(() => socket.destroy());
  const tlsPost = (jws) => new Promise((done) => {
    socket.once('data', (bytes) => done({ status: Number(String(bytes).split(' ')[1]) }));
    socket.write(`POST /jws/validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${jws.length}\r\n\r\n${jws}`);
  });
  return { ca: true, tlsPost };
}

test('idle TLS connections: what OpenSSL keeps for each', { skip: whyNot(1000) }, async (t) => {
  await measure(t, { count: 1000, tls: true, ini: (house) => tlsOf(house).ini, most: 25 });
});

test('one address has at most 300 connections, and others are still served', async (t) => {
  const house = await openHouse(t);
  const sockets = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const open = async (localAddress) => {
    const socket = connect({ host: '127.0.0.1', port: house.port, localAddress });
    sockets.push(socket);
    socket.on('error', () => {});
    await new Promise((done) => socket.once('connect', done));
    return socket;
  };
  for (let i = 0; i < 300; i++) await open('127.0.2.1');
  const refusedBefore = await figure(house, 'tokenhouse_http_connections_refused_total');
  const over = await open('127.0.2.1');
  await new Promise((done) => over.once('close', done));
  assert.equal(await figure(house, 'tokenhouse_http_connections_refused_total'), refusedBefore + 1);
  const other = await open('127.0.2.2');
  other.write(GREETING);
  assert.match(String(await new Promise((done) => other.once('data', done))), /^HTTP\/1\.1 200 /);
  // one that goes makes room for one
  sockets[0].destroy();
  await until(() => figure(house, 'tokenhouse_http_connections'), (n) => n <= 300);
  const again = await open('127.0.2.1');
  again.write(GREETING);
  assert.match(String(await new Promise((done) => again.once('data', done))), /^HTTP\/1\.1 200 /);
});

test('slow heads, slow bodies and silence end at their deadlines', async (t) => {
  const house = await openHouse(t, { ini: '[limits]\nhead_timeout_ms = 300\nbody_timeout_ms = 400\nidle_timeout_ms = 500\n' });
  const token = house.hs256('asks');
  const begin = 'POST /jws/validate HTTP/1.1\r\nHost: x\r\n';
  /** Sends `start`, then a byte every 50 ms; gives what was heard until the end. */
  const drip = (start, byte) => new Promise((done) => {
    const socket = connect(house.port, '127.0.0.1');
    const began = performance.now();
    let heard = '';
    const timer = byte && setInterval(() => socket.write(byte), 50);
    socket.on('error', () => {});
    socket.on('data', (bytes) => { heard += bytes; });
    socket.on('close', () => {
      clearInterval(timer);
      done({ heard, ms: performance.now() - began });
    });
    socket.write(start);
  });
  const before = await figure(house, 'tokenhouse_http_timeouts_total');
  const ends = await Promise.all([
    drip('POST /jws', ''), drip(begin, 'x'), drip(`${begin}Content-Length: 9999\r\n\r\n`, 'x'),
    drip(`${begin}Transfer-Encoding: chunked\r\n\r\n`, '1'), drip(GREETING, ''),
  ]);
  for (const { heard, ms } of ends.slice(0, 4)) {
    assert.match(heard, /^HTTP\/1\.1 408 [^]*\r\nconnection: close\r\n/i);
    assert.ok(ms >= 250, `${ms} ms`);
  }
  assert.match(ends[4].heard, /^HTTP\/1\.1 200 /);
  assert.ok(!ends[4].heard.includes('408') && ends[4].ms >= 450, 'silence between requests is no fault: closed without a word');
  assert.equal(await figure(house, 'tokenhouse_http_timeouts_total') - before >= 4, true);

  // who keeps asking is kept, longer than any of the three
  const socket = connect(house.port, '127.0.0.1');
  for (let i = 0; i < 8; i++) {
    socket.write(GREETING);
    assert.match(String(await new Promise((done) => socket.once('data', done))), /^HTTP\/1\.1 200 /);
    await sleep(100);
  }
  socket.destroy();
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
});
