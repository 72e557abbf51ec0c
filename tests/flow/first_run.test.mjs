// SPDX-License-Identifier: Apache-2.0
// The first minutes: what `make run` prints works as it is printed.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM, ROOT, freshFolder, until } from './support/house.mjs';

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/** tools/run.sh as `make run` calls it, in a folder of its own. */
async function firstRun(folder, port, health) {
  const child = spawn('bash', ['tools/run.sh'], {
    cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PROGRAM, DATA: join(folder, 'data'),
      LISTEN: `127.0.0.1:${port}`, HEALTH: `127.0.0.1:${health}` },
  });
  const it = { child, out: '' };
  it.ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { it.out += bytes; });
  const start = performance.now();
  let end = null;
  it.ended.then((e) => { end = e; });
  await until(async () => it.out, (out) => end !== null || out.includes(' listening '), 60_000);
  assert.equal(end, null, it.out);
  it.ms = performance.now() - start;
  return it;
}

async function stop(it) {
  it.child.kill('SIGTERM'); // the script has become the server
  assert.deepEqual(await it.ended, { code: 0, signal: null }, it.out);
}

test('make run prints three commands, which work as they are, and starts again at once', async (t) => {
  const folder = freshFolder(t);
  const [port, health] = [await freePort(), await freePort()];
  const run = await firstRun(folder, port, health);
  t.after(() => run.child.kill());
  const password = readFileSync(join(folder, 'data/admin-password.txt'), 'utf8').trim();
  assert.ok(password.length >= 20);
  assert.ok(run.out.includes(password));
  for (const name of ['admin-password.txt', 'first/hs256.token', 'first/private.pem', 'master.key', 'tokenhouse.db']) {
    assert.equal(statSync(join(folder, 'data', name)).mode & 0o777, 0o600, name);
  }

  const commands = run.out.split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
  assert.equal(commands.length, 3, run.out);
  const [es, hs, who] = commands.map((c) => JSON.parse(execFileSync('bash', ['-c', c], { cwd: ROOT, encoding: 'utf8' })));
  for (const answer of [es, hs]) {
    assert.equal(answer.data.length, 1);
    assert.equal(answer.data[0].deviceName, hostname());
  }
  assert.match(commands[0], /--private-key/);
  assert.match(commands[1], /--token \S+\.token/);
  assert.equal(who.data.title, 'First steps, HS256');
  const [, pages] = /^the console: (http:\S+)$/m.exec(run.out);
  assert.equal((await fetch(pages)).headers.get('content-type'), 'text/html; charset=utf-8');
  await stop(run);

  const second = await firstRun(folder, port, health);
  t.after(() => second.child.kill());
  assert.ok(!second.out.includes(password), 'the password is shown once');
  // 2 s on a quiet machine with the program as it is shipped; here sanitizers, too
  assert.ok(second.ms < 5000, `${second.ms} ms`);
  assert.equal(second.out.split('\n').filter((line) => commands.includes(line.trim())).length, 3);
  await stop(second);
});
