// SPDX-License-Identifier: Apache-2.0
//
// Event History sent to others: each event at least once, in order, without a gap,
// whatever breaks on either side. What arrives is held against the store.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { makeCertificate } from './support/certificates.mjs';
import { makeHouse, runAside, sleep, until } from './support/house.mjs';
import { list, refused } from './support/outside.mjs';
import { openReceiver, openRsyslog, parseCef, parseSyslog } from './support/receivers.mjs';

const SD = 'tokenhouse@32473';
const TRICKY = 'Tricky "] \\ |=| Grüße';
const LIMIT_MS = 30_000;

/** The events' lines as the store exports them, by id. */
const exported = (house) => house.ok('events', 'export').trimEnd().split('\n').map((line) => ({ line, ...JSON.parse(line) }));
const isEvent = (message) => !['test', 'tree-head'].includes(message.id);
const ids = (receiver) => receiver.frames.map(parseSyslog).filter(isEvent).map((m) => Number(m.data[SD].eventId));
const tested = (house, name) => runAside(['output', 'test', name, '--data', house.data]);
const newest = (house) => list(house, 'events', 'list', '--count', '1')[0].id;

/** All of 1..last came, the first copies of each in order. */
function assertNoGap(got, last) {
  const first = [...new Set(got)];
  assert.deepEqual(first, Array.from({ length: last }, (_, i) => i + 1), 'each event, in order, without a gap');
}

test('every event arrives as RFC 5424 says, and its text is the line that can be proved', async (t) => {
  const house = makeHouse(t);
  const receiver = await openReceiver(t);
  house.ok('group', 'add', TRICKY, '--description', 'two\nlines');
  house.hs256('a token');
  house.ok('output', 'add', 'siem', receiver.url);
  await house.start();
  const last = newest(house);
  await until(() => ids(receiver), (got) => got.includes(last), LIMIT_MS);
  assertNoGap(ids(receiver), last);
  const account = JSON.parse(house.ok('account', 'show', '--json'));
  const messages = receiver.frames.map(parseSyslog);
  for (const event of exported(house)) {
    const message = messages.find((m) => m.data[SD]?.eventId === String(event.id));
    assert.equal(message.text, event.line);
    const { eventId, account: of, action, actorKind, objectKind, objectName, objectId } = message.data[SD];
    assert.deepEqual([Number(eventId), of, action, actorKind, objectKind ?? '', objectName ?? '', objectId ?? ''],
      [event.id, account.id, event.details.action, event.actor.kind, event.object.kind, event.object.name, event.object.id]);
    assert.deepEqual([message.at, message.host, message.app, message.id], [event.at, hostname(), 'tokenhouse', event.kind.replaceAll(' ', '-')]);
    assert.equal(Math.floor(message.priority / 8), 13, 'log audit');
    assert.ok([4, 5, 6].includes(message.priority % 8));
  }
  assert.ok(messages.some((m) => m.data[SD]?.objectName === TRICKY));
  await until(() => list(house, 'output', 'list')[0], (o) => o.state === 'works' && o.cursor >= last, LIMIT_MS);
});

test('signed heads go out too: against them a cut tail is found', async (t) => {
  const house = makeHouse(t);
  const receiver = await openReceiver(t);
  house.ok('output', 'add', 'siem', receiver.url);
  await house.start();
  house.ok('events', 'head', '--sign');
  const heads = () => receiver.frames.map(parseSyslog).filter((m) => m.id === 'tree-head').map((m) => JSON.parse(m.text));
  await until(heads, (all) => all.length > 0, LIMIT_MS);
  const file = house.file('head.json', JSON.stringify(heads().at(-1)));
  assert.match(house.ok('events', 'verify', '--head', file), /events/);
  const spoilt = house.file('spoilt.json', JSON.stringify({ ...heads().at(-1), size: heads().at(-1).size + 1 }));
  assert.equal(house.cli('events', 'verify', '--head', spoilt).status, 1);
});

