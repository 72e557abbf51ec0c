// SPDX-License-Identifier: Apache-2.0
// The requests by hand, run as README.md and docs/protocol.md print them: with sh, and with
// nothing changed but where the server is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ADMIN, ROOT, openHouse, until } from './support/house.mjs';

/** The blocks for a shell in a document that post to the server. */
const blocks = (name, where = '/jws/validate') => [...readFileSync(join(ROOT, name), 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)]
  .map((m) => m[1]).filter((text) => text.includes(where));

describe('by hand', () => {
  const undo = [];
  let house, hs, es;
  before(async () => {
    house = await openHouse({ after: (f) => undo.unshift(f) });
    hs = house.hs256('hs');
    es = house.es256('es');
    await until(() => house.ask(es, 'GET', '/v3/whoami'), (a) => a.status === 200);
    copyFileSync(es.privateFile, join(house.folder, 'privateKey.pem'));
  });
  after(async () => {
    for (const f of undo) await f();
  });

  const sh = (shell, script, { env, input } = {}) => {
    const done = spawnSync(shell, ['-euc', script], { cwd: house.folder, input, env: { ...process.env, ...env } });
    assert.equal(done.status, 0, String(done.stderr));
    return done.stdout;
  };

  for (const shell of ['sh', 'bash']) {
    test(`docs/protocol.md, both kinds of token, with ${shell}`, () => {
      const [byHmac, byEcdsa, ...more] = blocks('docs/protocol.md');
      assert.deepEqual(more, []);
      for (const [script, token, alg] of [[byHmac, hs, 'HS256'], [byEcdsa, es, 'ES256']]) {
        assert.ok(script.includes('http://127.0.0.1:8480/') && script.includes(`"alg":"${alg}"`));
        const answer = JSON.parse(sh(shell, script.replace('http://127.0.0.1:8480', house.url), { env: { TOKEN_ID: token.id, SECRET_KEY: token.secret ?? '' } }));
        assert.deepEqual([answer.data?.tokenId, answer.data?.alg], [token.id, alg], JSON.stringify(answer));
      }
    });
  }

  test('docs/protocol.md, a request that is signed itself, with sh and with Python', async () => {
    const [script, ...more] = blocks('docs/protocol.md', 'Signature-Input');
    assert.deepEqual(more, []);
    const env = { TOKEN_ID: hs.id, SECRET_KEY: hs.secret, DEVICE_UID: '11111111-2222-4333-8444-555555555555' };
    const here = (text) => text.replaceAll('http://127.0.0.1:8480', house.url);
    await until(() => house.ask(hs, 'GET', '/v3/whoami'), (a) => a.status === 200);
    assert.equal(JSON.parse(sh('sh', here(script), { env })).data?.tokenId, hs.id);

    const [python] = /^```python\n([^]*?)^```$/m.exec(readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8')).slice(1);
    const done = spawnSync('python3', ['-c', here(python)], { env: { ...process.env, ...env }, encoding: 'utf8' });
    // it is let in, and there is no such device
    assert.match(done.stderr, /HTTP Error 404/, done.stdout + done.stderr);
    const bad = spawnSync('python3', ['-c', here(python).replace('data=body', 'data=body + b" "')], { env: { ...process.env, ...env }, encoding: 'utf8' });
    assert.match(bad.stderr, /HTTP Error 400/);
  });

  test('docs/admin-api.md, a script that logs in and out', () => {
    const [script, ...more] = blocks('docs/admin-api.md', '/console/api');
    assert.deepEqual(more, []);
    writeFileSync(join(house.folder, 'log-in.json'), JSON.stringify({ email: ADMIN, password: 'correct horse battery staple' }));
    const said = String(sh('sh', script.replaceAll('http://127.0.0.1:8480', house.url)));
    assert.equal(JSON.parse(said).email, ADMIN);
    assert.match(readFileSync(join(house.folder, 'jar'), 'utf8'), /#HttpOnly_127\.0\.0\.1/);
    const [last] = JSON.parse(house.ok('events', 'list', '--json', '--count', '1'));
    assert.equal(last.event, 'User logged out');
  });

  test('README.md, with the token that make run leaves', () => {
    const [script, ...more] = blocks('README.md');
    assert.deepEqual(more, []);
    mkdirSync(join(house.folder, 'data/first'), { recursive: true });
    house.ok('token', 'create', '--user', ADMIN, '--title', 'first', '--out', join(house.folder, 'data/first/hs256.token'));
    const ask = async () => JSON.parse(sh('sh', script.replace('http://127.0.0.1:8480', house.url)));
    return until(ask, (answer) => answer.data?.title === 'first');
  });

  test('the way from DER to R and S keeps leading zeros', () => {
    const bare = /^bare\(\).*$/m.exec(blocks('docs/protocol.md')[1])[0];
    const integer = (bytes) => {
      const first = bytes.findIndex((b) => b !== 0);
      const rest = [...bytes.subarray(first)];
      const body = rest[0] & 0x80 ? [0, ...rest] : rest;
      return [2, body.length, ...body];
    };
    for (const zeros of [0, 1, 2, 5, 30]) {
      for (const high of [0x01, 0x0f, 0x7f, 0x80, 0xff]) {
        const half = (fill) => Buffer.concat([Buffer.alloc(zeros), Buffer.from([high]), Buffer.alloc(31 - zeros, fill)]);
        const [r, s] = [half(0xaa), half(0x00)];
        const body = [...integer(r), ...integer(s)];
        writeFileSync(join(house.folder, 'der'), Buffer.from([0x30, body.length, ...body]));
        assert.deepEqual(sh('sh', `${bare}\nbare <der`), Buffer.concat([r, s]), `${zeros} ${high}`);
      }
    }
  });
});
