// SPDX-License-Identifier: Apache-2.0
//
// Event outputs over the admin API: made, changed, tried and removed; and what is a secret
// stays one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeCertificate } from './support/certificates.mjs';
import { assertProblem, loggedIn } from './support/console.mjs';
import { makeHouse, openHouse, until } from './support/house.mjs';
import { openReceiver, parseSyslog } from './support/receivers.mjs';

const MEMBERS = ['uid', 'name', 'kind', 'format', 'url', 'isPaused', 'hasCa', 'hasCertificate', 'state', 'cursor', 'lag', 'takenAt', 'failingSince',
  'lastFailure', 'test', 'createdAt', 'changedAt', 'version'];

test('an output is made, tried, changed, paused and removed', async (t) => {
  const house = await openHouse(t);
  const receiver = await openReceiver(t);
  const ada = await loggedIn(house);
  const made = await ada.post('/outputs', { name: 'SIEM', url: receiver.url, isPaused: true });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(Object.keys(made.json), MEMBERS);
  assert.deepEqual([made.json.kind, made.json.format, made.json.state, made.json.cursor, made.json.test], ['tcp', 'rfc5424', 'paused', 0, null]);
  const path = `/outputs/${made.json.uid}`;

  const asked = await ada.post(`${path}/test`);
  assert.equal(asked.status, 202, asked.text);
  assert.equal(asked.json.test.doneAt, null);
  await until(async () => (await ada.get(path)).json.test.doneAt, (at) => at !== null, 20_000);
  assert.deepEqual(receiver.frames.map(parseSyslog).map((m) => m.id), ['test'], 'a paused one gets the test and nothing else');
  assert.equal((await ada.get(path)).json.test.failure, null);

  const { version } = (await ada.get(path)).json;
  assertProblem(await ada.patch(path, { isPaused: false }), 428, 'IF_MATCH_NEEDED');
  assertProblem(await ada.patch(path, { isPaused: false }, { headers: { 'if-match': `"${version + 7}"` } }), 412, 'CHANGED');
  const changed = await ada.patch(path, { isPaused: false, format: 'cef', name: 'ArcSight' }, { headers: { 'if-match': `"${version}"` } });
  assert.deepEqual([changed.status, changed.json.format, changed.json.name, changed.json.isPaused], [200, 'cef', 'ArcSight', false]);
  await until(async () => (await ada.get('/outputs')).json.data[0], (o) => o.state === 'works' && o.lag === 0 && o.takenAt !== null, 20_000);

  await receiver.close();
  await ada.post(`${path}/test`);
  await until(async () => (await ada.get(path)).json.test, ({ doneAt, failure }) => doneAt !== null && /Connection refused/.test(failure ?? ''), 20_000);
  assert.equal((await ada.delete(path)).status, 204);
  assertProblem(await ada.get(path), 404, 'NOT_FOUND');
  assertProblem(await ada.post(`${path}/test`), 404, 'NOT_FOUND');
  const kinds = (await ada.get('/events?kind=Event+output+updated')).json.data.map((e) => [e.action, e.actor.kind]);
  assert.deepEqual(kinds, [['deleted', 'user'], ['edited', 'user'], ['created', 'user']]);
});

test('what is wrong is said beside its field; a private key is never given out', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const { key, cert } = makeCertificate(house.folder, 'us');
  const [keyText, certText] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')];
  for (const [body, field] of [
    [{ url: 'tls://h' }, 'name'], [{ name: 'x' }, 'url'], [{ name: 'x', url: 'ftp://h' }, 'url'], [{ name: 'x', url: 'tls://h', format: 'leef' }, 'format'],
    [{ name: 'x', url: 'tls://h', ca: 'no certificate' }, 'ca'], [{ name: 'x', url: 'tls://h', ca: keyText }, 'ca'],
    [{ name: 'x', url: 'tls://h', certificate: certText }, 'key'], [{ name: 'x', url: 'tls://h', certificate: certText, key: 'no key' }, 'key'],
    [{ name: 'x', url: 'tcp://h', ca: certText }, 'url'],
  ]) {
    const reply = await ada.post('/outputs', body);
    assertProblem(reply, 422, 'INVALID');
    assert.equal(reply.json.errors[0].field, field, reply.text);
  }
  const made = await ada.post('/outputs', { name: 'x', url: 'tls://127.0.0.1:1', ca: certText, certificate: certText, key: keyText });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual([made.json.hasCa, made.json.hasCertificate], [true, true]);
  assertProblem(await ada.post('/outputs', { name: 'X', url: 'tcp://h' }), 409, 'CONFLICT');
  const secret = keyText.split('\n')[1];
  for (const path of ['/outputs', `/outputs/${made.json.uid}`, '/events']) assert.ok(!(await ada.get(path)).text.includes(secret), path);
  const gone = await ada.patch(`/outputs/${made.json.uid}`, { certificate: null, key: null, ca: null }, { headers: { 'if-match': `"${made.json.version}"` } });
  assert.deepEqual([gone.json.hasCa, gone.json.hasCertificate], [false, false], gone.text);
});

test('who may not see the settings sees no output, and who may not manage them changes none', async (t) => {
  const house = makeHouse(t);
  house.ok('user', 'add', 'eve@example.com', '--role', 'Power User', '--password-file', house.file('pw', 'a password of somebody\n'));
  house.ok('output', 'add', 'x', 'tcp://127.0.0.1:1', '--pause');
  await house.start();
  const ada = await loggedIn(house);
  const { uid } = (await ada.get('/outputs')).json.data[0];
  const eve = await loggedIn(house, 'eve@example.com', 'a password of somebody');
  for (const [method, path] of [['GET', '/outputs'], ['GET', `/outputs/${uid}`], ['POST', '/outputs'], ['PATCH', `/outputs/${uid}`], ['DELETE', `/outputs/${uid}`], ['POST', `/outputs/${uid}/test`]]) {
    assertProblem(await eve.ask(method, path), 403, 'NOT_PERMITTED');
  }
  assert.equal((await ada.get('/outputs')).json.data.length, 1);
});

test('who may see the settings and not change them sees no path of a URL: it may be a secret', async (t) => {
  const house = makeHouse(t);
  house.ok('user', 'add', 'eve@example.com', '--role', 'Administrator', '--password-file', house.file('pw', 'a password of somebody\n'));
  house.ok('output', 'add', 'hook', 'https://127.0.0.1:1/services/T0/s3cret?key=x', '--pause');
  await house.start({ ini: '[webhook]\nwebhook_url = https://127.0.0.1:1/hooks/s3cret\n' });
  const [ada, eve] = await Promise.all([loggedIn(house), loggedIn(house, 'eve@example.com', 'a password of somebody')]);
  const { uid, url } = (await ada.get('/outputs')).json.data[0];
  assert.equal(url, 'https://127.0.0.1:1/services/T0/s3cret?key=x');
  for (const path of ['/outputs', `/outputs/${uid}`, '/account']) {
    assert.match((await ada.get(path)).text, /s3cret/);
    const { status, text } = await eve.get(path);
    assert.equal(status, 200, text);
    assert.match(text, /"https:..127\.0\.0\.1:1"/);
    assert.doesNotMatch(text, /s3cret|key=x/, path);
  }
});