test('CEF: what people write cannot become a field or end the line', async (t) => {
  const house = makeHouse(t);
  const receiver = await openReceiver(t);
  house.ok('group', 'add', TRICKY, '--description', 'x=y\n|z');
  house.ok('output', 'add', 'siem', receiver.url, '--format', 'cef');
  await house.start();
  const last = newest(house);
  const all = () => receiver.frames.map(parseSyslog).filter(isEvent).map((m) => ({ ...m, cef: parseCef(m.text) }));
  await until(all, (got) => got.some((m) => m.cef.extension.externalId === String(last)), LIMIT_MS);
  assertNoGap(all().map((m) => Number(m.cef.extension.externalId)), last);
  for (const event of exported(house)) {
    const { cef, data } = all().find((m) => m.cef.extension.externalId === String(event.id));
    assert.deepEqual(data, {});
    assert.deepEqual([cef.name, cef.classId], [event.kind, event.kind.replaceAll(' ', '-')]);
    const { rt, act, suser, cs1, cs2, cs3, cs6, cs3Label } = cef.extension;
    assert.deepEqual([Number(rt), act, suser], [Date.parse(event.at), event.details.action, event.actor.name]);
    assert.deepEqual([cs1 ?? '', cs2 ?? '', cs3 ?? ''], [event.object.kind, event.object.id, event.object.name]);
    assert.deepEqual(JSON.parse(cs6), event.details);
    if (event.object.name) assert.equal(cs3Label, 'objectName');
  }
});

test('a message that receivers would cut goes without its details, and says so', async (t) => {
  const house = makeHouse(t);
  const receiver = await openReceiver(t);
  house.ok('user', 'add', 'many@example.com', '--role', 'System Administrator');
  for (let i = 0; i < 80; i++) {
    house.ok('group', 'add', `${'g'.repeat(110)} ${i}`);
    house.ok('group', 'assign', `${'g'.repeat(110)} ${i}`, '--user', 'many@example.com');
  }
  house.ok('token', 'create', '--user', 'many@example.com', '--title', 'long');
  house.ok('output', 'add', 'siem', receiver.url);
  await house.start();
  const last = newest(house);
  await until(() => ids(receiver), (got) => got.includes(last), LIMIT_MS);
  assert.ok(receiver.frames.every((frame) => Buffer.byteLength(frame) <= 8192));
  const long = exported(house).filter((event) => event.line.length > 8192);
  assert.equal(long.length, 1);
  const { text } = receiver.frames.map(parseSyslog).find((m) => m.data[SD]?.eventId === String(long[0].id));
  assert.deepEqual(JSON.parse(text).details, { action: long[0].details.action, detailsLeftOutBytes: JSON.stringify(long[0].details).length });
});

test('over TLS the receiver is verified, and another is not spoken to', async (t) => {
  const house = makeHouse(t);
  const good = makeCertificate(house.folder, 'good');
  const other = makeCertificate(house.folder, 'other', { subjectAltName: 'DNS:elsewhere.example.com' });
  const tlsOf = ({ key, cert }) => ({ key: readFileSync(key), cert: readFileSync(cert) });
  const receiver = await openReceiver(t, { secure: tlsOf(good) });
  const elsewhere = await openReceiver(t, { secure: tlsOf(other) });
  house.ok('output', 'add', 'good', receiver.url, '--ca-file', good.cert);
  house.ok('output', 'add', 'unknown authority', receiver.url);
  house.ok('output', 'add', 'wrong authority', receiver.url, '--ca-file', other.cert);
  house.ok('output', 'add', 'wrong name', elsewhere.url, '--ca-file', other.cert);
  await house.start();
  const last = newest(house);
  await until(() => ids(receiver), (got) => got.includes(last), LIMIT_MS);
  assertNoGap(ids(receiver), last);
  await until(() => list(house, 'output', 'list').filter((o) => o.lastFailure), (bad) => bad.length === 3, LIMIT_MS);
  const said = Object.fromEntries(list(house, 'output', 'list').map((o) => [o.name, o.lastFailure]));
  assert.match(said['unknown authority'], /certificate verify failed \(self-signed certificate\)/);
  assert.match(said['wrong authority'], /certificate verify failed/);
  assert.match(said['wrong name'], /certificate verify failed \((IP address|hostname) mismatch\)/i);
  assert.equal(elsewhere.frames.length, 0);
  refused(await tested(house, 'wrong name'), 1, /certificate verify failed/);
});

