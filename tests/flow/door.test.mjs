// SPDX-License-Identifier: Apache-2.0
// The door from outside: IPv6, HTTP/2, TLS that is renewed, and proxies before it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { tlsOf } from './support/certificates.mjs';
import { makeHouse, openHouse, sign, until } from './support/house.mjs';

const WHOAMI = '/v3/whoami';
const noIpv6 = Object.values(networkInterfaces()).flat().some((i) => i.address === '::1') ? false : 'this machine has no ::1';
const found = (program) => ['/usr/sbin', '/usr/bin', '/sbin'].map((folder) => join(folder, program)).find(existsSync)
  ?? assert.fail(`${program} is not installed: tools/install.sh check`);

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/** An HTTP/1.1 exchange by hand: `before` goes first. Gives the answer, or '' when the connection was closed. */
const exchange = (house, { before = '', jws, headers = '', from = '127.0.0.1', tls } = {}) => new Promise((done) => {
  const where = { host: '127.0.0.1', port: house.port, localAddress: from };
  const socket = connect(where);
  let heard = '';
  socket.on('error', () => {});
  socket.on('close', () => done(heard));
  socket.on('connect', () => {
    if (before) socket.write(before);
    const inner = tls ? connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }) : socket;
    inner.on('data', (bytes) => { heard += bytes; });
    inner.on('error', () => {});
    inner.write(`POST /jws/validate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}Content-Length: ${jws.length}\r\n\r\n${jws}`);
  });
});

const seen = (heard) => /"address":"([^"]+)"/.exec(heard)?.[1] ?? heard.split('\r\n')[0];

describe('IPv6', { skip: noIpv6 }, () => {
  test('[::1] is listened on, seen, and approved', async (t) => {
    const house = await openHouse(t, { listen: '[::1]:0' });
    assert.match(house.address, /^\[::1\]:\d+$/);
    const here = house.hs256('here', '--approved-ip', '0:0::1/128');
    const away = house.hs256('away', '--approved-ip', '127.0.0.0/8, 2001:db8::/32');
    await until(() => house.ask(here, 'GET', WHOAMI), (a) => a.status === 200);
    assert.equal((await house.ask(here, 'GET', WHOAMI)).json.data.address, '::1');
    await until(() => house.ask(away, 'GET', WHOAMI), (a) => a.json.details.length === 1);
    const answer = await house.ask(away, 'GET', WHOAMI);
    assert.deepEqual([answer.status, answer.json.details[0].code], [401, 'ADDRESS_NOT_APPROVED']);
    assert.match(answer.json.details[0].message, /::1/);
  });

  test('[::] takes callers by both, and an IPv4 caller is seen as one', async (t) => {
    const house = await openHouse(t, { listen: '[::]:0' });
    const token = house.hs256('both');
    for (const [host, address] of [['127.0.0.1', '127.0.0.1'], ['[::1]', '::1']]) {
      house.url = `http://${host}:${house.port}`;
      await until(() => house.ask(token, 'GET', WHOAMI), (a) => a.status === 200);
      assert.equal((await house.ask(token, 'GET', WHOAMI)).json.data.address, address);
    }
  });
});

