// SPDX-License-Identifier: Apache-2.0
//
// Letters over the admin API: how mail is sent, what became of it, once more, and a test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, openHouse, until } from './support/house.mjs';
import { MAIL_PASSWORD, openPostOffice } from './support/post_office.mjs';

const letters = async (visitor, query = '') => (await visitor.get(`/mail/letters${query}`)).json;

test('without a mail server the console says that letters become files', async (t) => {
  const house = await openHouse(t);
  const ada = await loggedIn(house);
  const { json } = await ada.get('/mail');
  assert.deepEqual(json, { by: 'file', server: '', from: 'tokenhouse@localhost', consoleUrl: '', waiting: 0, failed: 0, oldestWaitingAt: null });
});

test('a test letter goes to whoever asks, and its fate is in the list', async (t) => {
  const house = makeHouse(t);
  const office = await openPostOffice(t, house.folder, { authOptional: true });
  await house.start({ ini: `[mail]\nsmtp_url = ${office.url}\nsmtp_ca_file = ${office.cert}\n` });
  const ada = await loggedIn(house);
  const asked = await ada.post('/mail/test');
  assert.equal(asked.status, 201, asked.text);
  assert.deepEqual([asked.json.notice, asked.json.to, asked.json.state, asked.json.tokens], ['test', ADMIN, 'waiting', 0]);
  await until(() => office.letters.length, (n) => n === 1, 20_000);
  assert.deepEqual([office.letters[0].readers, office.letters[0].subject], [[ADMIN], 'Tokenhouse: a test']);
  await until(async () => (await letters(ada)).data[0].state, (state) => state === 'sent');
  const { json } = await ada.get('/mail');
  assert.deepEqual([json.by, json.server, json.waiting], ['smtp', office.url, 0]);
});

test('letters are listed by pages and states, and a refused one is sent again', async (t) => {
  const house = makeHouse(t);
  const refuse = (address, session, done) => done(Object.assign(new Error('mailbox full'), { responseCode: 452 }));
  const office = await openPostOffice(t, house.folder, { authOptional: true, hooks: { onRcptTo: refuse } });
  house.ok('user', 'add', 'grace@example.com', '--role', 'System Administrator');
  house.hs256('x');
  await house.start({ ini: `[mail]\nsmtp_url = ${office.url}\nsmtp_ca_file = ${office.cert}\n` });
  const ada = await loggedIn(house);
  await until(async () => (await letters(ada, '?state=waiting')).data, (data) => data.length === 2 && data.every((l) => /452 mailbox full/.test(l.lastFailure)), 20_000);

  const first = await letters(ada, '?pageSize=1');
  const second = await letters(ada, `?pageSize=1&after=${encodeURIComponent(first.next)}`);
  assert.deepEqual([...first.data, ...second.data].map((l) => l.id), [2, 1]);
  assert.equal(second.next, null);
  assert.deepEqual((await letters(ada, '?state=sent')).data, []);
  assertProblem(await ada.get('/mail/letters?state=lost'), 422, 'INVALID');

  office.hooks = {};
  const again = await ada.post(`/mail/letters/${first.data[0].id}/send-again`);
  assert.equal(again.status, 200, again.text);
  await until(async () => (await letters(ada, '?state=sent')).data.map((l) => l.id), (ids) => ids.includes(first.data[0].id), 20_000);
  assertProblem(await ada.post('/mail/letters/4711/send-again'), 404, 'NOT_FOUND');
  assertProblem(await ada.post('/mail/letters/x/send-again'), 404, 'NOT_FOUND');
});

test('who may not see the settings sees no letter, and the mail password is never told', async (t) => {
  const house = makeHouse(t);
  const password = house.file('smtp.password', `${MAIL_PASSWORD}\n`);
  house.ok('user', 'add', 'eve@example.com', '--role', 'Power User', '--password-file', house.file('pw', 'a password of somebody\n'));
  await house.start({ ini: `[mail]\nsmtp_url = smtp://127.0.0.1:1\nsmtp_user = me\nsmtp_password_file = ${password}\n` });
  const ada = await loggedIn(house);
  assert.ok(!(await ada.get('/mail')).text.includes(MAIL_PASSWORD) && !(await ada.get('/account')).text.includes(MAIL_PASSWORD));
  const eve = await loggedIn(house, 'eve@example.com', 'a password of somebody');
  for (const [method, path] of [['GET', '/mail'], ['GET', '/mail/letters'], ['POST', '/mail/test'], ['POST', '/mail/letters/1/send-again']]) {
    assertProblem(await eve.ask(method, path), 403, 'NOT_PERMITTED');
  }
});
