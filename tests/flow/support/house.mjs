// SPDX-License-Identifier: Apache-2.0
//
// The real program from outside: commands in a fresh folder, a server on free ports that
// is stopped by its own id, and signatures by libraries that are not ours.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createPrivateKey, createSecretKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompactSign } from 'jose';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const PROGRAM = resolve(process.env.TOKENHOUSE ?? join(ROOT, 'build/tokenhouse'));
export const ADMIN = 'ada@example.com';
const START_LIMIT_MS = 30_000;

/** Runs the program; gives { status, stdout, stderr }. Never through a shell. */
export function run(args, { input, env, cwd, timeout = 60_000 } = {}) {
  const done = spawnSync(PROGRAM, args, {
    input, cwd, timeout, encoding: 'utf8', maxBuffer: 256 << 20,
    env: { ...process.env, ...env },
  });
  if (done.error) throw done.error;
  return { status: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

/** The same without blocking: for commands that speak to somebody in this process. */
export async function runAside(args) {
  const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const done = { stdout: '', stderr: '' };
  child.stdout.on('data', (part) => { done.stdout += part; });
  child.stderr.on('data', (part) => { done.stderr += part; });
  done.status = await new Promise((end, fail) => { child.on('close', end); child.on('error', fail); });
  return done;
}

/** The same, and it must end with 0. */
export function must(args, options) {
  const done = run(args, options);
  assert.equal(done.status, 0, `${args.join(' ')}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** A fresh folder that goes when the test ends. */
export function freshFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenhouse-flow-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An initialised data folder and everything one does with it. */
export class House {
  constructor(folder) {
    this.folder = folder;
    this.data = join(folder, 'data');
    this.server = null;
  }

  /** Runs a command on this data folder: cli('token', 'list', '--json'). */
  cli(noun, ...rest) {
    const [verb, ...more] = rest;
    return run(verb === undefined ? [noun, '--data', this.data]
      : verb.startsWith('-') ? [noun, '--data', this.data, verb, ...more]
        : [noun, verb, '--data', this.data, ...more]);
  }

  ok(...args) {
    const done = this.cli(...args);
    assert.equal(done.status, 0, `${args.join(' ')}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }

  file(name, text, mode = 0o600) {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** An HS256 token: { id, secret, … }, ready for signing. */
  hs256(title, ...more) {
    const made = JSON.parse(this.ok('token', 'create', '--user', ADMIN, '--title', title, '--json', ...more));
    return { ...made, alg: 'HS256', key: createSecretKey(made.secret, 'utf8') };
  }

  /** An ES256 token with a key pair made by keygen. */
  es256(title, ...more) {
    const stem = join(this.folder, `key-${Math.random().toString(36).slice(2)}`);
    must(['keygen', '--out-private', `${stem}.pem`, '--out-public', `${stem}.pub.pem`]);
    const made = JSON.parse(this.ok('token', 'create', '--user', ADMIN, '--title', title,
      '--public-key', `${stem}.pub.pem`, '--json', ...more));
    return {
      ...made, alg: 'ES256', privateFile: `${stem}.pem`, publicFile: `${stem}.pub.pem`,
      key: createPrivateKey(readFileSync(`${stem}.pem`)),
    };
  }

  /** Starts `serve` on free ports (or `listen`); `ini` is put into the configuration file first. */
  async start({ ini, args = [], listen = '127.0.0.1:0', program = PROGRAM } = {}) {
    if (ini !== undefined) writeFileSync(join(this.data, 'tokenhouse.ini'), ini);
    this.log = '';
    this.server = spawn(program, ['serve', '--data', this.data, '--listen', listen,
      '--health', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((done) => {
      this.server.on('exit', (code, signal) => done({ code, signal }));
    });
    const listening = new Promise((done, fail) => {
      const hear = (bytes) => {
        this.log += bytes;
        const line = /^.*\blistening\b.*\baddress="?([^"\s]+)"?.*\bhealth="?([^"\s]+)"?/m.exec(this.log);
        if (line) done({ address: line[1], health: line[2] });
      };
      this.server.stdout.on('data', hear);
      this.server.stderr.on('data', hear);
      this.ended.then((end) => fail(new Error(`ended with ${JSON.stringify(end)}:\n${this.log}`)));
      setTimeout(() => fail(new Error(`not listening:\n${this.log}`)), START_LIMIT_MS).unref();
    });
    const { address, health } = await listening;
    this.address = address;
    this.port = Number(address.split(':').pop());
    this.scheme = /tls=(1|yes|on|true)/.test(this.log) ? 'https' : 'http';
    this.url = `http://${address}`;
    this.health = `http://${health}`;
    return this;
  }

  get pid() {
    return this.server.pid;
  }

  /** SIGTERM, and it must end well: status 0, no sanitizer's report, no error line but
   * the expected ones. */
  async stop({ expect = [] } = {}) {
    if (!this.server) return;
    this.server.kill('SIGTERM');
    const end = await this.ended;
    this.server = null;
    assert.deepEqual(end, { code: 0, signal: null }, this.log);
    const bad = this.log.split('\n').filter((line) =>
      (/ error /.test(line) || /runtime error|Sanitizer|assertion/i.test(line))
      && !expect.some((pattern) => pattern.test(line)));
    assert.deepEqual(bad, [], this.log);
  }

  async kill(signal = 'SIGKILL') {
    this.server.kill(signal);
    const end = await this.ended;
    this.server = null;
    return end;
  }

  /** Posts a JWS; gives { status, headers, text, json }. */
  async post(jws, { headers = { 'content-type': 'text/plain' } } = {}) {
    const reply = await fetch(`${this.url}/jws/validate`, { method: 'POST', body: jws, headers });
    const text = await reply.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: reply.status, headers: reply.headers, text, json };
  }

  /** Signs with jose and posts: ask(token, 'GET', '/v3/whoami', { query, data }). */
  async ask(token, method, uri, more = {}) {
    return this.post(await sign(token, method, uri, more));
  }
}

/**
 * A house without data yet. At the test's end, and after what `before` still has to do, its
 * server stops, and then its folder goes.
 */
export function bareHouse(t, { before = async () => {} } = {}) {
  const house = new House(mkdtempSync(join(tmpdir(), 'tokenhouse-flow-')));
  t.after(async () => {
    try {
      await before();
      await house.stop();
    } finally {
      rmSync(house.folder, { recursive: true, force: true });
    }
  });
  return house;
}

/** Makes a data folder with a first administrator. */
export function makeHouse(t) {
  const house = bareHouse(t);
  const password = house.file('password', 'correct horse battery staple\n');
  must(['init', '--data', house.data, '--admin-email', ADMIN, '--admin-password-file', password]);
  return house;
}

/** The same with a running server. */
export async function openHouse(t, options) {
  return makeHouse(t).start(options);
}

/** The protected header of a request. `undefined` members are left out. */
export function header(token, method, uri, { query = '', issuedAt = Date.now(), extra = {} } = {}) {
  return {
    alg: token.alg, kid: token.id, method, 'content-type': 'application/json', uri,
    'query-string': query, issuedAt, ...extra,
  };
}

/** A compact JWS by jose (not ours). */
export async function sign(token, method, uri, more = {}) {
  const payload = more.payload ?? (more.data === undefined ? '{}' : JSON.stringify({ data: more.data }));
  const head = JSON.parse(JSON.stringify(header(token, method, uri, more)));
  return new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(head).sign(token.key);
}

export const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Calls `ask` until `good(answer)` holds; gives the ms it took, or fails. */
export async function until(ask, good, limitMs = 5000) {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (good(answer)) return performance.now() - start;
    if (performance.now() - start > limitMs) assert.fail(`not within ${limitMs} ms: ${JSON.stringify(answer)}`);
    await sleep(5);
  }
}