describe('HTTP/2', () => {
  const open = (house, options = {}) => connectHttp2(`https://127.0.0.1:${house.port}`, { rejectUnauthorized: false, ...options });
  const post = (session, jws, headers = {}) => new Promise((done, fail) => {
    const stream = session.request({ ':method': 'POST', ':path': '/jws/validate', ...headers });
    let [head, text] = [null, ''];
    stream.on('response', (h) => { head = h; });
    stream.on('data', (bytes) => { text += bytes; });
    stream.on('end', () => done({ head, status: head[':status'], text, json: JSON.parse(text) }));
    stream.on('error', fail);
    stream.end(jws);
  });

  test('is spoken when ALPN asks for it; requests run side by side', async (t) => {
    const house = makeHouse(t);
    const { cert, ini } = tlsOf(house, 'x');
    const tokens = [house.hs256('hs'), house.es256('es')];
    house.ok('device', 'import', house.file('d.json', JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ deviceName: `PC${i}`, esn: `E${i}` })))));
    await house.start({ ini });
    const session = open(house, { ca: readFileSync(cert), rejectUnauthorized: true });
    await new Promise((done, fail) => session.once('connect', done).once('error', fail));
    assert.equal(session.alpnProtocol, 'h2');
    const answers = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
      const token = tokens[i % 2];
      return { i, token, answer: await post(session, await sign(token, 'GET', i % 3 ? WHOAMI : '/v3/reporting/devices', { query: i % 3 ? '' : 'pageSize=300' })) };
    }));
    for (const { i, token, answer } of answers) {
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.head['x-request-id'], /^[0-9A-Z]{26}$/);
      assert.equal(answer.head['content-type'], 'application/json');
      if (i % 3) assert.equal(answer.json.data.tokenId, token.id);
      else assert.equal(answer.json.data.length, 300);
    }
    assert.equal(new Set(answers.map(({ answer }) => answer.head['x-request-id'])).size, 60);
    const bad = await post(session, 'x.y.z');
    assert.deepEqual([bad.status, bad.json.code], [400, 'INVALID_REQUEST']);
    session.close();
    await new Promise((done) => session.once('close', done));

    // and HTTP/1.1 when ALPN does not
    const jws = await sign(tokens[0], 'GET', WHOAMI);
    assert.match(await exchange(house, { jws, tls: true }), /^HTTP\/1\.1 200 /);
  });

  test('without TLS it is no HTTP that we speak', async (t) => {
    const house = await openHouse(t);
    const socket = connect(house.port, '127.0.0.1');
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    let heard = '';
    socket.on('data', (bytes) => { heard += bytes; });
    await new Promise((done) => socket.on('close', done));
    assert.match(heard, /^HTTP\/1\.1 (400|505) /);
  });

  test('a renewed certificate is for new connections; the old ones live on', async (t) => {
    const house = makeHouse(t);
    const { ini, key } = tlsOf(house, 'first');
    const token = house.hs256('x');
    await house.start({ ini });
    const first = open(house);
    const name = (session) => session.socket.getPeerCertificate().subject.CN;
    assert.equal((await post(first, await sign(token, 'GET', WHOAMI))).status, 200);
    assert.equal(name(first), 'first');

    const old = readFileSync(key);
    tlsOf(house, 'second');
    house.server.kill('SIGHUP');
    await until(async () => house.log, (log) => /reloaded what="tls"/.test(log));
    const second = open(house);
    assert.equal((await post(second, await sign(token, 'GET', WHOAMI))).status, 200);
    assert.deepEqual([name(first), name(second)], ['first', 'second']);
    assert.equal((await post(first, await sign(token, 'GET', WHOAMI))).status, 200);

    // a key of another certificate is refused, and the second stays
    writeFileSync(key, old);
    house.server.kill('SIGHUP');
    await until(async () => house.log, (log) => /reload failed, the old files stay in force what="tls" why="[^"]*tls\.(key|crt)/.test(log));
    const third = open(house);
    assert.equal((await post(third, await sign(token, 'GET', WHOAMI))).status, 200);
    assert.equal(name(third), 'second');
    [first, second, third].forEach((session) => session.close());
    await house.stop({ expect: [/reload failed/] });
  });

  test('SIGTERM lets streams finish and tells the client to go', async (t) => {
    const house = makeHouse(t);
    const token = house.hs256('x');
    await house.start({ ini: tlsOf(house, 'x').ini });
    const session = open(house);
    let goaway = false;
    session.on('goaway', () => { goaway = true; });
    const jws = await sign(token, 'GET', WHOAMI);
    const stream = session.request({ ':method': 'POST', ':path': '/jws/validate', 'content-length': jws.length });
    stream.write(jws.slice(0, 20));
    assert.equal((await post(session, await sign(token, 'GET', WHOAMI))).status, 200);
    house.server.kill('SIGTERM');
    await until(async () => goaway, Boolean);
    const answered = new Promise((done) => stream.on('response', (head) => done(head[':status'])));
    stream.resume();
    stream.end(jws.slice(20));
    assert.equal(await answered, 200);
    assert.deepEqual(await house.ended, { code: 0, signal: null });
    house.server = null;
  });
});

