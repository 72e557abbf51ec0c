// SPDX-License-Identifier: Apache-2.0
// tokenhouse call --native: requests that are signed themselves, held against a verifier
// that is not ours, and against the real server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVerifier, httpbis } from 'http-message-signatures';
import { ADMIN, PROGRAM, openHouse, until } from './support/house.mjs';

/** Runs without blocking: the server below lives in this process. */
const call = (...args) => new Promise((done) => {
  const child = spawn(PROGRAM, ['call', ...args]);
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (bytes) => { out[name] += bytes; });
  child.stdin.end();
  child.on('close', (status) => done({ status, ...out }));
});

/** A server that verifies what comes, by http-message-signatures, and keeps it. */
async function verifying(t, keys) {
  const seen = [];
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      const body = Buffer.concat(parts);
      const params = {};
      const good = await httpbis.verifyMessage({
        keyLookup: (given) => Object.assign(params, given) && keys[given.keyid],
        requiredFields: ['@method', '@target-uri', ...(body.length ? ['content-digest', 'content-type'] : [])],
        requiredParams: ['created', 'keyid', 'nonce', 'alg', 'tag'],
        tolerance: 5,
      }, { method: request.method, url: `http://${request.headers.host}${request.url}`, headers: request.headers }).catch((e) => e);
      seen.push({ good, body: body.toString(), params, url: request.url, method: request.method, headers: request.headers });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  t.after(() => server.close());
  return { seen, url: `http://127.0.0.1:${server.address().port}` };
}

test('another library verifies what it signs, for both kinds of token', async (t) => {
  const house = await openHouse(t);
  const [hs, es] = [house.hs256('hs'), house.es256('es')];
  const secret = house.file('secret', hs.secret);
  const keys = {
    [hs.id]: { id: hs.id, algs: ['hmac-sha256'], verify: createVerifier(Buffer.from(hs.secret), 'hmac-sha256') },
    [es.id]: { id: es.id, algs: ['ecdsa-p256-sha256'], verify: createVerifier(readFileSync(es.publicFile), 'ecdsa-p256-sha256') },
  };
  const server = await verifying(t, keys);
  const who = [['--token-id', hs.id, '--secret-file', secret], ['--token-id', es.id, '--private-key', es.privateFile]];
  const nonces = new Set();
  for (const signer of who) {
    const asked = [
      [['GET', '/v3/whoami'], '/v3/whoami', ''],
      [['get', '/v3/x?a=1&b=two words&c=ü%20{}'], '/v3/x?a=1&b=two%20words&c=%C3%BC%20%7B%7D', ''],
      [['DELETE', '/v3/a//b/../c'], '/v3/a//b/../c', ''],
      [['HEAD', '/v3/whoami?'], '/v3/whoami', ''],
      [['PUT', '/v3/x', '--data', ' {"a": [1, "é"]} '], '/v3/x', '{"a": [1, "é"]}'],
      [['POST', '/v3/x?y', '--data', '"text"', '--content-type', 'application/x+json'], '/v3/x?y', '"text"'],
    ];
    for (const [args, url, body] of asked) {
      const done = await call(...args, '--native', '--server', server.url, ...signer);
      assert.equal(done.status, 0, done.stderr);
      const last = server.seen.at(-1);
      assert.equal(last.good, true, `${args}: ${last.good}`);
      assert.deepEqual([last.method, last.url, last.body], [args[0].toUpperCase(), url, body]);
      assert.equal(last.params.tag, 'tokenhouse');
      if (body) {
        assert.equal(last.headers['content-digest'], `sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
        assert.equal(last.headers['content-type'], args[5] ?? 'application/json');
      }
      assert.ok(!nonces.has(last.params.nonce) && last.params.nonce.length >= 16);
      nonces.add(last.params.nonce);
    }
  }
});

test('the real server answers it as it answers a JWS', async (t) => {
  const house = await openHouse(t);
  const token = join(house.folder, 'x.token');
  const rows = Array.from({ length: 7 }, (_, i) => ({ deviceName: `PC ${i}`, esn: `E${i}` }));
  house.ok('device', 'import', house.file('devices.json', JSON.stringify(rows)));
  house.ok('token', 'create', '--user', ADMIN, '--title', 'native', '--out', token);
  const ask = (...args) => call(...args, '--server', house.url, '--token', token);
  await until(() => ask('GET', '/v3/whoami', '--native'), (done) => done.status === 0);
  const query = "/v3/reporting/devices?pageSize=2&select=esn&deviceNameStartsWith=PC 1";
  for (const path of [query, '/v3/reporting/devices?select=esn']) {
    assert.equal((await ask('GET', path, '--native')).stdout, (await ask('GET', path)).stdout);
  }
  const all = await ask('GET', '/v3/reporting/devices?pageSize=2&select=esn', '--all', '--native');
  assert.equal(JSON.parse(all.stdout).data.length, 7, all.stderr);
  const head = await ask('HEAD', '/v3/whoami', '--native', '--include');
  assert.match(head.stdout, /^HTTP\/\S+ 200/);

  const put = ['PUT', '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555', '--data', '{"a":1}'];
  const [native, jws] = [await ask(...put, '--native'), await ask(...put)];
  assert.equal(native.stdout, jws.stdout);
  assert.match(native.stderr, /status 4\d\d/);

  const shown = await ask('GET', '/v3/whoami', '--native', '--print-base');
  assert.match(shown.stderr, /^"@method": GET\n"@target-uri": http:\/\/127\.0\.0\.1:\d+\/v3\/whoami\n"@signature-params": \("@method" "@target-uri"\);created=\d+;keyid="/);
  assert.equal((await ask('GET', '/v3/whoami', '--print-base')).status, 2);
  const path = await call('GET', '/v3/whoami', '--native', '--token', token, '--server', `${house.url}/api`);
  assert.match(path.stderr, /has a path or a user/);
});
