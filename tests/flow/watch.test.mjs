// SPDX-License-Identifier: Apache-2.0
// What watchers see: /metrics is read as Prometheus reads it, and every figure moves when
// what it counts happens.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { openHouse, sign, until } from './support/house.mjs';
import { userWithToken } from './support/outside.mjs';
import { askSigned, digestOf } from './support/signed.mjs';

/** Reads the text format 0.0.4 strictly: Map of "name{labels}" to number, and the types. */
function parse(text) {
  const samples = new Map();
  const types = new Map();
  const helped = new Set();
  assert.ok(text.endsWith('\n'));
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name, rest] = comment;
      assert.ok(![...samples.keys()].some((key) => key.split('{')[0] === name), `${name}: its ${kind} comes before its samples`);
      if (kind === 'TYPE') {
        assert.match(rest, /^(counter|gauge|histogram)$/);
        assert.ok(!types.has(name), `${name} has one type`);
        types.set(name, rest);
      } else {
        assert.ok(!helped.has(name));
        helped.add(name);
      }
      continue;
    }
    const [, name, labels = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (-?(?:[0-9.]+(?:e[+-]?[0-9]+)?|\+Inf|NaN))$/.exec(line) ?? assert.fail(`no sample: ${line}`);
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(family), `${name} has a type`);
    assert.equal(types.get(family) === 'histogram', family !== name, name);
    assert.ok(!samples.has(name + labels), `${name}${labels} stands once`);
    samples.set(name + labels, Number(value.replace('+', '')));
    if (types.get(family) === 'counter') assert.match(name, /_total$/);
  }
  return { samples, types };
}

const look = async (house) => {
  const reply = await fetch(`${house.health}/metrics`);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type'), /^text\/plain; ?version=0\.0\.4/);
  return parse(await reply.text());
};

const FIELDS = '/v3/configurations/customfields/devices/11111111-2222-4333-8444-555555555555';

