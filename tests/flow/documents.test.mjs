// SPDX-License-Identifier: Apache-2.0
// What the documents say is so: every setting, metric, refusal, name and file in them.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM, ROOT, makeHouse, must, openHouse, until } from './support/house.mjs';
import { list } from './support/outside.mjs';

const read = (name) => readFileSync(join(ROOT, name), 'utf8');
const OPERATIONS = read('docs/operations.md');
const section = (text, title) => text.split(`\n## ${title}\n`)[1].split('\n## ')[0];
/** The rows of the first table in a text whose head begins so: lists of cells. */
const table = (text, head) => text.split(`\n| ${head} |`)[1].split('\n').slice(2)
  .slice(0, text.split(`\n| ${head} |`)[1].split('\n').slice(2).findIndex((line) => !line.startsWith('|')))
  .map((line) => line.slice(2, -2).split(' | '));

test('operations.md names every setting, as config show does', (t) => {
  const house = makeHouse(t);
  const wanted = list(house, 'config', 'show').map((s) => [`\`[${s.section}] ${s.name}\``, s.usual ? `\`${s.usual}\`` : 'none', s.bounds, s.meaning]);
  assert.deepEqual(table(OPERATIONS, 'setting'), wanted);
});

test('operations.md names every metric, and no other', async (t) => {
  const house = await openHouse(t);
  const text = await (await fetch(`${house.health}/metrics`)).text();
  const there = [...text.matchAll(/^# TYPE (\S+) /gm)].map((m) => m[1]).sort();
  const named = table(OPERATIONS, 'metric').flatMap(([names]) => names.split(', ').map((name) => name.replaceAll('`', ''))).sort();
  assert.deepEqual(named, there);
});

test('operations.md quotes the words of the program when it refuses to start', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true }).filter((name) => name.endsWith('.c'))
    .map((name) => read(join('src', name)).replace(/"\s*\n\s*"/g, '')).join('\n');
  const rows = table(OPERATIONS, 'it says');
  assert.ok(rows.length > 15);
  for (const [words] of rows) {
    for (const piece of words.replaceAll('`', '').split('…').map((p) => p.trim()).filter((p) => p.length > 3)) {
      assert.ok(sources.includes(piece), piece);
    }
  }
});

test('operations.md gives the names of every --json', (t) => {
  const house = makeHouse(t);
  house.ok('group', 'add', 'Paris');
  const token = house.hs256('x');
  const secret = house.file('secret', token.secret);
  const jws = must(['sign', 'GET', '/v3/x', '--token-id', token.id, '--secret-file', secret]).trim();
  const ask = {
    'token list': () => list(house, 'token', 'list'), 'token show': () => list(house, 'token', 'show', token.id),
    'token edit': () => list(house, 'token', 'edit', token.id, '--title', 'y'),
    'token create': () => (({ secret: _, ...rest }) => rest)(token),
    'role permissions': () => JSON.parse(must(['role', 'permissions', '--json'])),
    'role show': () => list(house, 'role', 'show', 'Guest User'),
    verify: () => JSON.parse(must(['verify', '--json', '--secret-file', secret, jws])),
  };
  const internal = new Set(['alg', 'key']);
  for (const [commands, names] of table(OPERATIONS, 'command')) {
    for (const [, command] of commands.matchAll(/`((?!secret)[a-z ]+)`/g)) {
      const value = ask[command] ? ask[command]() : list(house, ...command.split(' '));
      const row = Array.isArray(value) ? value[0] : value;
      assert.deepEqual(Object.keys(row).filter((name) => !internal.has(name)).sort(), names.replaceAll('`', '').split(' ').sort(), command);
    }
  }
});

/** The block for a shell in a section of operations.md. */
const block = (title) => /```sh\n([^]*?)```/.exec(section(OPERATIONS, title))[1];

