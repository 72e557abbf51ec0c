// SPDX-License-Identifier: Apache-2.0
// ES256 over the wire on every level that the processor has: a key that is used often is
// verified by its table, and says yes and no as before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeHouse, openHouse, ROOT, sign, until } from './support/house.mjs';
import { HAS_LANES } from './support/lanes.mjs';

async function figures(house) {
  const text = await (await fetch(`${house.health}/metrics`)).text();
  const of = (name) => Number(new RegExp(`^tokenhouse_es256_${name} (\\d+)$`, 'm').exec(text)[1]);
  const level = /^tokenhouse_es256_level\{level="(\w+)"\} 1$/m.exec(text)[1];
  return { level, signing: of('signing_lanes'), tables: of('tables'), sampled: of('sampled_total'), differences: of('differences_total') };
}

/** The same message with one bit of its signature turned. */
function spoil(jws, byte) {
  const [header, payload, signature] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[byte] ^= 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

for (const level of ['openssl', 'table', ...(HAS_LANES ? ['lanes'] : [])]) {
  test(`level ${level}: right signatures are taken and wrong ones refused, cold and hot`, async (t) => {
    const house = await openHouse(t, { ini: `[gate]\nes256_level = ${level}\n` });
    const token = house.es256('hot');
    const stranger = house.es256('another');
    const ask = async () => (await house.ask(token, 'GET', '/v3/whoami')).status;
    await until(ask, (status) => status === 200);
    for (let i = 0; i < 15; i++) assert.equal(await ask(), 200);
    if (level !== 'openssl') await until(() => figures(house), (f) => f.tables === 1);
    for (let i = 0; i < 40; i++) {
      const jws = await sign(token, 'GET', '/v3/whoami');
      assert.equal((await house.post(jws)).status, 200);
      assert.equal((await house.post(spoil(jws, i % 64))).status, 401);
    }
    // the other's signature under this key's name
    const foreign = await sign({ ...stranger, id: token.id }, 'GET', '/v3/whoami');
    assert.equal((await house.post(foreign)).status, 401);
    const found = await figures(house);
    assert.equal(found.level, level);
    assert.equal(found.signing, level === 'lanes' ? 1 : 0);
    assert.equal(found.tables, level === 'openssl' ? 0 : 1);
    assert.equal(found.differences, 0);
    house.ok('token', 'delete', token.id);
    await until(ask, (status) => status === 401);
  });
}

test('answers by tables are sampled while it runs', async (t) => {
  const house = await openHouse(t);
  const token = house.es256('busy');
  await until(() => house.ask(token, 'GET', '/v3/whoami'), ({ status }) => status === 200);
  const jws = await sign(token, 'GET', '/v3/whoami');
  const many = async (count) => {
    for (let i = 0; i < count; i += 50) {
      const all = await Promise.all(Array.from({ length: 50 }, () => house.post(jws)));
      assert.ok(all.every((answer) => answer.status === 200));
    }
  };
  await many(50);
  await until(() => figures(house), (f) => f.tables === 1);
  await many(2500); // of two loops, each samples one in a thousand of its own
  await until(() => figures(house), (f) => f.sampled >= 1);
  assert.equal((await figures(house)).differences, 0);
});

/** The program as it is shipped, on a processor without AVX (emulated by qemu-user). */
function onOldProcessor(house) {
  const shipped = join(ROOT, 'build/tokenhouse');
  assert.ok(existsSync(shipped), 'make build');
  house.file('old', `#!/bin/sh\nexec qemu-x86_64 -cpu qemu64 ${shipped} "$@"\n`);
  const program = join(house.folder, 'old');
  chmodSync(program, 0o755);
  return program;
}

const IS_X86 = process.arch === 'x64'; // qemu-x86_64 is where the program is for x86

test('a processor without lanes verifies by tables in plain C', { skip: !IS_X86 }, async (t) => {
  const house = makeHouse(t);
  await house.start({ program: onOldProcessor(house) });
  const token = house.es256('old');
  const ask = async () => (await house.ask(token, 'GET', '/v3/whoami')).status;
  await until(ask, (status) => status === 200, 30_000);
  for (let i = 0; i < 15; i++) assert.equal(await ask(), 200);
  await until(() => figures(house), (f) => f.tables === 1, 30_000);
  for (let i = 0; i < 10; i++) {
    const jws = await sign(token, 'GET', '/v3/whoami');
    assert.equal((await house.post(jws)).status, 200);
    assert.equal((await house.post(spoil(jws, i * 6))).status, 401);
  }
  const found = await figures(house);
  assert.equal(found.level, 'table');
  assert.equal(found.differences, 0);
});

test('a processor without lanes refuses to be told to use them', { skip: !IS_X86 }, (t) => {
  const house = makeHouse(t);
  house.file('data/tokenhouse.ini', '[gate]\nes256_level = lanes\n');
  const done = spawnSync(onOldProcessor(house),
    ['serve', '--data', house.data, '--listen', '127.0.0.1:0', '--health', '127.0.0.1:0'],
    { encoding: 'utf8', timeout: 60_000 });
  assert.equal(done.status, 1);
  assert.match(done.stdout + done.stderr, /es256_level is lanes, but this processor can do table at most/);
});

test('a level that there is no such word for is refused', (t) => {
  const house = makeHouse(t);
  house.file('data/tokenhouse.ini', '[gate]\nes256_level = fast\n');
  const done = house.cli('config', 'check');
  assert.equal(done.status, 1);
  assert.match(done.stdout + done.stderr, /es256_level.*auto, openssl, table, lanes/);
});
