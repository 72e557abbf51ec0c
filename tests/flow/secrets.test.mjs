// SPDX-License-Identifier: Apache-2.0
// After a busy run no secret stands anywhere: not in the log, the events, the answers, the
// database or the other files, nor in what commands print; and no core dump may hold one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, House, PROGRAM, b64, freshFolder, makeHouse, must, run, sign, until } from './support/house.mjs';
import { PASSWORD as CONSOLE_PASSWORD, Visitor } from './support/console.mjs';

const PASSWORD = 'a password that stands nowhere 7391';
const SECOND = 'another password that stands nowhere 8462';

/** Every file below a folder, as bytes. */
const filesOf = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const path = join(folder, entry.name);
  return entry.isDirectory() ? filesOf(path) : [[path, readFileSync(path)]];
});

/** The spellings in which bytes could have been written down. */
const spellings = (bytes) => ['hex', 'base64', 'base64url'].map((form) => Buffer.from(bytes).toString(form))
  .flatMap((text) => [text, text.toUpperCase()]).map((text) => Buffer.from(text));

test('a busy run leaves no secret anywhere', async (t) => {
  const house = makeHouse(t);
  const said = []; // everything that anybody could read
  const cli = (...args) => {
    const done = house.cli(...args);
    said.push([args.join(' '), Buffer.from(done.stdout + done.stderr)]);
    return done;
  };
  const password = house.file('password-one', `${PASSWORD}\n`);
  cli('user', 'add', 'grace@example.com', '--role', 'Administrator', '--password-file', password);
  cli('user', 'password', 'grace@example.com', '--password-file', house.file('password-two', `${SECOND}\n`));
  cli('user', 'add', 'x@example.com', '--password-file', house.file('password-bad', `${PASSWORD}\n${SECOND}`));
  const hs = house.hs256('hs');
  const gone = house.hs256('gone');
  const es = house.es256('es');
  const tokenFile = join(house.folder, 'file.token');
  cli('token', 'create', '--user', ADMIN, '--title', 'in a file', '--out', tokenFile);
  const fileSecret = /Secret key: (\S+)/.exec(readFileSync(tokenFile, 'utf8'))[1];
  const secretFile = house.file('secret', `${hs.secret}\n`);

  // secrets where they do not belong: pasted, damaged, given as something else
  const damaged = house.file('damaged.pem', readFileSync(es.privateFile, 'utf8').replace(/-----BEGIN [^-]+-----\n(.)/, '$1'));
  for (const file of [es.privateFile, damaged, secretFile, tokenFile]) {
    cli('token', 'create', '--user', ADMIN, '--title', 'x', '--public-key', file);
    said.push(['verify', Buffer.from(run(['verify', '--public-key', file, 'a.b.c']).stderr)]);
    said.push(['sign', Buffer.from(run(['sign', 'GET', '/v3/x', '--token-id', 'x', '--private-key', file.replace(es.privateFile, secretFile)]).stderr)]);
    if (file !== tokenFile) said.push(['sign', Buffer.from(run(['sign', 'GET', '/v3/x', '--token', file]).stderr)]);
  }

  await house.start({ ini: '[server]\nlog_level = debug\n[gate]\nreplay = all\n' });
  await until(() => house.ask(es, 'GET', '/v3/whoami'), (a) => a.status === 200);
  const messages = [];
  const post = async (jws) => {
    messages.push(jws);
    const answer = await house.post(jws);
    said.push(['an answer', Buffer.from(JSON.stringify([...answer.headers]) + answer.text)]);
    return answer.status;
  };
  const uid = '11111111-2222-4333-8444-555555555555';
  cli('token', 'suspend', gone.id);
  await until(() => house.ask(gone, 'GET', '/v3/whoami'), (a) => a.status === 401);
  const statuses = new Set();
  for (const token of [hs, es]) {
    const good = await sign(token, 'GET', '/v3/whoami');
    const wanted = [
      good, good, `${good}A`, good.slice(0, -3), `${good.split('.').slice(0, 2).join('.')}.${b64(hs.secret)}`,
      await sign(token, 'GET', '/v3/reporting/devices', { query: 'pageSize=5&select=esn' }),
      await sign(token, 'GET', '/v3/reporting/devices', { query: 'select=nonsense' }),
      await sign(token, 'PUT', `/v3/configurations/customfields/devices/${uid}`, { data: [{ cdfUid: uid, fieldValue: 'x' }] }),
      await sign(token, 'GET', '/v3/nothing'), await sign(token, 'GET', '/v3/whoami', { issuedAt: 1 }),
      await sign({ ...token, id: 'nobody' }, 'GET', '/v3/whoami'),
    ];
    for (const jws of wanted) statuses.add(await post(jws));
  }
  statuses.add(await post(await sign(gone, 'GET', '/v3/whoami')));
  assert.deepEqual([200, 400, 401, 404].filter((status) => !statuses.has(status)), [], 'the run was busy');
  said.push(['call', Buffer.from(run(['call', 'GET', '/v3/whoami', '--server', house.url, '--token', tokenFile, '--include']).stdout)]);
  said.push(['call', Buffer.from(run(['call', 'GET', '/v3/nothing', '--server', house.url, '--token-id', es.id, '--private-key', es.privateFile]).stderr)]);
  // somebody at the console, who once mistypes
  const visitor = new Visitor(house);
  const mistyped = 'a password that was nearly right 1234';
  for (const [email, typed] of [[ADMIN, mistyped], ['nobody@example.com', mistyped]]) {
    const answer = await visitor.post('/session', { email, password: typed });
    assert.equal(answer.status, 401, answer.text);
    said.push(['a log-in that failed', Buffer.from(JSON.stringify(answer.headers) + answer.text)]);
  }
  await visitor.logIn();
  const session = /=(.+)$/.exec(visitor.cookie)[1];
  assert.ok(session.length >= 20 && visitor.csrf.length >= 20);
  for (const path of ['/tokens', '/users', '/events', '/no-such-path']) {
    said.push([path, Buffer.from((await visitor.get(path)).text)]);
  }
  for (const path of ['/metrics', '/readyz']) said.push([path, Buffer.from(await (await fetch(house.health + path)).text())]);
  house.server.kill('SIGHUP');
  await until(async () => house.log, (log) => /reloaded/.test(log));
  for (const args of [['events', 'list', '--json', '--count', '100000'], ['token', 'list', '--json'], ['token', 'show', hs.id],
    ['user', 'list', '--json'], ['config', 'show', '--json']]) cli(...args);
  cli('token', 'delete', gone.id);
  const alive = filesOf(house.data); // the database with its log, while it is served
  await house.stop();
  said.push(['the log', Buffer.from(house.log)], ...alive, ...filesOf(house.data));
  assert.match(house.log, /refused why=/);

  const d = Buffer.from(createPrivateKey(readFileSync(es.privateFile)).export({ format: 'jwk' }).d, 'base64url');
  const master = readFileSync(join(house.data, 'master.key'));
  const secrets = [
    ...[hs.secret, gone.secret, fileSecret].flatMap((text) => [['a secret key', [Buffer.from(text), Buffer.from(text, 'base64'), ...spellings(text), ...spellings(Buffer.from(text, 'base64'))]]]),
    ...[PASSWORD, SECOND].map((text) => ['a password', [Buffer.from(text), ...spellings(text)]]),
    ['the private key', [d, ...spellings(d), ...readFileSync(es.privateFile, 'utf8').split('\n').filter((l) => !l.startsWith('-') && l.length > 10).map((l) => Buffer.from(l))]],
    ...[CONSOLE_PASSWORD, mistyped].map((text) => ['a password of the console', [Buffer.from(text), ...spellings(text)]]),
    ...[session, visitor.csrf].map((text) => ['what a session is known by', [Buffer.from(text), Buffer.from(text, 'base64url')].filter((b) => b.length > 8)]),
    ['the master key', [master, ...spellings(master)]],
    ['a signed message', messages.filter((jws) => jws.split('.').length === 3).map((jws) => Buffer.from(jws))],
    ['a signature', messages.map((jws) => jws.split('.')[2]).filter((s) => s?.length >= 40).flatMap((s) => [Buffer.from(s), Buffer.from(s, 'base64url')])],
  ];
  for (const [what, forms] of secrets) {
    for (const [where, bytes] of said) {
      if (what === 'the master key' && where.endsWith('master.key')) continue;
      for (const form of forms) assert.equal(bytes.indexOf(form), -1, `${what} stands in ${where}`);
    }
  }
  // what would find it: the same search where a secret has to be
  assert.ok(readFileSync(tokenFile).indexOf(secrets[2][1][0]) > 0);
});

