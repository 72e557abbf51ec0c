// SPDX-License-Identifier: Apache-2.0
//
// APIs that are dead, hang, break off or talk nonsense, before callers who are no better:
// each caller hears what is wrong in our error form, or sees his answer cut; nobody else
// notices anything.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import test from 'node:test';
import { makeHouse, sign, sleep, until } from './support/house.mjs';
import { askSigned } from './support/signed.mjs';
import { addUpstream, badServer, deadPort, description, goodServer, refusedWith } from './support/upstream.mjs';

const OK = 'HTTP/1.1 200 OK\r\n';

/** A house with a bad API; `expect` log lines are warnings, so none is an error. */
async function beforeBad(t, act, more = {}, options = {}) {
  const api = await badServer(t, act);
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [api.port], firstByteMs: 400, connectMs: 500, ...more });
  await house.start(options);
  return { api, house, token };
}

const get = (house, token) => house.ask(token, 'GET', '/things/1');

test('an API that is dead', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [await deadPort()] });
  await house.start();
  for (let i = 0; i < 5; i++) refusedWith(await get(house, token), 502, 'UPSTREAM_UNREACHABLE');
  /* after five in a row nobody is sent there for a while, and everybody hears it at once */
  const refused = await get(house, token);
  refusedWith(refused, 503, 'UPSTREAM_UNAVAILABLE');
  assert.equal(refused.headers.get('retry-after'), '5');
  assert.match(house.log, /upstream failed.*upstream="?Things"?.*unreachable/);
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
  assert.match(await (await fetch(`${house.health}/metrics`)).text(), /^tokenhouse_upstream_addresses_down\{upstream="Things"\} 1$/m);
});

test('an API that comes back is used again', async (t) => {
  const port = await deadPort();
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [port] });
  await house.start();
  for (let i = 0; i < 6; i++) await get(house, token);
  const server = http.createServer((request, response) => response.end('back'));
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  t.after(() => server.close());
  await until(() => get(house, token), (answer) => answer.text === 'back', 8000);
  server.closeAllConnections();
});

test('of several addresses the living ones answer', async (t) => {
  const apis = [await goodServer(t, (q, r) => r.end('a')), await goodServer(t, (q, r) => r.end('b'))];
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [apis[0].port, await deadPort(), apis[1].port] });
  await house.start();
  for (let i = 0; i < 30; i++) assert.equal((await house.ask(token, 'POST', '/things/1')).status, 200);
  assert.equal(apis[0].requests.length + apis[1].requests.length, 30);
  assert.ok(apis[0].requests.length > 0 && apis[1].requests.length > 0);
});

test('an API whose name has no address', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [80], hosts: ['nowhere.invalid'] });
  await house.start();
  refusedWith(await get(house, token), 503, 'UPSTREAM_UNAVAILABLE');
});

test('an API at a link-local address is asked only where the operator says so', async (t) => {
  const api = await goodServer(t, (request, response) => response.end('secrets of a cloud'));
  for (const ini of ['', '[limits]\nupstream_link_local = on\n']) {
    const house = makeHouse(t);
    const token = house.hs256('Caller');
    addUpstream(house, { ports: [api.port], hosts: ['0.0.0.0'] }); // this host, in the same class of addresses
    await house.start({ ini });
    if (ini) {
      assert.equal((await get(house, token)).text, 'secrets of a cloud');
    } else {
      refusedWith(await get(house, token), 503, 'UPSTREAM_UNAVAILABLE');
      assert.match(house.log, /link-local, and upstream_link_local is off/);
      assert.equal(api.requests.length, 0);
    }
  }
});

test('an API by its name', async (t) => {
  const api = await goodServer(t, (request, response) => response.end('named'));
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [api.port], hosts: ['localhost'] });
  await house.start();
  await until(() => get(house, token), (answer) => answer.text === 'named');
  assert.equal(api.requests.at(-1).headers.host, `localhost:${api.port}`);
});

