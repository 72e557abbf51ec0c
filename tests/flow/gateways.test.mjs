// SPDX-License-Identifier: Apache-2.0
//
// A gateway of one's own asks: /decide by itself, and behind the real nginx and the real
// HAProxy with the configurations of docs/examples, unchanged but for ports and paths.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { join } from 'node:path';
import { test } from 'node:test';
import { send } from './support/console.mjs';
import { ADMIN, ROOT, makeHouse, run, sleep, until } from './support/house.mjs';
import { digestOf, signRequest } from './support/signed.mjs';
import { addUpstream } from './support/upstream.mjs';

const WHOAMI = '/v3/whoami';
const DEVICES = '/v3/reporting/devices?pageSize=1';

/** A house whose /decide is at house.decide. */
async function deciding(t, more = 'decide_headers = x-original', settings = '') {
  const house = makeHouse(t);
  await house.start({ ini: `[server]\ndecide_listen = 127.0.0.1:0\n${more}\n${settings}` });
  const where = () => /gateways may ask\b.*\bdecide="?([^"\s]+)"?/.exec(house.log);
  await until(async () => where(), (found) => found);
  house.decide = { scheme: 'http', port: Number(where()[1].split(':').pop()) };
  return house;
}

/** What a gateway at "api.example.com" would say of a signed request. */
const described = (signed, { family = 'x-original', ...more } = {}) => ({
  ...signed.headers,
  host: 'decide.internal',
  [`${family}-method`]: signed.method,
  [`${family}-uri`]: signed.url.replace(/^https?:\/\/[^/]+/, ''),
  [`${family}-host`]: new URL(signed.url).host,
  [`${family}-proto`]: new URL(signed.url).protocol.slice(0, -1),
  'x-forwarded-for': '203.0.113.9',
  ...more,
});

const API = { scheme: 'https', port: 8443 };
const ask = (house, headers, path = '/decide', method = 'POST') => send(house.decide, method, path, { headers });

test('a gateway hears who asks, or why not', async (t) => {
  const house = await deciding(t);
  const token = house.es256('for the "größe" gateway');
  const narrow = house.hs256('narrow', '--permission', 'Geolocation:View');
  const away = house.hs256('away', '--approved-ip', '198.51.100.7');
  const sign = (who, path = WHOAMI, more = {}, method = 'GET') => signRequest(API, who, method, path, more);
  await until(async () => ask(house, described(await sign(away))), (reply) => /ADDRESS/.test(reply.text));

  const reply = await ask(house, described(await sign(token, DEVICES)));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.text, '');
  assert.equal(reply.headers['x-tokenhouse-token'], token.id);
  assert.equal(decodeURIComponent(reply.headers['x-tokenhouse-title']), 'for the "größe" gateway');
  assert.equal(reply.headers['x-tokenhouse-owner'], ADMIN);
  assert.equal(reply.headers['x-tokenhouse-permissions'], 'Device Fields:View, Device reports:View');
  assert.equal(reply.headers['x-tokenhouse-body'], 'none');
  assert.ok(reply.headers['x-tokenhouse-operation'].length > 0);

  const refused = async (headers, status, code, words) => {
    const no = await ask(house, await headers);
    assert.equal(no.status, status, no.text);
    assert.match(no.text, words);
    if (code) assert.equal(no.json.details[0].code, code);
    assert.deepEqual(JSON.parse(Buffer.from(no.headers['tokenhouse-refusal'], 'latin1')), no.json);
    return no;
  };
  await refused(described(await sign(narrow, DEVICES)), 403, 'PERMISSION_MISSING', /Device/);
  await refused(described(await sign(away)), 401, 'ADDRESS_NOT_APPROVED', /203\.0\.113\.9/);
  assert.equal((await ask(house, described(await sign(away), { 'x-forwarded-for': '198.51.100.7' }))).status, 200);
  await refused(described(await sign(token, '/v3/nothing')), 404, 'NO_SUCH_OPERATION', /nothing/);
  const stranger = await refused(described(await sign({ ...token, id: 'nobody' })), 401, undefined, /not authenticated/);
  assert.match(stranger.headers['accept-signature'], /"@target-uri"/);
  const { Signature: signature, 'Signature-Input': input, ...unsigned } = described(await sign(token));
  assert.ok(signature && input);
  await refused(unsigned, 401, 'NOT_SIGNED', /not signed/);
  await refused({ ...unsigned, 'x-original-uri': '/v3/whoami?key=hunter2' }, 401, 'NOT_SIGNED', /not signed/);
  await until(() => house.log, (log) => /why="?not.signed.*path="\/v3\/whoami" /.test(log));
  assert.ok(!house.log.includes('hunter2'), house.log);

  // what was signed is what the gateway says, all of it
  for (const change of [{ 'x-original-method': 'HEAD' }, { 'x-original-uri': DEVICES }, { 'x-original-uri': `${WHOAMI}?` },
    { 'x-original-host': 'other.example.com' }, { 'x-original-proto': 'http' }]) {
    await refused(described(await sign(token), change), 401, undefined, /not authenticated/);
  }
});