test('no core dump, and no other process of the user looks inside', async (t) => {
  const folder = freshFolder(t);
  const isRoot = process.getuid() === 0;
  const as = isRoot ? { uid: 65534, gid: 65534 } : {};
  chmodSync(folder, 0o777);
  const program = join(folder, 'tokenhouse');
  copyFileSync(PROGRAM, program);
  chmodSync(program, 0o755);
  const house = new House(folder);
  const password = house.file('password', `${PASSWORD}\n`, 0o644);
  must(['init', '--data', house.data, '--admin-email', ADMIN, '--admin-password-file', password]);
  if (isRoot) for (const path of [house.data, ...filesOf(house.data).map(([p]) => p)]) chownSync(path, 65534, 65534);

  /** A process without core dumps belongs, in /proc, to root: that is how the kernel shows it. */
  const closed = (pid) => {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    return /^Max core file size +0 +0 /m.test(limits) && statSync(`/proc/${pid}/environ`).uid === 0;
  };
  const kinds = [
    ['serve', '--data', house.data, '--listen', '127.0.0.1:0', '--health', '127.0.0.1:0'],
    ['user', 'password', ADMIN, '--data', house.data, '--password-file', '-'],
  ];
  for (const args of kinds) {
    const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'], ...as });
    const ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
    await until(async () => closed(child.pid), Boolean, 20_000);
    child.kill('SIGABRT');
    assert.equal((await ended).signal, 'SIGABRT');
  }
  // beside it, one that does not: the sign is one
  const sleeper = spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore', ...as });
  assert.equal(closed(sleeper.pid), false);
  sleeper.kill();
  assert.deepEqual(readdirSync(folder).filter((name) => /core/.test(name)), []);
  assert.equal(existsSync(join(house.data, 'core')), false);
});