/* What it does, and what the caller hears. `null`: the answer is cut off. */
const BAD = [
  ['hangs', () => {}, 504, 'UPSTREAM_TIMEOUT'],
  ['hangs in its head', (s) => s.write(`${OK}Content-Le`), 504, 'UPSTREAM_TIMEOUT'],
  ['drips its head', (s) => {
    let i = 0;
    const drip = setInterval(() => (s.destroyed ? clearInterval(drip) : s.write(i === 0 ? OK : `X-${i}: y\r\n`), i++), 50);
  }, 504, 'UPSTREAM_TIMEOUT'],
  ['says 100 for ever', (s) => {
    const more = setInterval(() => (s.destroyed ? clearInterval(more) : s.write('HTTP/1.1 100 Continue\r\n\r\n')), 5);
  }, 502, 'UPSTREAM_BAD_ANSWER'],
  ['ends before it answers', (s) => s.end(), 502, 'UPSTREAM_CUT_OFF'],
  ['resets before it answers', (s) => s.resetAndDestroy(), 502, 'UPSTREAM_CUT_OFF'],
  ['ends in its head', (s) => s.end(`${OK}Content-Le`), 502, 'UPSTREAM_CUT_OFF'],
  ['talks nonsense', (s) => s.end('SSH-2.0-OpenSSH_9.2\r\n'), 502, 'UPSTREAM_BAD_ANSWER'],
  ['talks binary nonsense', (s) => s.end(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])), 502, 'UPSTREAM_BAD_ANSWER'],
  ['never ends its head', (s) => {
    const line = `X-${'a'.repeat(8000)}: b\r\n`;
    s.write(OK + line.repeat(50));
  }, 502, 'UPSTREAM_BAD_ANSWER'],
  ['has too many headers', (s) => s.write(`${OK}${'A: b\r\n'.repeat(1000)}\r\n`), 502, 'UPSTREAM_BAD_ANSWER'],
  ['says two lengths', (s) => s.end(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`), 502, 'UPSTREAM_BAD_ANSWER'],
  ['says a length and chunks', (s) => s.end(`${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`), 502, 'UPSTREAM_BAD_ANSWER'],
  ['folds a header', (s) => s.end(`${OK}X: a\r\n b\r\nContent-Length: 2\r\n\r\nab`), 502, 'UPSTREAM_BAD_ANSWER'],
  ['has a zero in a header', (s) => s.end(`${OK}X: a\0b\r\nContent-Length: 2\r\n\r\nab`), 502, 'UPSTREAM_BAD_ANSWER'],
  ['ends lines with LF', (s) => s.end('HTTP/1.1 200 OK\nContent-Length: 2\n\nab'), 502, 'UPSTREAM_BAD_ANSWER'],
  ['changes the protocol', (s) => s.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'), 502, 'UPSTREAM_BAD_ANSWER'],
  ['gives a bad first chunk', (s) => s.end(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), 502, 'UPSTREAM_BAD_ANSWER'],
  ['promises more than it gives', (s) => s.end(`${OK}Content-Length: 10\r\n\r\nabc`), null],
  ['resets in its body', (s) => { s.write(`${OK}Content-Length: 10\r\n\r\nabc`); setTimeout(() => s.resetAndDestroy(), 50); }, null],
  ['breaks off its chunks', (s) => s.end(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`), null],
  ['gives a bad second chunk', (s) => { s.write(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`); setTimeout(() => s.write('zz\r\n'), 50); }, null],
  ['resets what ends with the connection', (s) => { s.write(`${OK}\r\nabc`); setTimeout(() => s.resetAndDestroy(), 50); }, null],
];

test('what is wrong with an API is told, or the answer is cut; never is a part taken for the whole', async (t) => {
  for (const [what, act, status, detail] of BAD) {
    await t.test(`an API that ${what}`, async (t2) => {
      const { house, token } = await beforeBad(t2, act);
      if (status !== null) {
        refusedWith(await get(house, token), status, detail);
      } else {
        await assert.rejects(async () => {
          const reply = await fetch(`${house.url}/jws/validate`, { method: 'POST', body: await sign(token, 'GET', '/things/1') });
          await reply.text();
        }, /terminated|aborted|reset|fetch failed/);
      }
      assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
      assert.match(house.log, /upstream failed/);
    });
  }
});

/* Odd, but of one meaning. */
const GOOD = [
  ['says 100 and 103 first', (s) => s.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 2\r\n\r\nab`)],
  ['adds trailers', (s) => s.write(`${OK}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n`)],
  ['ends its body with the connection', (s) => s.end(`${OK}\r\nab`)],
  ['speaks HTTP/1.0', (s) => s.end('HTTP/1.0 200 OK\r\n\r\nab')],
  ['says no words', (s) => s.write('HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nab')],
  ['drips its body', (s) => {
    s.write(`${OK}Content-Length: 2\r\n\r\n`);
    setTimeout(() => s.write('a'), 600);
    setTimeout(() => s.write('b'), 1200);
  }],
  ['answers twice', (s) => s.write(`${OK}Content-Length: 2\r\n\r\nab${OK}Content-Length: 4\r\n\r\nevil`)],
];

test('what is odd but has one meaning is taken', async (t) => {
  for (const [what, act] of GOOD) {
    await t.test(`an API that ${what}`, async (t2) => {
      const { house, token } = await beforeBad(t2, act);
      for (let i = 0; i < 3; i++) {
        const answer = await get(house, token);
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.text, 'ab');
        assert.equal(answer.headers.get('x-sum'), null);
        assert.equal(answer.headers.get('trailer'), null);
      }
    });
  }
});

test('a kept connection that breaks: what is safe is asked again, what is not is told', async (t) => {
  let serve = true;
  const { api, house, token } = await beforeBad(t, (socket) => {
    if (serve) socket.write(`${OK}Content-Length: 2\r\n\r\nab`);
    else socket.end();
    serve = true;
  }, {}, { ini: '[server]\nloop_count = 1\n' });
  assert.equal((await get(house, token)).status, 200);
  serve = false;
  assert.equal((await get(house, token)).status, 200);
  assert.equal(api.state.requests, 3);
  serve = false;
  refusedWith(await house.ask(token, 'POST', '/things/1', { data: {} }), 502, 'UPSTREAM_CUT_OFF');
  assert.equal(api.state.requests, 4);
});

