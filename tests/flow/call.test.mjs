// SPDX-License-Identifier: Apache-2.0
// tokenhouse call against servers that are not ours, made of node:http, and against the
// real one: pages, retries, certificates, and servers that answer nothing useful.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compactVerify, importSPKI } from 'jose';
import { makeCertificate } from './support/certificates.mjs';
import { ADMIN, PROGRAM, freshFolder, makeHouse, openHouse, until } from './support/house.mjs';

/** Runs without blocking: the servers below live in this process. */
const call = (args, { input, env } = {}) => new Promise((done) => {
  const child = spawn(PROGRAM, ['call', ...args], { env: { ...process.env, ...env } });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (bytes) => { out[name] += bytes; });
  child.stdin.end(input);
  child.on('close', (status, signal) => done({ status, signal, ...out }));
});

const failed = (done, words) => {
  assert.equal(done.status, 1, done.stdout + done.stderr);
  assert.match(done.stderr, words);
};

/** A server of our own making: `answer(request)` gives [status, headers, body]. */
async function serving(t, answer, make = (listener) => createServer(listener)) {
  const seen = [];
  const server = make((request, response) => {
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', () => {
      const [head, payload] = body.split('.').map((part) => Buffer.from(part, 'base64url').toString());
      const it = { jws: body, head: JSON.parse(head), payload: JSON.parse(payload), url: request.url, method: request.method, at: performance.now() };
      seen.push(it);
      const [status, headers, text] = answer(it, seen.length);
      response.writeHead(status, headers).end(text);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return { seen, port: server.address().port, url: `http://127.0.0.1:${server.address().port}` };
}

/** A .token file; such a server asks nobody whether it is good. */
function tokenFile(t) {
  const house = { folder: freshFolder(t) };
  const path = join(house.folder, 'x.token');
  execFileSync('bash', ['-c', `umask 077; printf 'Token ID: an-id\\nSecret key: a-secret-key-of-some-length-that-nobody-knows\\n' >"$0"`, path]);
  return path;
}

const json = (value) => [200, { 'content-type': 'application/json' }, JSON.stringify(value)];

describe('against the real server', () => {
  test('all pages, bodies, heads, and both kinds of token', async (t) => {
    const house = await openHouse(t);
    const devices = Array.from({ length: 23 }, (_, i) => ({ deviceName: `PC ${i} "é"`, esn: `E${i}` }));
    house.ok('device', 'import', house.file('d.json', JSON.stringify(devices)));
    const token = join(house.folder, 'hs.token');
    house.ok('token', 'create', '--user', ADMIN, '--title', 'hs', '--out', token);
    const es = house.es256('es');
    const ask = (...args) => call([...args, '--server', house.url]);
    await until(() => ask('GET', '/v3/whoami', '--token-id', es.id, '--private-key', es.privateFile), (done) => done.status === 0);

    const who = await ask('GET', '/v3/whoami', '--token', token);
    assert.equal(JSON.parse(who.stdout).data.title, 'hs');
    assert.equal(who.stderr, '');
    const rows = (text) => JSON.parse(text).data.map((d) => d.esn).sort();
    const wanted = devices.map((d) => d.esn).sort();
    for (const query of ['', '?pageSize=5', '?pageSize=23&sortBy=esn', '?select=esn&pageSize=1']) {
      const all = await ask('GET', `/v3/reporting/devices${query}`, '--token', token, '--all');
      assert.equal(all.status, 0, all.stderr);
      assert.deepEqual(rows(all.stdout), wanted, query);
      assert.deepEqual(Object.keys(JSON.parse(all.stdout)), ['data']);
    }
    assert.equal(JSON.parse((await ask('GET', '/v3/reporting/devices?pageSize=5', '--token', token)).stdout).data.length, 5);
    const none = await ask('GET', '/v3/reporting/devices?esn=nobody', '--token', token, '--all');
    assert.deepEqual(JSON.parse(none.stdout), { data: [] });

    const pretty = await ask('GET', '/v3/reporting/devices?pageSize=2', '--token', token, '--pretty');
    assert.deepEqual(JSON.parse(pretty.stdout).data.length, 2);
    assert.match(pretty.stdout, /^\{\n {2}"data": \[\n {4}\{\n/);
    const head = await ask('GET', '/v3/whoami', '--token', token, '--include');
    assert.match(head.stdout, /^HTTP\/1\.1 200 [^]*\r\nx-request-id: \S+\r\n[^]*\r\n\{/i);

    const uid = JSON.parse((await ask('GET', '/v3/reporting/devices?pageSize=1', '--token', token)).stdout).data[0].deviceUid;
    const fields = `/v3/configurations/customfields/devices/${uid}`;
    const put = await ask('PUT', fields, '--token', token, '--data', `@${house.file('body.json', '[]')}`);
    assert.equal(put.status, 0, put.stderr);
    // the server's refusal is printed, and the exit status is 1
    const refused = await ask('GET', '/v3/nothing', '--token', token);
    failed(refused, /the server refused: status 404/);
    assert.equal(JSON.parse(refused.stdout).details[0].code, 'NO_SUCH_OPERATION');
    failed(await ask('GET', '/v3/nothing', '--token', token, '--all'), /status 404/);

    const environment = await call(['GET', '/v3/whoami', '--token', token], { env: { TOKENHOUSE_SERVER: `${house.url}/` } });
    assert.equal(environment.status, 0, environment.stderr);
  });

  test('by TLS with a certificate authority of one\'s own', async (t) => {
    const house = makeHouse(t);
    const at = (name) => join(house.folder, name);
    const openssl = (...args) => execFileSync('openssl', args, { cwd: house.folder, stdio: 'ignore' });
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=our own CA',
      '-keyout', 'ca.key', '-out', 'ca.crt');
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=server', '-keyout', 'tls.key', '-out', 'tls.csr');
    house.file('ext', 'subjectAltName=IP:127.0.0.1\n');
    openssl('x509', '-req', '-in', 'tls.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'ext', '-out', 'tls.crt');
    execFileSync('chmod', ['600', at('tls.key')]);
    const token = at('hs.token');
    house.ok('token', 'create', '--user', ADMIN, '--title', 'hs', '--out', token);
    await house.start({ ini: `[server]\ntls_cert = ${at('tls.crt')}\ntls_key = ${at('tls.key')}\n` });
    const ask = (server, ...more) => call(['GET', '/v3/whoami', '--token', token, '--server', server, ...more]);
    const https = `https://127.0.0.1:${house.port}`;
    const trusted = await ask(https, '--ca', at('ca.crt'));
    assert.equal(trusted.status, 0, trusted.stderr);
    failed(await ask(https), /no answer from https:\/\/127\.0\.0\.1:\d+\/jws\/validate: .*certificate/);
    failed(await ask(https, '--ca', at('none.crt')), /none\.crt|certificate/);
    failed(await ask(`https://localhost:${house.port}`, '--ca', at('ca.crt')), /no answer from https:\/\/localhost/);
    assert.equal((await ask(https, '--insecure')).status, 0);
    failed(await ask(`http://127.0.0.1:${house.port}`), /no answer|status 4/);
  });
});

describe('against servers that are not ours', () => {
  test('nextPage is followed to the end, each page signed anew, with the rest of the query', async (t) => {
    const token = tokenFile(t);
    const pages = { '': 'a&b=/+ é', 'a&b=/+ é': 'second', second: undefined };
    const server = await serving(t, ({ head }) => {
      const query = new URLSearchParams(head['query-string']);
      const next = pages[query.get('nextPage') ?? ''];
      return json({ data: [{ page: query.get('nextPage') }, 'text "é"', 1.50], metadata: { pagination: { nextPage: next } } });
    });
    const all = await call(['GET', '/v3/things?select=x&sortBy=y', '--token', token, '--server', server.url, '--all']);
    assert.equal(all.status, 0, all.stderr);
    assert.deepEqual(JSON.parse(all.stdout).data.filter((row) => row.page !== undefined).map((row) => row.page), [null, 'a&b=/+ é', 'second']);
    assert.ok(all.stdout.includes('1.5'));
    assert.equal(JSON.parse(all.stdout).data.length, 9);
    assert.equal(server.seen.length, 3);
    for (const { head, url, method } of server.seen) {
      const query = new URLSearchParams(head['query-string']);
      assert.deepEqual([method, url, head.uri, query.get('select'), query.get('sortBy')], ['POST', '/jws/validate', '/v3/things', 'x', 'y']);
    }
    const secret = new TextEncoder().encode('a-secret-key-of-some-length-that-nobody-knows');
    for (const { jws } of server.seen) await compactVerify(jws, secret);
    assert.equal(new Set(server.seen.map((s) => s.jws)).size, 3);
  });

  test('a server that gives the same page again and again is not followed for ever', async (t) => {
    const server = await serving(t, () => json({ data: [1], metadata: { pagination: { nextPage: 'same' } } }));
    const all = await call(['GET', '/v3/x', '--token', tokenFile(t), '--server', server.url, '--all']);
    assert.deepEqual([all.status, JSON.parse(all.stdout).data], [0, [1, 1]]);
    assert.equal(server.seen.length, 2);
  });

  test('a page that fails in the middle is no whole list', async (t) => {
    const server = await serving(t, (_, n) => (n === 1 ? json({ data: [1, 2], metadata: { pagination: { nextPage: 'x' } } }) : [500, {}, 'broken']));
    const all = await call(['GET', '/v3/x', '--token', tokenFile(t), '--server', server.url, '--all']);
    failed(all, /after 2 rows the server answered with status 500: broken/);
    assert.throws(() => JSON.parse(all.stdout), 'nobody takes it for all');
  });

  for (const status of [429, 503]) {
    test(`${status} is tried again when the server says, each try signed anew`, async (t) => {
      const server = await serving(t, (_, n) => (n <= 2 ? [status, { 'retry-after': '1' }, '{}'] : json({ data: 'at last' })));
      const done = await call(['PUT', '/v3/x', '--token', tokenFile(t), '--server', server.url, '--data', '{}']);
      assert.equal(done.status, 0, done.stderr);
      assert.equal(JSON.parse(done.stdout).data, 'at last');
      assert.equal(server.seen.length, 3);
      assert.equal(new Set(server.seen.map((s) => s.jws)).size, 3);
      assert.ok(server.seen[1].at - server.seen[0].at >= 900, 'it has waited');
      assert.deepEqual(done.stderr.trim().split('\n'), [2, 3].map((n) => `tokenhouse call: the server says ${status}; try ${n} of 5 in 1 s`));
    });
  }

  test('503 without Retry-After is tried again after a second', async (t) => {
    const server = await serving(t, (_, n) => (n === 1 ? [503, {}, ''] : json({ data: 1 })));
    const done = await call(['GET', '/v3/x', '--token', tokenFile(t), '--server', server.url]);
    assert.deepEqual([done.status, done.stderr], [0, 'tokenhouse call: the server says 503; try 2 of 5 in 1 s\n']);
    assert.ok(server.seen[1].at - server.seen[0].at >= 900, 'it has waited');
  });

  test('it gives up after five tries, and does not retry what is no "later"', async (t) => {
    const token = tokenFile(t);
    const busy = await serving(t, () => [429, { 'retry-after': '1' }, '{"code":"RATE_LIMITED"}']);
    const done = await call(['GET', '/v3/x', '--token', token, '--server', busy.url]);
    failed(done, /the server refused: status 429\n$/);
    assert.equal(done.stdout, '{"code":"RATE_LIMITED"}');
    assert.equal(busy.seen.length, 5);
    for (const status of [400, 401, 403, 404, 500, 502, 302]) {
      const other = await serving(t, () => [status, { 'retry-after': '1', location: 'http://127.0.0.1:1/' }, 'no']);
      failed(await call(['GET', '/v3/x', '--token', token, '--server', other.url]), new RegExp(`the server refused: status ${status}`));
      assert.equal(other.seen.length, 1, `${status}`);
    }
  });

  test('an answer that is no JSON is printed as it is', async (t) => {
    const token = tokenFile(t);
    const server = await serving(t, () => [200, { 'content-type': 'text/html' }, '<html>hello</html>']);
    for (const more of [[], ['--pretty'], ['--all']]) {
      const done = await call(['GET', '/v3/x', '--token', token, '--server', server.url, ...more]);
      assert.deepEqual([done.status, done.stdout], [0, '<html>hello</html>'], more.join(' '));
    }
    const empty = await serving(t, () => [204, {}, '']);
    const done = await call(['DELETE', '/v3/x', '--token', token, '--server', empty.url, '--pretty']);
    assert.deepEqual([done.status, done.stdout], [0, '']);
  });

  test('a server that is not there, hangs up, or is no URL', async (t) => {
    const token = tokenFile(t);
    const at = (url, ...more) => call(['GET', '/v3/x', '--token', token, '--server', url, ...more]);
    const gone = await serving(t, () => json({}));
    const broken = await serving(t, () => json({}), () => createServer((request) => request.socket.destroy()));
    failed(await at('http://127.0.0.1:1'), /no answer from http:\/\/127\.0\.0\.1:1\/jws\/validate: .*(refused|connect)/i);
    failed(await at(broken.url), /no answer from .*: .*(reset|empty)/i);
    failed(await at('http://no-such-host.invalid'), /no answer from http:\/\/no-such-host\.invalid\/jws\/validate: .*resolve/);
    for (const url of ['127.0.0.1:8480', 'ftp://127.0.0.1', 'file:///etc/passwd']) {
      const done = await at(url);
      assert.equal(done.status, 2);
      assert.match(done.stderr, /the server '.*' is no URL; wanted is one like http:\/\/127\.0\.0\.1:8480/);
    }
    const post = await at(gone.url, '--all', '--data', '{}');
    assert.equal(post.status, 0);
    const put = await call(['PUT', '/v3/x', '--token', token, '--server', gone.url, '--all']);
    assert.equal(put.status, 2);
    assert.match(put.stderr, /--all is for GET, and this is PUT/);
  });

  test('ES256 by a key that keygen made, over TLS that is not ours', async (t) => {
    const folder = freshFolder(t);
    const at = (name) => join(folder, name);
    execFileSync(PROGRAM, ['keygen', '--out-private', at('p.pem'), '--out-public', at('pub.pem')]);
    const { key, cert } = makeCertificate(folder, 'x');
    const server = await serving(t, () => json({ data: 1 }), (listener) => createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener));
    const done = await call(['POST', '/v3/x?a=b', '--token-id', 'my id', '--private-key', at('p.pem'), '--data', '@-', '--content-type', 'text/x',
      '--server', `https://127.0.0.1:${server.port}`, '--ca', cert], { input: '{"deep":[{}]}' });
    assert.equal(done.status, 0, done.stderr);
    const [{ jws, head, payload }] = server.seen;
    await compactVerify(jws, await importSPKI(readFileSync(at('pub.pem'), 'utf8'), 'ES256'));
    assert.deepEqual([head.alg, head.kid, head.method, head['content-type'], head.uri, head['query-string'], payload],
      ['ES256', 'my id', 'POST', 'text/x', '/v3/x', 'a=b', { data: { deep: [{}] } }]);
  });
});
