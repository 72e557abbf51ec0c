// SPDX-License-Identifier: Apache-2.0
// What serve refuses to start with: each time one sentence that names the thing, status 1,
// and nothing left behind.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { PROGRAM, freshFolder, makeHouse, openHouse, run } from './support/house.mjs';

const FREE = ['--listen', '127.0.0.1:0', '--health', '127.0.0.1:0'];

/** serve must end by itself with status 1 and one sentence that matches. */
function refuses(data, words, args = FREE) {
  const done = run(['serve', '--data', data, ...args], { timeout: 20_000 });
  assert.equal(done.status, 1, done.stderr);
  assert.equal(done.stdout, '');
  assert.match(done.stderr, words);
  assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
}

/** The nearest yes: the same folder is served when the cause has gone. */
async function serves(house) {
  await house.start();
  await house.stop();
}

/** One of SQLite's numbers about the file. */
const pragma = (house, name) => execFileSync('python3', ['-c',
  'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("PRAGMA " + sys.argv[2]).fetchone()[0])',
  join(house.data, 'tokenhouse.db'), name], { encoding: 'utf8' }).trim();

/** SQLite is asked through Python, which the build needs anyway. */
function sql(house, text) {
  execFileSync('python3', ['-c',
    'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.executescript(sys.argv[2]); d.close()',
    join(house.data, 'tokenhouse.db'), text]);
}