test('an address that says it is not well gets no requests until it is well again', async (t) => {
  const well = [true, true];
  const apis = await Promise.all(well.map((_, i) => goodServer(t, (request, response) => {
    if (request.url !== '/healthz?deep=1') return response.end(String(i));
    response.statusCode = well[i] ? 204 : 500;
    return response.end();
  })));
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, {
    ports: apis.map((api) => api.port),
    more: ['--health', '/healthz?deep=1', '--health-status', '204', '--health-interval', '1'],
  });
  await house.start();
  const who = async () => {
    const all = [];
    for (let i = 0; i < 6; i++) all.push((await get(house, token)).text);
    return [...new Set(all)].sort().join();
  };
  await until(who, (seen) => seen === '0,1');
  well[0] = false;
  await until(who, (seen) => seen === '1', 30_000);
  assert.match(house.log, /an address of an upstream is not well.* upstream="?Things"? address="?127\.0\.0\.1"? port=\d+/);
  assert.match(await (await fetch(`${house.health}/metrics`)).text(), /tokenhouse_upstream_addresses_down\{upstream="Things"\} 1\n/);
  well[0] = true;
  await until(who, (seen) => seen === '0,1', 30_000);
  assert.match(house.log, /an address of an upstream is well again/);
  // when none is well nobody is asked, and the caller hears it at once
  well[0] = well[1] = false;
  await until(() => get(house, token), (answer) => answer.status === 503, 30_000);
  const refused = await get(house, token);
  refusedWith(refused, 503, 'UPSTREAM_UNAVAILABLE');
  // a health check says who it is for, and nothing of us
  const asked = apis[0].requests.find((request) => request.url === '/healthz?deep=1');
  assert.equal(asked.headers.host, `127.0.0.1:${apis[0].port}`);
  assert.deepEqual([asked.headers['tokenhouse-identity'], asked.method], [undefined, 'GET']);
});

test('two thousand slow answers at once keep nobody waiting', async (t) => {
  const SLOW = 2000;
  const WAVE = 250;
  const waiting = [];
  const api = await goodServer(t, (request, response) => {
    if (request.url.endsWith('slow')) waiting.push(response);
    else response.end('quick');
  });
  api.server.maxConnections = 10_000;
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [api.port], firstByteMs: 60_000 });
  await house.start({ ini: '[limits]\nconnection_per_ip_max_count = 5000\n' });
  const agent = new http.Agent({ keepAlive: false, maxSockets: Infinity });
  const message = await sign(token, 'GET', '/things/slow');
  const ask = () => new Promise((done, fail) => {
    const request = http.request(`${house.url}/jws/validate`, { method: 'POST', agent }, (response) => {
      early ??= response.statusCode;
      response.resume();
      response.on('end', () => done(response.statusCode));
    });
    request.on('error', fail);
    request.end(message);
  });
  // by the wave: what the kernel keeps of connections that nobody has accepted yet is short
  const answers = [];
  let early;
  while (answers.length < SLOW) {
    answers.push(...Array.from({ length: WAVE }, ask));
    await until(() => waiting.length, (count) => early || count === answers.length, 60_000);
    assert.equal(early, undefined);
  }
  for (let i = 0; i < 20; i++) {
    assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
    assert.equal((await house.ask(token, 'GET', '/things/1')).text, 'quick');
  }
  assert.equal(waiting.length, SLOW);
  for (const response of waiting) response.end('slow');
  assert.deepEqual([...new Set(await Promise.all(answers))], [200]);
  agent.destroy();
});

test('a stop waits for what runs, and ends what does not end', async (t) => {
  const { house, token } = await beforeBad(t, () => {}, { firstByteMs: 60_000 });
  const asked = get(house, token).catch((error) => error);
  await sleep(200);
  const began = performance.now();
  house.server.kill('SIGTERM');
  await house.ended;
  assert.ok(performance.now() - began < 30_000);
  house.server = null;
  await asked;
});

test('a caller who sends slowly does not reach an API at all', async (t) => {
  const { api, house } = await beforeBad(t, (socket) => socket.end(`${OK}Content-Length: 0\r\n\r\n`));
  const socket = net.connect(house.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST /jws/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n');
  for (let i = 0; i < 5; i++) {
    socket.write('a');
    await sleep(50);
  }
  assert.equal(api.state.connections, 0);
  socket.destroy();
});

test('a long signed body is not looked at any more when the API is unavailable at once', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  const operation = {
    operationId: 'remove',
    'x-tokenhouse': { permissions: [], when: [{ body: '/all', equals: true, permissions: ['Device Fields:View'] }] },
    responses: { 200: { description: 'ok' } },
  };
  addUpstream(house, { ports: [80], hosts: ['nowhere.invalid'], document: description({ '/remove': { post: operation } }) });
  await house.start();
  const body = JSON.stringify({ why: 'x'.repeat(100_000), all: false });
  for (let i = 0; i < 3; i++) {
    const answer = await askSigned(house, token, 'POST', '/remove', { body, headers: { 'content-type': 'application/json' } });
    assert.equal(answer.status, 503, answer.text);
  }
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
});