test('a body is not seen, so what was signed of it is told', async (t) => {
  const house = await deciding(t);
  const token = house.hs256('hs');
  const path = '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555';
  await until(async () => ask(house, described(await signRequest(API, token, 'GET', WHOAMI))), (r) => r.status === 200);
  const body = '{"a":1}';
  const signed = described(await signRequest(API, token, 'PUT', path, { body }));
  const reply = await ask(house, signed);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.headers['x-tokenhouse-body'], digestOf(body));
  assert.match((await ask(house, signed)).text, /REQUEST_ALREADY_USED/);
  const bare = await ask(house, described(await signRequest(API, token, 'PUT', path)));
  assert.equal(bare.status, 400);
  assert.match(bare.text, /content-digest/);
  // a body that the gateway sees and nobody signed, whatever the method
  const get = described(await signRequest(API, token, 'GET', WHOAMI));
  assert.equal((await ask(house, { ...get, 'x-original-body': '0' })).status, 200);
  assert.match((await ask(house, { ...get, 'x-original-body': '1' })).text, /content-digest/);
  const none = described(await signRequest(API, token, 'PUT', path));
  assert.equal((await ask(house, { ...none, 'x-original-body': '0' })).status, 400, 'its word alone opens nothing');
});

test('only the fields of the setting are believed, and each must be there once', async (t) => {
  const house = await deciding(t, '');
  const token = house.hs256('hs');
  const sign = () => signRequest(API, token, 'GET', WHOAMI);
  const family = 'x-forwarded';
  await until(async () => ask(house, described(await sign(), { family })), (reply) => reply.status === 200);
  const good = described(await sign(), { family });
  assert.equal((await ask(house, { ...good, 'x-original-uri': '/v3/other', 'x-original-method': 'PUT' })).status, 200);
  assert.match((await ask(house, described(await sign()))).text, /no X-Forwarded-Method/);
  for (const name of ['x-forwarded-method', 'x-forwarded-uri', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for']) {
    for (const value of [undefined, '', ...(name === 'x-forwarded-for' ? ['nobody'] : [[good[name], good[name]]])]) {
      const headers = { ...good, [name]: value };
      if (value === undefined) delete headers[name];
      const reply = await ask(house, headers);
      assert.equal(reply.status, 400, `${name}: ${value} ${reply.text}`);
    }
  }
  for (const [name, value] of [['x-forwarded-uri', '//v3/whoami x'], ['x-forwarded-uri', 'http://x/v3'], ['x-forwarded-uri', '*'],
    ['x-forwarded-method', 'G ET'], ['x-forwarded-proto', 'gopher'], ['x-forwarded-host', 'a b']]) {
    const reply = await ask(house, { ...good, [name]: value });
    assert.equal(reply.status, 400, `${name}: ${value} ${reply.text}`);
  }
  assert.equal((await ask(house, good, '/other')).status, 404);
  assert.equal((await ask(house, good, '/decide/v3/whoami')).status, 404);
});

test('Envoy asks with the request itself, behind a path of ours', async (t) => {
  const house = await deciding(t, 'decide_headers = path');
  const token = house.es256('es');
  const envoy = async (signed, method = 'GET', path = WHOAMI) => ask(house,
    { ...signed.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }, `/decide${path}`, method);
  await until(async () => envoy(await signRequest(API, token, 'GET', WHOAMI)), (reply) => reply.status === 200);
  assert.equal((await envoy(await signRequest(API, token, 'GET', DEVICES), 'GET', DEVICES)).status, 200);
  assert.equal((await envoy(await signRequest(API, token, 'GET', WHOAMI), 'GET', DEVICES)).status, 401);
  assert.equal((await envoy(await signRequest(API, token, 'GET', WHOAMI), 'HEAD')).status, 401);
});

test('it listens where only a gateway can be', async (t) => {
  const house = makeHouse(t);
  const check = (ini) => {
    writeFileSync(join(house.data, 'tokenhouse.ini'), `[server]\n${ini}\n`);
    return run(['config', 'check', '--data', house.data]);
  };
  for (const address of ['0.0.0.0:8482', '[::]:8482', '192.0.2.1:8482']) {
    const done = check(`decide_listen = ${address}`);
    assert.notEqual(done.status, 0);
    assert.match(done.stdout + done.stderr, /loopback interface only, or with decide_client_ca/);
  }
  assert.equal(check('decide_listen = 127.9.9.9:8482').status, 0);
  assert.equal(check('decide_listen = [::1]:8482').status, 0);
  const done = check(`decide_listen = 0.0.0.0:8482\ndecide_client_ca = ${house.file('ca.crt', 'x')}`);
  assert.match(done.stdout + done.stderr, /tls_cert and tls_key are not/);
});

test('a gateway elsewhere shows a certificate', async (t) => {
  const house = makeHouse(t);
  const at = (name) => join(house.folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { cwd: house.folder, stdio: 'ignore' });
  const make = (name, ca) => {
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1\n');
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-days', '2', '-extfile', 'ext', '-out', `${name}.crt`);
    execFileSync('chmod', ['600', at(`${name}.key`)]);
  };
  for (const ca of ['ours', 'theirs']) {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.crt`);
  }
  make('server', 'ours');
  make('gateway', 'ours');
  make('stranger', 'theirs');
  await house.start({ ini: `[server]\ntls_cert = ${at('server.crt')}\ntls_key = ${at('server.key')}\ndecide_listen = 0.0.0.0:0\ndecide_client_ca = ${at('ours.crt')}\ndecide_headers = x-original\n` });
  const token = house.es256('es');
  const port = Number(/gateways may ask\b.*\bdecide="?[^"\s]*:(\d+)"?/.exec(house.log)[1]);
  const askAs = async (name) => {
    const headers = described(await signRequest(API, token, 'GET', WHOAMI));
    return new Promise((done) => {
      const request = https.request({
        host: '127.0.0.1', port, path: '/decide', method: 'POST', headers: { ...headers, host: '127.0.0.1' }, agent: false, ca: readFileSync(at('ours.crt')),
        ...(name ? { cert: readFileSync(at(`${name}.crt`)), key: readFileSync(at(`${name}.key`)) } : {}),
      }, (reply) => {
        reply.resume().on('end', () => done(reply.statusCode));
      });
      request.on('error', (error) => done(error.code ?? error.message));
      request.end();
    });
  };
  await until(() => askAs('gateway'), (status) => status === 200);
  for (const other of ['stranger', undefined]) assert.match(String(await askAs(other)), /ALERT|SSL|ECONNRESET|EPIPE/i);
});

/** What an API believes of who calls. */
async function identified(house, identity) {
  const keys = await (await fetch(`${house.url}/.well-known/jwks.json`)).json();
  const checked = await jwtVerify(identity, createLocalJWKSet(keys), { audience: 'Things', issuer: 'tokenhouse', algorithms: ['ES256'] });
  return checked.payload;
}

test('of an operation of an upstream the gateway hears who calls, signed, as forwarding says it', async (t) => {
  const house = makeHouse(t);
  const token = house.hs256('Caller');
  addUpstream(house, { ports: [9] });
  await house.start({ ini: '[server]\ndecide_listen = 127.0.0.1:0\ndecide_headers = x-original\n' });
  house.decide = { scheme: 'http', port: Number(/gateways may ask\b.*\bdecide="?[^"\s]*:(\d+)"?/.exec(house.log)[1]) };
  const sign = (path) => signRequest(API, token, 'GET', path);
  await until(async () => ask(house, described(await sign('/things/1'))), (reply) => reply.status === 200);
  const lie = { 'tokenhouse-identity': 'forged' };
  const reply = await ask(house, described(await sign('/things/1'), lie));
  const payload = await identified(house, reply.headers['tokenhouse-identity']);
  assert.deepEqual([payload.sub, payload.title, payload.owner, payload.address, payload.jti],
    [token.id, 'Caller', ADMIN, '203.0.113.9', reply.headers['x-request-id']]);
  assert.equal(payload.exp - payload.iat, 60);
  // of our own operations nobody else is told, and of a refused request nobody at all
  assert.equal((await ask(house, described(await sign(WHOAMI), lie))).headers['tokenhouse-identity'], undefined);
  const other = await signRequest(API, { ...token, id: 'nobody' }, 'GET', '/things/1');
  const no = await ask(house, described(other, lie));
  assert.deepEqual([no.status, no.headers['tokenhouse-identity']], [401, undefined]);
});

// ---- real gateways ----

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/** The API behind a gateway: says what came. */
async function openApi(t) {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body })));
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  t.after(() => server.close());
  return server.address().port;
}

/** Starts a program that must be there; ends it by its own id. */
async function running(t, command, args, cwd, port) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stdout.on('data', (bytes) => { log += bytes; });
  child.stderr.on('data', (bytes) => { log += bytes; });
  const ended = new Promise((done) => { child.on('exit', done); });
  t.after(async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(3000).then(() => child.kill('SIGKILL'))]);
  });
  child.on('error', (error) => { log += error; });
  await until(() => send({ scheme: 'http', port }, 'GET', '/').catch((e) => ({ error: `${e}\n${log}` })), (reply) => reply.status, 15_000);
  return { log: () => log };
}

const example = (name) => readFileSync(join(ROOT, 'docs/examples', name), 'utf8');
const changed = (text, pairs) => pairs.reduce((all, [from, to]) => {
  assert.ok(all.includes(from), from);
  return all.replaceAll(from, to);
}, text);

const GATEWAYS = {
  nginx: {
    headers: 'x-original',
    async start(t, house, port, api) {
      const folder = join(house.folder, 'nginx');
      mkdirSync(join(folder, 'temp'), { recursive: true });
      const conf = changed(example('nginx.conf'), [['127.0.0.1:8482', `127.0.0.1:${house.decide.port}`],
        ['listen 8000;', `listen 127.0.0.1:${port};`], ['127.0.0.1:9000', `127.0.0.1:${api}`], ['worker_processes auto;', 'worker_processes 1; daemon off;']]);
      const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `    ${n}_temp_path ${folder}/temp/${n};`).join('\n');
      writeFileSync(join(folder, 'nginx.conf'), `pid ${folder}/pid;\nerror_log stderr warn;\n${conf.replace('http {', `http {\n    access_log off;\n${temp}`)}`);
      return running(t, 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], folder, port);
    },
  },
  HAProxy: {
    headers: 'x-forwarded',
    async start(t, house, port, api) {
      const folder = join(house.folder, 'haproxy');
      mkdirSync(folder);
      writeFileSync(join(folder, 'haproxy-decide.lua'), changed(example('haproxy-decide.lua'), [['127.0.0.1:8482', `127.0.0.1:${house.decide.port}`]]));
      writeFileSync(join(folder, 'haproxy.cfg'), changed(example('haproxy.cfg'), [['bind :8000', `bind 127.0.0.1:${port}`],
        ['127.0.0.1:9000', `127.0.0.1:${api}`], ['global\n', 'global\n    nbthread 2\n']]));
      return running(t, 'haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], folder, port);
    },
  },
};

for (const [name, gateway] of Object.entries(GATEWAYS)) {
  test(`${name} lets through what may pass, says who it was, and tells others why not`, async (t) => {
    const house = await deciding(t, `decide_headers = ${gateway.headers}`, '[gate]\ntoken_rate_per_s = 40\n');
    const [token, narrow] = [house.es256('through a gateway'), house.hs256('narrow', '--permission', 'Geolocation:View')];
    const [port, api] = [await freePort(), await openApi(t)];
    const front = { scheme: 'http', port };
    await gateway.start(t, house, port, api);
    const through = async (who, method, path, { sent = {}, body, ...more } = {}) => {
      const signed = await signRequest(front, who, method, path, { body, ...more });
      return send(front, method, path, { headers: { ...signed.headers, ...sent }, body });
    };
    await until(() => through(token, 'GET', WHOAMI), (reply) => reply.status === 200);

    const reply = await through(token, 'GET', DEVICES, { sent: { 'x-tokenhouse-owner': 'mallory', 'x-tokenhouse-token': 'mallory' } });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.url, DEVICES);
    assert.equal(reply.json.headers['x-tokenhouse-token'], token.id);
    assert.equal(reply.json.headers['x-tokenhouse-owner'], ADMIN);
    assert.equal(reply.json.headers['x-tokenhouse-permissions'], 'Device Fields:View, Device reports:View');

    // an upstream's API believes nobody but us
    addUpstream(house, { ports: [api] });
    await until(() => through(token, 'GET', '/things/1'), (answer) => answer.status === 200);
    const told = await through(token, 'GET', '/things/1', { sent: { 'tokenhouse-identity': 'forged' } });
    assert.equal((await identified(house, told.json.headers['tokenhouse-identity'])).sub, token.id);
    const own = await through(token, 'GET', WHOAMI, { sent: { 'tokenhouse-identity': 'forged', 'Tokenhouse-Identity-More': 'forged' } });
    assert.notEqual(own.json.headers['tokenhouse-identity'], 'forged');

    const path = '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555';
    const put = await through(token, 'PUT', path, { body: '{"a":1}' });
    assert.equal(put.status, 200, put.text);
    assert.equal(put.json.body, '{"a":1}');
    assert.equal(put.json.headers['x-tokenhouse-body'], digestOf('{"a":1}'), 'for the API to check');

    const refused = (no, status, code) => {
      assert.equal(no.status, status, no.text);
      assert.equal(no.json.details[0]?.code, code, no.text);
      assert.match(no.headers['content-type'], /application\/json/);
      return no;
    };
    refused(await through(narrow, 'GET', DEVICES), 403, 'PERMISSION_MISSING');
    refused(await through(token, 'GET', '/v3/nothing'), 404, 'NO_SUCH_OPERATION');
    refused(await through(token, 'PUT', path), 400, 'BAD_SIGNATURE_INPUT');
    const unsigned = refused(await send(front, 'GET', WHOAMI), 401, 'NOT_SIGNED');
    assert.match(unsigned.headers['accept-signature'], /"@target-uri"/);
    assert.match(unsigned.headers['www-authenticate'], /^Signature/);
    const other = await signRequest(front, token, 'GET', WHOAMI);
    refused(await send(front, 'GET', DEVICES, { headers: other.headers }), 401, undefined);
    // what a caller says of the request is not believed
    const lies = Object.fromEntries(['forwarded', 'original'].flatMap((f) => [[`x-${f}-uri`, WHOAMI], [`x-${f}-method`, 'GET']]));
    refused(await send(front, 'GET', DEVICES, { headers: { ...other.headers, ...lies } }), 401, undefined);
    // a body that nobody signed does not ride along
    const bare = await signRequest(front, token, 'GET', WHOAMI);
    assert.equal((await send(front, 'GET', WHOAMI, { headers: bare.headers, body: 'x' })).status, 400);

    const many = await Promise.all(Array.from({ length: 90 }, () => through(narrow, 'GET', WHOAMI)));
    const later = many.find((r) => r.status === 429);
    assert.ok(later, many.map((r) => r.status).join());
    assert.equal(refused(later, 429, 'RATE_LIMITED').headers['retry-after'], '1');

    await house.stop();
    assert.equal((await through(token, 'GET', WHOAMI)).status, 503, 'without an answer nothing passes');
  });
}