test('a receiver that wants to know who we are is shown our certificate', async (t) => {
  const house = makeHouse(t);
  const [server, own, stranger] = ['server', 'own', 'stranger'].map((name) => makeCertificate(house.folder, name));
  const receiver = await openReceiver(t, {
    secure: { key: readFileSync(server.key), cert: readFileSync(server.cert), ca: readFileSync(own.cert), requestCert: true, rejectUnauthorized: true },
  });
  house.ok('output', 'add', 'nobody', receiver.url, '--ca-file', server.cert);
  house.ok('output', 'add', 'stranger', receiver.url, '--ca-file', server.cert, '--cert-file', stranger.cert, '--key-file', stranger.key);
  refused(house.cli('output', 'add', 'x', receiver.url, '--cert-file', own.cert, '--key-file', stranger.key), 1, /does not belong to the certificate/);
  refused(house.cli('output', 'add', 'x', receiver.url, '--cert-file', own.cert), 1, /go together/);
  refused(house.cli('output', 'add', 'x', receiver.url, '--ca-file', own.key), 1, /treat it as leaked/);
  refused(await tested(house, 'nobody'), 1, /certificate required/);
  refused(await tested(house, 'stranger'), 1, /127\.0\.0\.1:\d+: .+/);
  assert.equal(receiver.frames.length, 0);
  house.ok('output', 'change', 'nobody', '--cert-file', own.cert, '--key-file', own.key);
  const done = await tested(house, 'nobody');
  assert.match(done.stdout, /has taken the test/, done.stderr);
  assert.deepEqual(receiver.frames.map(parseSyslog).map((m) => [m.id, m.text]), [['test', '{"test":true}']]);
  const events = house.ok('events', 'export', '--kind', 'Event output updated');
  const secret = readFileSync(own.key, 'utf8').split('\n')[1];
  assert.ok(!events.includes(secret) && !readFileSync(`${house.data}/tokenhouse.db`).includes(secret), 'the key is sealed');
});

test('what a receiver has not read to its end is sent again: reset, cut, half-closed', async (t) => {
  const house = makeHouse(t);
  const receiver = await openReceiver(t, { manners: 'resets' });
  for (let i = 0; i < 20; i++) house.ok('group', 'add', `group ${i}`);
  house.ok('output', 'add', 'siem', receiver.url);
  await house.start();
  const output = () => list(house, 'output', 'list')[0];
  await until(output, (o) => o.state === 'failing', LIMIT_MS);
  assert.equal(output().cursor, 0, 'nothing is taken');
  receiver.manners = 'halfCloses';
  const before = receiver.connections;
  await until(() => receiver.connections, (n) => n > before, LIMIT_MS);
  await until(output, (o) => /ended the connection/.test(o.lastFailure), LIMIT_MS);
  assert.equal(output().cursor, 0, 'an end before ours tells nothing');
  receiver.manners = 'good';
  const last = newest(house);
  await until(output, (o) => o.state === 'works' && o.cursor >= last, LIMIT_MS);
  assertNoGap(ids(receiver), last);
});

test('one that hangs holds up no other, and gets everything when it wakes', async (t) => {
  const house = makeHouse(t);
  const sleeper = await openReceiver(t, { manners: 'hangs' });
  const receiver = await openReceiver(t);
  house.ok('output', 'add', 'a sleeper', sleeper.url);
  house.ok('output', 'add', 'b good', receiver.url);
  await house.start();
  await until(() => sleeper.connections, (n) => n === 1, LIMIT_MS);
  house.ok('group', 'add', 'while it hangs');
  const last = newest(house);
  await until(() => ids(receiver), (got) => got.includes(last), LIMIT_MS);
  assert.equal(list(house, 'output', 'list')[0].cursor, 0, 'what it got, nobody has read');
  sleeper.manners = 'good';
  sleeper.cut();
  await until(() => ids(sleeper), (got) => got.includes(last), LIMIT_MS);
  assertNoGap(ids(sleeper), last);
});

test('no event is lost over kill -9 of the server and outages of the receiver', async (t) => {
  const house = makeHouse(t);
  const receiver = await openReceiver(t);
  const posts = [];
  house.ok('output', 'add', 'siem', receiver.url);
  for (let round = 0; round < 5; round++) {
    await house.start();
    for (let i = 0; i < 4; i++) house.ok('group', 'add', `group ${round} ${i}`);
    if (round === 1) await receiver.close();
    if (round === 2) receiver.manners = 'resets';
    if (round === 3) receiver.manners = 'good';
    await sleep(round * 150); // anywhere in a delivery
    await house.kill();
    if (round === 1) await receiver.reopen();
    posts.push(receiver.frames.length);
  }
  await house.start();
  const last = newest(house);
  await until(() => list(house, 'output', 'list')[0], (o) => o.cursor >= last, LIMIT_MS);
  assertNoGap(ids(receiver), last);
  await house.stop();
});