test('backup and restore work as operations.md prints them, while the server runs', async (t) => {
  const house = await openHouse(t, { ini: '[gate]\nfreshness_s = 200\n' });
  const token = house.hs256('kept');
  await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
  const bin = join(house.folder, 'bin');
  mkdirSync(bin);
  symlinkSync(PROGRAM, join(bin, 'tokenhouse'));
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const sh = (script) => spawnSync('sh', ['-euc', script], { cwd: house.folder, env, encoding: 'utf8' });
  const done = sh(block('Backup'));
  assert.equal(done.status, 0, done.stderr);
  for (const name of readdirSync(join(house.folder, 'backup'))) assert.equal(statSync(join(house.folder, 'backup', name)).mode & 0o077, 0, name);
  const later = house.hs256('made later');
  await house.stop();

  const [restore, serve] = [block('Restore').split('tokenhouse serve')[0], block('Restore').split('\n').find((line) => line.startsWith('tokenhouse serve'))];
  const restored = sh(restore);
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(restored.stdout, /are good/);
  const child = spawn('sh', ['-euc', `exec ${serve} --listen 127.0.0.1:0 --health 127.0.0.1:0`], { cwd: house.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((end) => child.on('exit', end));
  let log = '';
  child.stderr.on('data', (bytes) => { log += bytes; });
  await until(async () => log, (text) => /listening address="([^"]+)"/.test(text), 20_000);
  house.url = `http://${/listening address="([^"]+)"/.exec(log)[1]}`;
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
  assert.equal((await house.ask(later, 'GET', '/v3/whoami')).status, 401);
  assert.equal(list({ ok: (...args) => must([...args.slice(0, 2), '--data', join(house.folder, 'restored'), ...args.slice(2)]) }, 'config', 'show')
    .find((s) => s.name === 'freshness_s').value, '200');
  child.kill('SIGTERM');
  assert.equal(await ended, 0, log);
});

test('protocol.md names every code of a refusal', () => {
  const codes = [...read('src/model/verdict.h').matchAll(/X\(REFUSED_\w+, \d+, "\w+",\s+"(\w+)"\)/g)].map((m) => m[1])
    .filter((code) => !['NOT_AUTHENTICATED', 'INTERNAL_SERVER_ERROR'].includes(code));
  assert.ok(codes.length > 12);
  for (const code of codes) assert.ok(read('docs/protocol.md').includes(`\`${code}\``), code);
});

test('threats.md names code and tests that are there', () => {
  const rows = read('docs/threats.md').split('\n').filter((line) => line.startsWith('| ') && line.includes('`src/'));
  assert.ok(rows.length > 20);
  for (const row of rows) {
    const cells = row.slice(2, -2).split(' | ');
    assert.equal(cells.length, 4, row);
    const paths = (cell) => [...cell.matchAll(/`((?:src|tests|tools)\/[^`]+)`/g)].map((m) => m[1]);
    assert.ok(paths(cells[2]).length > 0 && paths(cells[3]).some((path) => path.startsWith('tests/')), row);
    for (const path of [...paths(cells[2]), ...paths(cells[3])]) assert.ok(existsSync(join(ROOT, path)), path);
  }
});

test('links and paths in the documents lead somewhere', () => {
  const names = ['README.md', 'ARCHITECTURE.md', ...readdirSync(join(ROOT, 'docs')).filter((n) => n.endsWith('.md')).map((n) => `docs/${n}`)];
  for (const name of names) {
    for (const [, target] of read(name).matchAll(/\]\(([^)#]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      assert.ok(existsSync(join(ROOT, dirname(name), target)), `${name}: ${target}`);
    }
    for (const [, path] of read(name).matchAll(/`((?:src|tests|tools|docs|migrations)\/[\w./-]+)`/g)) {
      assert.ok(existsSync(join(ROOT, path)), `${name}: ${path}`);
    }
  }
});

test('events.md names every kind of event, in the order of the table in the source', () => {
  const wanted = [...read('src/model/records.h').matchAll(/X\([A-Z_]+, \d+, "([^"]+)",\s+[A-Z]+\)/g)].map(([, name]) => name);
  assert.ok(wanted.length >= 15);
  assert.deepEqual(table(read('docs/events.md'), 'kind').map(([name]) => name), wanted);
});

/** The first cells of all tables: `GET /a/{id}`, `PATCH` and `POST /a/{id}/suspend`, `/resume`. */
function documentedRoutes(text) {
  const found = [];
  for (const [, cell] of text.matchAll(/^\| (`(?:GET|POST|PUT|PATCH|DELETE) \/[^|]*) \|/gm)) {
    let [method, path] = ['', ''];
    for (const [, name] of cell.matchAll(/`([^`]+)`/g)) {
      const [first, second] = name.split(' ');
      if (second) [method, path] = [first, second.split('?')[0]];
      else if (first.startsWith('/')) path = path.replace(/\/[^/]*$/, first);
      else method = first;
      found.push(`${method} ${path}`);
    }
  }
  return found.sort();
}

test('admin-api.md names every route and every problem, and nothing else', () => {
  const text = read('docs/admin-api.md');
  const routes = [...read('src/console/routes.c').matchAll(/\{"([A-Z]+)", "(\/[^"]*)",/g)].map(([, method, path]) => `${method} ${path}`).sort();
  assert.ok(routes.length > 30);
  assert.deepEqual(documentedRoutes(text), routes);
  const problems = [...read('src/console/problem.h').matchAll(/X\(([A-Z_]+), (\d{3}), "/g)].map(([, code, status]) => `${status} ${code}`).sort();
  const listed = [...text.matchAll(/^ {2}\| (\d{3}) \| ([^|]+) \|/gm)].flatMap(([, status, codes]) =>
    [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => `${status} ${code}`)).sort();
  assert.ok(problems.length > 15);
  assert.deepEqual(listed, problems);
});
