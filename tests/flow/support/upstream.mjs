// SPDX-License-Identifier: Apache-2.0
//
// APIs behind the house: real servers on loopback, good ones by node:http and bad ones that
// write whatever a test wants to a socket; and how a house comes to know of them.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';

/** The description of an API where any good token may do everything below /things. */
export function description(paths = {}) {
  const open = (id) => ({ operationId: id, 'x-tokenhouse': { permissions: [] }, responses: { 200: { description: 'ok' } } });
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Things', version: '1' },
    paths: {
      '/things/{id}': {
        get: open('get-thing'), put: open('put-thing'), post: open('post-thing'),
        delete: open('delete-thing'), patch: open('patch-thing'), head: open('head-thing'),
      },
      ...paths,
    },
  });
}

/** Puts an API behind the house, by command. */
export function addUpstream(house, {
  name = 'Things', prefix = '/', base = '', ports, hosts = [], tls = {}, document = description(),
  connectMs = 2000, firstByteMs = 3000, wholeMs = 0, more = [],
} = {}) {
  const urls = ports.map((port, i) => `${tls.ca ? 'https' : 'http'}://${hosts[i] ?? '127.0.0.1'}:${port}${base}`);
  const given = {
    '--tls-ca': tls.ca, '--tls-cert': tls.certificate, '--tls-key': tls.key, '--tls-name': tls.name,
  };
  house.ok('upstream', 'add', name, '--openapi', house.file(`${name}.json`, document), '--prefix', prefix,
    ...urls.flatMap((url) => ['--url', url]),
    ...Object.entries(given).flatMap(([option, value]) => (value ? [option, value] : [])),
    '--connect-timeout', String(connectMs), '--first-byte-timeout', String(firstByteMs),
    '--whole-timeout', String(wholeMs), ...more);
}

/** A good server; `handle(request, response, body)`. Gives { port, requests, server }. */
export async function goodServer(t, handle, { tls } = {}) {
  const seen = [];
  const listener = (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => {
      const body = Buffer.concat(parts);
      seen.push({ method: request.method, url: request.url, headers: request.headers, raw: request.rawHeaders, body: body.toString() });
      handle(request, response, body);
    });
  };
  const server = tls ? (await import('node:https')).createServer(tls, listener) : http.createServer(listener);
  return { server, requests: seen, ...await listen(t, server) };
}

/** A server that does `act(socket, head)` for each request it reads, and nothing else. */
export async function badServer(t, act) {
  const state = { connections: 0, requests: 0, ended: 0 };
  const server = net.createServer((socket) => {
    state.connections++;
    let head = '';
    socket.on('error', () => {});
    socket.on('close', () => { state.ended++; });
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      state.requests++;
      const whole = head;
      head = '';
      act(socket, whole, state);
    });
  });
  return { server, state, ...await listen(t, server) };
}

async function listen(t, server) {
  const open = new Set();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: server.address().port };
}

/** A port where nobody listens. */
export async function deadPort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The error form with this status and detail. */
export function refusedWith(answer, status, detail) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json?.details[0].code, detail, answer.text);
}
