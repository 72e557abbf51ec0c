// SPDX-License-Identifier: Apache-2.0
//
// Notices posted to a webhook: signed by the server's key as jose verifies it, in order,
// again when they were not taken, and nowhere else than where the setting says.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { flattenedVerify } from 'jose';
import { ADMIN, makeHouse, until } from './support/house.mjs';

const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

/** Somebody who listens; `answer` may be changed. */
async function openListener(t) {
  const listener = { posts: [], answer: 204, headers: {} };
  const server = http.createServer((request, reply) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      listener.posts.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(parts).toString('utf8'), answer: listener.answer });
      reply.writeHead(listener.answer, listener.headers).end();
    });
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  listener.url = `http://127.0.0.1:${server.address().port}/hook`;
  t.after(() => { server.closeAllConnections(); server.close(); });
  return listener;
}

/** Verifies a body under its header with the server's public key; throws when it is not so. */
async function verify(house, post, body = post.body) {
  const [head, empty, signature] = post.headers['tokenhouse-signature'].split('.');
  assert.equal(empty, '');
  const { protectedHeader } = await flattenedVerify(
    { protected: head, payload: Buffer.from(body).toString('base64url'), signature }, createPublicKey(house.ok('events', 'key')));
  return protectedHeader;
}

test('notices are posted in order, signed by the server\'s key', async (t) => {
  const house = makeHouse(t);
  const listener = await openListener(t);
  const first = JSON.parse(house.ok('token', 'create', '--user', ADMIN, '--title', 'Grüße "1"', '--expires', day(2), '--json'));
  const second = house.hs256('second');
  await house.start({ ini: `[webhook]\nwebhook_url = ${listener.url}\n` });
  const notices = () => listener.posts.flatMap((post) => JSON.parse(post.body).notices);
  await until(notices, (all) => all.length === 3, 20_000);
  const all = notices();
  assert.deepEqual(all.map((n) => [n.notice, n.tokenId]), [['created', first.id], ['created', second.id], ['soon', first.id]]);
  assert.deepEqual(all.map((n) => n.id), [1, 2, 3]);
  assert.deepEqual({ ...all[0], at: 0 }, { id: 1, notice: 'created', at: 0, tokenId: first.id, title: 'Grüße "1"', expiresOn: day(2), userEmail: ADMIN, userName: '', isLate: false, note: '' });
  const [post] = listener.posts;
  assert.deepEqual([post.method, post.path, post.headers['content-type']], ['POST', '/hook', 'application/json']);
  const head = await verify(house, post);
  assert.equal(head.alg, 'ES256');
  assert.ok(Math.abs(head.issuedAt - Date.now()) < 60_000);
  await assert.rejects(verify(house, post, post.body.replace('created', 'expired')));
  for (const { body } of listener.posts) assert.ok(!body.includes(first.secret) && !body.includes(second.secret));
});

for (const [name, answer, headers] of [['fails', 500, {}], ['points somewhere else', 302, { location: 'http://127.0.0.1:1/' }]]) {
  test(`a webhook that ${name} hears the same again`, async (t) => {
    const house = makeHouse(t);
    const listener = await openListener(t);
    const ini = `[webhook]\nwebhook_url = ${listener.url}\n`;
    Object.assign(listener, { answer, headers });
    house.hs256('x');
    await house.start({ ini });
    await until(() => house.log.includes(`the webhook answered with status ${answer}`), (is) => is, 20_000);
    assert.equal(listener.posts.length, 1);
    await house.kill(); // and a start tries at once
    Object.assign(listener, { answer: 200, headers: {} });
    await house.start({ ini });
    await until(() => listener.posts.length, (n) => n === 2, 20_000);
    const [one, two] = listener.posts.map((post) => JSON.parse(post.body).notices);
    assert.deepEqual(two, one);
    house.hs256('y');
    await until(() => listener.posts.length, (n) => n === 3, 20_000);
    assert.deepEqual(JSON.parse(listener.posts[2].body).notices.map((n) => [n.id, n.title]), [[2, 'y']], 'what was taken is not sent again');
  });
}

test('events go to a webhook in signed batches, until they are taken', async (t) => {
  const house = makeHouse(t);
  const listener = await openListener(t);
  listener.answer = 503;
  for (let i = 0; i < 5; i++) house.ok('group', 'add', `group ${i}`);
  house.ok('output', 'add', 'hook', `${listener.url}/secret-path`);
  await house.start();
  const output = () => JSON.parse(house.ok('output', 'list', '--json'))[0];
  await until(output, (o) => o.state === 'failing', 20_000);
  assert.deepEqual([output().cursor, output().lastFailure], [0, 'the webhook answered with status 503']);
  house.ok('events', 'head', '--sign');
  listener.answer = 200;
  house.ok('group', 'add', 'later');
  const last = JSON.parse(house.ok('events', 'list', '--count', '1', '--json'))[0].id;
  await until(output, (o) => o.cursor >= last, 20_000);
  const good = listener.posts.filter((post) => post.answer === 200);
  const lines = house.ok('events', 'export').trimEnd().split('\n').map((line) => JSON.parse(line));
  const events = good.flatMap((post) => JSON.parse(post.body).events);
  assert.deepEqual(events, lines.slice(0, events.length));
  for (const post of good) {
    const { alg } = await verify(house, post);
    assert.equal(alg, 'ES256');
    const { output: name, account, test: isTest } = JSON.parse(post.body);
    assert.deepEqual([name, account, isTest], ['hook', JSON.parse(house.ok('account', 'show', '--json')).id, false]);
  }
  await assert.rejects(verify(house, good[0], good[0].body.replace('group', 'Group')));
  const { head } = JSON.parse(good.at(-1).body);
  house.ok('events', 'verify', '--head', house.file('head.json', JSON.stringify(head)));
  const told = house.ok('events', 'export', '--kind', 'Event output updated');
  assert.ok(told.includes('http://127.0.0.1') && !told.includes('secret-path'), 'a path may be a secret');
});