test('a folder that is not there, or is a file', (t) => {
  const folder = freshFolder(t);
  refuses(join(folder, 'nothing'), /nothing' cannot be opened: No such file or directory; 'tokenhouse init/);
  assert.equal(existsSync(join(folder, 'nothing')), false);
  writeFileSync(join(folder, 'file'), '');
  refuses(join(folder, 'file'), /file' is not a folder/);
});

test('a folder that is not ours', async (t) => {
  const house = makeHouse(t);
  const empty = join(house.folder, 'empty');
  mkdirSync(empty);
  refuses(empty, /empty' is not a data folder of Tokenhouse/);
  assert.deepEqual(existsSync(join(empty, 'serve.lock')), false);

  const id = pragma(house, 'application_id');
  sql(house, 'PRAGMA application_id = 1');
  refuses(house.data, /tokenhouse\.db'? /);
  sql(house, `PRAGMA application_id = ${id}`);
  await serves(house);

  const other = join(house.folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'tokenhouse.db'), 'this is no database at all, but a text of some length');
  refuses(other, /tokenhouse\.db/);
});

test('a folder of a newer Tokenhouse', async (t) => {
  const house = makeHouse(t);
  const version = pragma(house, 'user_version');
  sql(house, 'PRAGMA user_version = 9999');
  refuses(house.data, /9999/);
  sql(house, `PRAGMA user_version = ${version}`);
  await serves(house);
});

test('a folder that cannot be written', async (t) => {
  const house = makeHouse(t);
  const isRoot = process.getuid() === 0;
  // Root may write anywhere: then nobody is asked to serve, with a copy that nobody may run.
  const program = join(house.folder, 'tokenhouse');
  copyFileSync(PROGRAM, program);
  chmodSync(program, 0o755);
  chmodSync(house.folder, 0o755);
  chmodSync(house.data, 0o555);
  const as = isRoot ? { uid: 65534, gid: 65534 } : {};
  const done = spawnSync(program, ['serve', '--data', house.data, ...FREE],
    { encoding: 'utf8', timeout: 20_000, cwd: '/', ...as });
  chmodSync(house.data, 0o700);
  assert.equal(done.status, 1, done.stderr);
  assert.match(done.stderr, /data' is not writable for user \d+: Permission denied/);
  assert.equal(existsSync(join(house.data, 'serve.lock')), false);
  await serves(house);
});

test('a folder that another server serves', async (t) => {
  const house = await openHouse(t);
  refuses(house.data, new RegExp(`is being served by process ${house.pid};`));
  assert.equal((await fetch(`${house.health}/readyz`)).status, 200);
  await house.stop();
  await serves(house);
});

test('a port that is in use, for callers and for health', async (t) => {
  const first = await openHouse(t);
  const second = makeHouse(t);
  const words = new RegExp(`${first.address.replaceAll('.', '\\.')}: the port is in use`);
  refuses(second.data, words, ['--listen', first.address, '--health', '127.0.0.1:0']);
  refuses(second.data, words, ['--listen', '127.0.0.1:0', '--health', first.address]);
  // the first one has not noticed
  for (let i = 0; i < 20; i++) assert.equal((await fetch(`${first.url}/`)).status, 200);
  await first.stop();
  // the port is free at once
  await second.start({ listen: first.address });
  assert.equal(second.address, first.address);
});

test('an address that is none, or not ours', (t) => {
  const house = makeHouse(t);
  refuses(house.data, /listen.*'8480'/, ['--listen', '8480', '--health', '127.0.0.1:0']);
  refuses(house.data, /listen.*'example\.com:80'/, ['--listen', 'example.com:80', '--health', '127.0.0.1:0']);
  refuses(house.data, /health.*'127\.0\.0\.1:65536'/, ['--listen', '127.0.0.1:0', '--health', '127.0.0.1:65536']);
  refuses(house.data, /192\.0\.2\.1:0: this machine has no such address/, ['--listen', '192.0.2.1:0', '--health', '127.0.0.1:0']);
});

test('a master key that others may read', async (t) => {
  const house = makeHouse(t);
  const key = join(house.data, 'master.key');
  for (const mode of [0o644, 0o640, 0o604, 0o660]) {
    chmodSync(key, mode);
    refuses(house.data, /master\.key/);
  }
  chmodSync(key, 0o600);
  await serves(house);
});

test('no master key, a short one, and that of other data', async (t) => {
  const house = makeHouse(t);
  const other = makeHouse(t);
  const key = join(house.data, 'master.key');
  renameSync(key, `${key}.kept`);
  refuses(house.data, /master\.key/);
  assert.equal(existsSync(key), false);
  writeFileSync(key, 'short', { mode: 0o600 });
  refuses(house.data, /master\.key.*(32|bytes)/);
  rmSync(key);
  copyFileSync(join(other.data, 'master.key'), key);
  chmodSync(key, 0o600);
  refuses(house.data, /master\.key' is not the one that the data in .* was sealed with/);
  rmSync(key);
  renameSync(`${key}.kept`, key);
  await serves(house);
});

test('a key file elsewhere, by its setting', async (t) => {
  const house = makeHouse(t);
  const elsewhere = join(house.folder, 'elsewhere.key');
  renameSync(join(house.data, 'master.key'), elsewhere);
  refuses(house.data, /master\.key/);
  writeFileSync(join(house.data, 'tokenhouse.ini'), `[server]\nmaster_key_file = ${elsewhere}\n`);
  await serves(house);
});

test('a configuration that says nonsense', async (t) => {
  const house = makeHouse(t);
  const ini = join(house.data, 'tokenhouse.ini');
  for (const [text, words] of [
    ['[gate]\nfreshness_s = 0\n', /line 2.*freshness_s/],
    ['\n[gate]\nno_such_setting = 1\n', /line 3.*no_such_setting/],
    ['[server]\ndrain_s = ten\n', /drain_s.*ten/],
    ['[server]\ntls_cert = /nowhere/cert.pem\n', /tls_key/],
    ['[server]\ntls_cert = /nowhere/cert.pem\ntls_key = /nowhere/key.pem\n', /\/nowhere\/(cert|key)\.pem/],
  ]) {
    writeFileSync(ini, text);
    refuses(house.data, words);
  }
  refuses(house.data, /nowhere\.ini/, [...FREE, '--config', join(house.folder, 'nowhere.ini')]);
  writeFileSync(ini, '[gate]\nfreshness_s = 1\n');
  await serves(house);
});