test('every figure moves when what it counts happens', async (t) => {
  const house = await openHouse(t, { ini: '[limits]\nhead_timeout_ms = 200\nconnection_per_ip_max_count = 20\n[gate]\ntoken_rate_per_s = 20\n' });
  const token = house.hs256('counted');
  await until(() => house.ask(token, 'GET', '/v3/whoami'), (a) => a.status === 200);
  const narrow = house.hs256('narrow', '--permission', 'Geolocation:View');
  const away = house.hs256('away', '--approved-ip', '203.0.113.9');
  const gone = house.hs256('gone');
  const es = house.es256('es');
  const grace = userWithToken(house, 'grace@example.com');
  house.ok('user', 'suspend', 'grace@example.com');
  house.ok('token', 'suspend', gone.id);
  await until(() => house.ask(gone, 'GET', '/v3/whoami'), (a) => a.json.details?.length === 1);
  const before = (await look(house)).samples;

  const put = await sign(token, 'PUT', FIELDS, { data: [] });
  const whoami = (who, more) => house.ask(who, 'GET', '/v3/whoami', more);
  // what is counted under a verdict; each act is so many requests
  const happens = {
    permitted: [1, () => whoami(token)],
    not_a_jws: [1, () => house.post('x')],
    bad_header: [1, () => house.post(`e30.e30.${'A'.repeat(43)}`)],
    signature_input: [1, () => askSigned(house, token, 'GET', '/v3/whoami', { fields: ['@method'] })],
    digest: [1, () => askSigned(house, token, 'PUT', FIELDS, { body: '{}', headers: { 'content-digest': digestOf('[]') } })],
    unknown_token: [1, () => whoami({ ...token, id: 'nobody' })],
    wrong_alg: [1, () => whoami({ ...es, id: token.id })],
    bad_signature: [1, () => whoami({ ...token, key: Buffer.from('x'.repeat(40)) })],
    address: [1, () => whoami(away)],
    suspended: [1, () => whoami(gone)],
    user_suspended: [1, () => whoami(grace)],
    not_fresh: [1, () => whoami(token, { issuedAt: Date.now() - 400_000 })],
    bad_request: [1, () => house.ask(token, 'GET', '/v3/whoami?x=1')],
    no_route: [1, () => house.ask(token, 'GET', '/v3/nothing')],
    permission: [1, () => house.ask(narrow, 'GET', '/v3/reporting/devices')],
    replayed: [2, async () => {
      await house.post(put);
      await house.post(put);
    }],
    rate: [120, async () => {
      for (let i = 0; i < 120; i++) await whoami(narrow);
    }],
  };
  const count = async (verdict) => (await look(house)).samples.get(`tokenhouse_requests_total{verdict="${verdict}"}`);
  for (const [verdict, [, act]] of Object.entries(happens)) {
    const from = await count(verdict);
    await act();
    const grew = await count(verdict) - from;
    assert.ok(verdict === 'rate' ? grew > 0 : grew === 1, `${verdict}: ${grew}`);
  }
  const { samples, types } = await look(house);
  const sum = (from) => [...from].filter(([key]) => key.startsWith('tokenhouse_requests_total')).reduce((all, [, value]) => all + value, 0);
  const asked = Object.values(happens).reduce((all, [n]) => all + n, 0);
  assert.equal(sum(samples) - sum(before), asked, 'each request has one verdict');
  assert.ok(samples.get('tokenhouse_http_requests_total') - before.get('tokenhouse_http_requests_total') >= 120);

  // our own resources: a histogram that adds up
  const jobs = 'tokenhouse_job_seconds';
  const counted = samples.get(`${jobs}_count`);
  for (let i = 0; i < 3; i++) assert.equal((await house.ask(token, 'GET', '/v3/reporting/devices')).status, 200);
  const after = (await look(house)).samples;
  assert.equal(after.get(`${jobs}_count`), counted + 3);
  const buckets = [...after].filter(([key]) => key.startsWith(`${jobs}_bucket`));
  assert.ok(buckets.every(([, value], i) => i === 0 || value >= buckets[i - 1][1]), 'buckets hold what is below them');
  assert.equal(buckets.at(-1)[0], `${jobs}_bucket{le="+Inf"}`);
  assert.equal(buckets.at(-1)[1], counted + 3);
  assert.ok(after.get(`${jobs}_sum`) > 0);

  // the door
  const talk = (text) => new Promise((done) => {
    const socket = connect(house.port, '127.0.0.1', () => socket.write(text));
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', done);
  });
  await talk('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
  await talk('GET / HT');
  const many = Array.from({ length: 60 }, () => connect(house.port, '127.0.0.1').on('error', () => {}));
  await until(() => look(house), (now) => now.samples.get('tokenhouse_http_connections_refused_total') >= 40);
  const door = (await look(house)).samples;
  const grew = (name) => door.get(`tokenhouse_http_${name}_total`) - after.get(`tokenhouse_http_${name}_total`);
  assert.equal(grew('bad_framing'), 1);
  assert.ok(grew('timeouts') >= 1 && grew('connections') >= 3);
  const open = door.get('tokenhouse_http_connections');
  many.forEach((socket) => socket.destroy());
  await until(() => look(house), (now) => now.samples.get('tokenhouse_http_connections') < open);

  // the keyring and the process
  assert.equal(samples.get('tokenhouse_tokens'), 6);
  house.ok('token', 'delete', away.id);
  await until(() => look(house), (now) => now.samples.get('tokenhouse_tokens') === 5);
  assert.ok(samples.get('tokenhouse_news_age_seconds') < 5);
  assert.equal(samples.get('tokenhouse_ready'), 1);
  assert.ok(samples.get('process_resident_memory_bytes') > 1 << 20);
  assert.ok(Math.abs(samples.get('process_start_time_seconds') - Date.now() / 1000) < 120);
  assert.ok(door.get('process_cpu_seconds_total') > 0 && door.get('tokenhouse_uptime_seconds') > 0);
  assert.match([...samples.keys()].join('\n'), /^tokenhouse_build_info\{version="\d+\.\d+\.\d+"\}$/m);
  assert.equal(types.get(jobs), 'histogram');
});

test('a watcher is told the state, and nobody else may watch', async (t) => {
  const house = await openHouse(t);
  const health = async (path, more) => fetch(`${house.health}${path}`, more);
  const alive = await health('/healthz');
  assert.deepEqual([alive.status, await alive.json()], [200, { alive: true }]);
  assert.equal(alive.headers.get('cache-control'), 'no-store');
  const head = await health('/readyz', { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.equal((await fetch(`${house.url}${path}`)).status, 404, 'not at the door for callers');
    assert.equal((await health(path, { method: 'DELETE' })).status, 405);
  }
  for (const path of ['/', '/healthz/', '/jws/validate', '/v3/whoami']) assert.equal((await health(path)).status, 404);
});