describe('proxies before it', () => {
  const INI = '[server]\ntrusted_proxies = 127.0.0.2, 127.0.0.9\n';
  const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
  /** A PROXY header, version 2: PROXY over TCP/IPv4 from `source`, port 4711. */
  const proxyV2 = (source) => Buffer.concat([Buffer.from(`${SIGNATURE}\x21\x11\0\x0c`, 'latin1'),
    Buffer.from([...source.split('.').map(Number), 127, 0, 0, 1, 0x12, 0x67, 0x1f, 0x90])]);
  const LOCAL = Buffer.from(`${SIGNATURE}\x20\0\0\0`, 'latin1');

  test('are believed when they are trusted, and nobody else is', async (t) => {
    const house = makeHouse(t);
    const token = house.hs256('x', '--approved-ip', '203.0.113.0/24, 127.0.0.0/8');
    const strict = house.hs256('strict', '--approved-ip', '203.0.113.9');
    await house.start({ ini: INI });
    const address = async (more) => seen(await exchange(house, { jws: await sign(token, 'GET', WHOAMI), ...more }));
    const forwarded = (text) => `X-Forwarded-For: ${text}\r\n`;
    const trusted = '127.0.0.2';
    const stranger = '127.0.0.3';

    assert.equal(await address({ from: trusted, before: proxyV2('203.0.113.9') }), '203.0.113.9');
    assert.equal(await address({ from: trusted, before: LOCAL }), trusted);
    assert.equal(await address({ from: trusted }), trusted, 'a trusted proxy may say nothing');
    assert.match(await address({ from: stranger, before: proxyV2('203.0.113.9') }), /^HTTP\/1\.1 400 |^$/);
    assert.equal(await address({ from: trusted, headers: forwarded('203.0.113.9') }), '203.0.113.9');
    assert.equal(await address({ from: stranger, headers: forwarded('203.0.113.9') }), stranger);
    // the last address that is not a proxy's counts: what a caller writes before it is nothing
    assert.equal(await address({ from: trusted, headers: forwarded('203.0.113.66, 203.0.113.9, 127.0.0.9') }), '203.0.113.9');
    assert.equal(await address({ from: trusted, headers: forwarded('203.0.113.66, nonsense') }), trusted);
    // whoever is behind PROXY is a peer like any other: trusted or not
    assert.equal(await address({ from: trusted, before: proxyV2('203.0.113.7'), headers: forwarded('203.0.113.9') }), '203.0.113.7');
    assert.equal(await address({ from: trusted, before: proxyV2('127.0.0.9'), headers: forwarded('203.0.113.9') }), '203.0.113.9');

    const status = async (more) => (await exchange(house, { jws: await sign(strict, 'GET', WHOAMI), ...more })).split(' ')[1];
    assert.equal(await status({ from: trusted, before: proxyV2('203.0.113.9') }), '200');
    assert.equal(await status({ from: trusted, before: proxyV2('203.0.113.8') }), '401');
    assert.equal(await status({ from: stranger, headers: forwarded('203.0.113.9') }), '401');
  });

  test('PROXY comes before TLS', async (t) => {
    const house = makeHouse(t);
    const token = house.hs256('x');
    await house.start({ ini: `${tlsOf(house, 'x').ini}trusted_proxies = 127.0.0.2\n` });
    const jws = await sign(token, 'GET', WHOAMI);
    assert.equal(seen(await exchange(house, { jws, tls: true, from: '127.0.0.2', before: proxyV2('203.0.113.9') })), '203.0.113.9');
    assert.equal(await exchange(house, { jws, tls: true, from: '127.0.0.3', before: proxyV2('203.0.113.9') }), '');
  });

  /** Starts a real proxy, until it answers; stops it by its own id. */
  async function runProxy(t, program, args, port) {
    const child = spawn(found(program), args, { stdio: 'ignore' });
    const ended = new Promise((done) => child.on('exit', done));
    t.after(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    await until(() => fetch(`http://127.0.0.1:${port}/`).then((r) => r.status, () => 0), (status) => status === 200, 10_000);
  }

  test('HAProxy with send-proxy-v2', async (t) => {
    const house = makeHouse(t);
    const token = house.hs256('x');
    await house.start({ ini: INI });
    const port = await freePort();
    const config = house.file('haproxy.cfg', `defaults\n mode tcp\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n`
      + `listen door\n bind 127.0.0.1:${port}\n server house 127.0.0.1:${house.port} source 127.0.0.2 send-proxy-v2\n`);
    await runProxy(t, 'haproxy', ['-db', '-f', config], port);
    for (const from of ['127.0.0.1', '127.0.0.44']) {
      const heard = await exchange({ port }, { jws: await sign(token, 'GET', WHOAMI), from });
      assert.equal(seen(heard), from, heard);
    }
  });

  test('nginx with X-Forwarded-For, and a caller who writes one too', async (t) => {
    const house = makeHouse(t);
    const token = house.hs256('x');
    await house.start({ ini: INI });
    const port = await freePort();
    mkdirSync(join(house.folder, 'nginx'));
    const config = house.file('nginx.conf', `daemon off; master_process off; pid ${house.folder}/nginx/pid; error_log ${house.folder}/nginx/error.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${house.folder}/nginx/${n};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${house.port};
      proxy_bind 127.0.0.2;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`);
    await runProxy(t, 'nginx', ['-e', join(house.folder, 'nginx/start.log'), '-c', config], port);
    for (const headers of ['', 'X-Forwarded-For: 203.0.113.9\r\n', 'X-Forwarded-For: 203.0.113.9, 127.0.0.9\r\n']) {
      const heard = await exchange({ port }, { jws: await sign(token, 'GET', WHOAMI), headers, from: '127.0.0.44' });
      assert.equal(seen(heard), '127.0.0.44', heard);
    }
  });
});