test('outputs come, pause, go on, move and go while the server runs', async (t) => {
  const house = makeHouse(t);
  await house.start();
  const receiver = await openReceiver(t);
  const second = await openReceiver(t);
  house.ok('output', 'add', 'siem', receiver.url, '--from-now');
  house.ok('group', 'add', 'one');
  const one = newest(house);
  await until(() => ids(receiver), (got) => got.includes(one), LIMIT_MS);
  assert.ok(ids(receiver)[0] > 1, 'what was before is not sent');
  house.ok('output', 'change', 'siem', '--pause');
  await until(() => list(house, 'output', 'list')[0].state, (state) => state === 'paused');
  await sleep(1500);
  const count = receiver.frames.length;
  house.ok('group', 'add', 'two');
  await sleep(1000);
  assert.equal(receiver.frames.length, count, 'paused is paused');
  house.ok('output', 'change', 'siem', '--resume', '--url', second.url, '--name', 'the other');
  const last = newest(house);
  await until(() => ids(second), (got) => got.includes(last), LIMIT_MS);
  const all = [...new Set([...ids(receiver), ...ids(second)])];
  assert.deepEqual(all, Array.from({ length: all.length }, (_, i) => all[0] + i), 'the cursor goes along');
  house.ok('output', 'remove', 'the other');
  assert.deepEqual(list(house, 'output', 'list'), []);
  const actions = list(house, 'events', 'list').filter((e) => e.event === 'Event output updated').map((e) => e.action);
  assert.deepEqual(actions, ['deleted', 'edited', 'edited', 'created']);
  const ready = await (await fetch(`${house.health}/readyz`)).json();
  assert.ok(Number.isInteger(ready.outputs.failing));
});

test('what cannot be a receiver is refused in words', async (t) => {
  const house = makeHouse(t);
  for (const [url, words] of [
    ['udp://127.0.0.1:514', /wanted is tcp:\/\/HOST:PORT/], ['tcp://', /wanted is/], ['tcp://h:0', /wanted is/], ['tcp://h:70000', /wanted is/],
    ['tcp://h/path', /wanted is/], ['tls://me:secret@h:1', /a name or a password/], ['tcp://h h:1', /wanted is/], ['', /wanted is/],
  ]) refused(house.cli('output', 'add', 'x', url), 1, words);
  refused(house.cli('output', 'add', ' ', 'tcp://h:1'), 1, /the name of an output is empty/);
  refused(house.cli('output', 'add', 'x', 'tcp://h:1', '--format', 'json'), 1, /does not go with syslog/);
  refused(house.cli('output', 'add', 'x', 'tcp://h:1', '--format', 'leef'), 1, /there is no format/);
  refused(house.cli('output', 'add', 'x', 'tcp://h:1', '--ca-file', house.file('empty.pem', 'x')), 1, /no certificate/);
  house.ok('output', 'add', 'x', 'tcp://h:1');
  refused(house.cli('output', 'add', 'X', 'tcp://h:1'), 1, /there is an output with the name/);
  refused(await tested(house, 'x'), 1, /h:1: /);
  refused(house.cli('output', 'remove', 'y'), 1, /there is no output 'y'/);
  house.ok('output', 'add', 'metadata', 'tcp://169.254.169.254:80');
  refused(await tested(house, 'metadata'), 1, /link-local/);
});

for (const kind of ['TCP', 'TLS']) {
  test(`rsyslogd gets every event over ${kind}`, async (t) => {
    const house = makeHouse(t);
    const secure = kind === 'TLS' ? makeCertificate(house.folder, 'rsyslog') : undefined;
    const daemon = await openRsyslog(t, house.folder, { secure, authority: secure?.cert });
    house.ok('group', 'add', TRICKY);
    house.ok('output', 'add', 'rsyslog', daemon.url, ...(secure ? ['--ca-file', secure.cert] : []));
    await house.start();
    for (let i = 0; i < 10; i++) house.ok('group', 'add', `group ${i}`);
    const last = newest(house);
    const got = () => daemon.read().map(parseSyslog).filter(isEvent);
    await until(() => [got().map((m) => Number(m.data[SD].eventId)), daemon.said()], ([all]) => all.includes(last), LIMIT_MS);
    assertNoGap(got().map((m) => Number(m.data[SD].eventId)), last);
    const lines = new Map(exported(house).map((event) => [String(event.id), event.line]));
    for (const message of got()) assert.equal(message.text, lines.get(message.data[SD].eventId));
    await until(() => list(house, 'output', 'list')[0], (o) => o.state === 'works' && o.cursor >= last, LIMIT_MS);
  });
}
