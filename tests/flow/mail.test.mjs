// SPDX-License-Identifier: Apache-2.0
// Letters leave the house: to a real mail server that wants STARTTLS and a password, that
// refuses, is slow, dies in DATA, offers no encryption; and to files when there is none.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { simpleParser } from 'mailparser';
import { ADMIN, PROGRAM, makeHouse, run, until } from './support/house.mjs';
import { MAIL_PASSWORD, MAIL_USER, openPostOffice } from './support/post_office.mjs';

const DAY_MS = 86_400_000;
const day = (n) => new Date(Date.now() + n * DAY_MS).toISOString().slice(0, 10);
const letters = (house) => JSON.parse(house.ok('mail', 'list', '--json'));
/** Commands that speak to the post office of this very process must not block it. */
const ask = promisify(execFile);

/** Settings for this post office. */
function ini(house, office, more = '') {
  const password = house.file('smtp.password', `${MAIL_PASSWORD}\n`);
  return `[mail]\nsmtp_url = ${office.url}\nsmtp_user = ${MAIL_USER}\nsmtp_password_file = ${password}\n`
    + `smtp_ca_file = ${office.cert}\nmail_from = tokens@example.org\nconsole_url = https://tokens.example.org/\n${more}`;
}

/** A house whose first letter (a new token) waits, a post office, and a running server. */
async function withMail(t, options = {}) {
  const house = makeHouse(t);
  const office = await openPostOffice(t, house.folder, options);
  const token = house.hs256(options.title ?? 'Nightly report');
  await house.start({ ini: ini(house, office) });
  return { house, office, token };
}

const arrived = (office, count) => until(() => office.letters.length, (n) => n >= count, 20_000);
const failed = (house, pattern) => until(() => letters(house)[0], (l) => l.state === 'waiting' && pattern.test(l.lastFailure), 20_000);

test('a letter goes over STARTTLS, with a password, and says what it should', async (t) => {
  const title = 'Grüße aus Zürich, a title that is so long that a header has to be folded <b>&';
  const { house, office, token } = await withMail(t, { title });
  await arrived(office, 1);
  const [letter] = office.letters;
  assert.deepEqual(office.commands, ['AUTH', 'MAIL', 'RCPT', 'DATA']);
  assert.deepEqual(office.isSecure, [true]);
  assert.deepEqual(letter.readers, [ADMIN]);
  assert.equal(letter.headers.get('to').text, ADMIN);
  assert.equal(letter.from.text, '"Tokenhouse" <tokens@example.org>');
  assert.equal(letter.subject, `New API token: ${title}`);
  assert.equal(letter.headers.get('auto-submitted'), 'auto-generated');
  assert.ok(Math.abs(letter.date - Date.now()) < 60_000);
  const link = `https://tokens.example.org/console/tokens/${token.id}`;
  for (const part of [letter.text, letter.html]) {
    for (const wanted of [token.id, ADMIN, day(90), 'in 90 days', link]) assert.ok(part.includes(wanted), wanted);
  }
  assert.ok(letter.text.includes(title));
  assert.ok(letter.html.includes('&lt;b&gt;&amp;') && !letter.html.includes('<b>'));
  assert.ok(letter.raw.split('\r\n').every((line) => line.length <= 78), 'lines as RFC 5322 wants them');
  assert.ok(!letter.raw.replace(/=\r\n/g, '').includes(token.secret));
  await until(() => letters(house)[0].state, (state) => state === 'sent');
  assert.equal(letter.messageId, `<${letters(house)[0].messageId}@example.org>`);
  assert.ok(!house.log.includes(MAIL_PASSWORD));
});

test('who is told: the token\'s user and every System Administrator, once', async (t) => {
  const house = makeHouse(t);
  const office = await openPostOffice(t, house.folder);
  const [grace, linus] = ['grace@example.com', 'linus@example.com'];
  house.ok('user', 'add', grace, '--role', 'System Administrator', '--name', 'Grace, "Amazing" Höpper');
  house.ok('user', 'add', linus, '--role', 'Administrator');
  house.ok('token', 'create', '--user', linus, '--title', 'his', '--expires', day(1));
  await house.start({ ini: ini(house, office) });
  await arrived(office, 6); // new, and at once: it will expire
  const got = office.letters.map((l) => `${l.readers} ${l.subject}`).sort();
  assert.deepEqual(got, [ADMIN, grace, linus].flatMap((who) => [
    `${who} API token will expire: his`, `${who} New API token: his`]).sort());
  const hers = office.letters.find((l) => l.readers[0] === grace);
  assert.deepEqual(hers.headers.get('to').value, [{ address: grace, name: 'Grace, "Amazing" Höpper' }]);
  const soon = office.letters.find((l) => /will expire/.test(l.subject));
  assert.ok(soon.text.includes(`23:59:59 UTC on ${day(1)}, tomorrow`));
  assert.ok(soon.html.includes('Extend it in the console'));
});

test('many tokens are one letter to each, which shows 50 and counts the rest', async (t) => {
  const house = makeHouse(t);
  const office = await openPostOffice(t, house.folder);
  for (let i = 0; i < 53; i += 1) house.ok('token', 'create', '--user', ADMIN, '--title', `t${i}`, '--expires', day(2));
  await house.start({ ini: ini(house, office) });
  await until(() => letters(house).filter((l) => l.state === 'sent').length, (n) => n === 2, 20_000);
  assert.deepEqual(office.letters.map((l) => l.subject).sort(), ['53 API tokens will expire', '53 new API tokens']);
  for (const letter of office.letters) {
    assert.equal(letter.text.match(/Token ID:/g).length, 50);
    assert.ok(letter.text.includes('and 3 more, in the console: https://tokens.example.org/console/tokens\n'));
  }
});

for (const [name, options, change, pattern] of [
  ['offers no STARTTLS', { hideSTARTTLS: true }, (text) => text, /STARTTLS/],
  ['has a certificate of somebody else', {}, (text) => text.replace(/smtp_ca_file.*\n/, ''), /certificate/i],
  ['does not know the password', {}, (text, house) => {
    house.file('smtp.password', 'wrong\n');
    return text;
  }, /no such user|denied/i],
]) {
  test(`a mail server that ${name} gets no letter`, async (t) => {
    const house = makeHouse(t);
    const office = await openPostOffice(t, house.folder, options);
    house.hs256('x');
    await house.start({ ini: change(ini(house, office), house) });
    await failed(house, pattern);
    assert.ok(!office.commands.includes('MAIL'), office.commands.join(' '));
    assert.deepEqual(office.letters, []);
    assert.equal((await (await fetch(`${house.health}/readyz`)).json()).mail.waiting, 1);
    await house.stop();
    // with what was missing, it goes
    const better = await openPostOffice(t, house.folder);
    const text = ini(house, better);
    house.ok('mail', 'send-again', '1');
    await house.start({ ini: text });
    await arrived(better, 1);
    await until(() => letters(house)[0].state, (state) => state === 'sent');
  });
}

test('a reader who is refused keeps nobody else waiting', async (t) => {
  const house = makeHouse(t);
  const grace = 'grace@example.com';
  const refuse = (address, session, done) => done(address.address === grace ? Object.assign(new Error('no such mailbox here'), { responseCode: 550 }) : null);
  const office = await openPostOffice(t, house.folder, { hooks: { onRcptTo: refuse } });
  house.ok('user', 'add', grace, '--role', 'System Administrator');
  house.hs256('x');
  await house.start({ ini: ini(house, office) });
  await arrived(office, 1);
  const hers = () => letters(house).find((l) => l.to === grace);
  await until(hers, (l) => l.state === 'waiting' && /550 no such mailbox here/.test(l.lastFailure), 20_000);
  assert.ok(new Date(hers().nextTry) - Date.now() > 30_000, 'it waits before it is tried again');
  office.hooks = {};
  house.ok('mail', 'send-again', String(hers().id));
  await until(hers, (l) => l.state === 'sent' && l.tries === 2, 20_000);
  assert.deepEqual(office.letters.map((l) => l.readers[0]), [ADMIN, grace]);
});

test('a slow mail server holds up nothing but mail', async (t) => {
  const slowly = (address, session, done) => { setTimeout(done, 2000); };
  const { house, office, token } = await withMail(t, { hooks: { onRcptTo: slowly } });
  await until(() => office.commands.includes('RCPT'), (is) => is);
  const start = performance.now();
  for (let i = 0; i < 20; i += 1) assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
  assert.ok(performance.now() - start < 2000, 'requests are answered while the letter waits');
  house.ok('token', 'edit', token.id, '--title', 'y');
  await arrived(office, 1);
  await until(() => letters(house)[0].state, (state) => state === 'sent');
  assert.equal(letters(house)[0].tries, 1);
});

test('a mail server that dies in DATA gets the same letter again', async (t) => {
  const die = (stream, session) => {
    stream.once('data', () => office.server.connections.forEach((c) => c._socket.destroy()));
    stream.resume();
    return Boolean(session);
  };
  const { house, office } = await withMail(t, { hooks: { onData: (...all) => die(...all) } });
  await failed(house, /./);
  assert.equal(office.letters.length, 0);
  const { messageId, id } = letters(house)[0];
  office.hooks = {};
  house.ok('mail', 'send-again', String(id));
  await arrived(office, 1);
  assert.equal(office.letters[0].messageId, `<${messageId}@example.org>`);
  await until(() => letters(house)[0].state, (state) => state === 'sent');
});

test('kill -9 while a letter is on its way: it comes after the next start', async (t) => {
  const hold = (stream) => { stream.resume(); return true; }; // and never an answer
  const { house, office } = await withMail(t, { hooks: { onData: hold } });
  await until(() => office.commands.includes('DATA'), (is) => is, 20_000);
  assert.equal(letters(house)[0].state, 'being sent');
  await house.kill('SIGKILL');
  office.hooks = {};
  await house.start({ ini: ini(house, office) });
  await arrived(office, 1);
  await until(() => letters(house)[0].state, (state) => state === 'sent');
  assert.deepEqual([office.letters.length, letters(house).length, letters(house)[0].tries], [1, 1, 2]);
});

test('a stop does not wait for a mail server that is silent', async (t) => {
  const { house, office } = await withMail(t, { hooks: { onRcptTo: () => {} } });
  await until(() => office.commands.includes('RCPT'), (is) => is, 20_000);
  const start = performance.now();
  await house.stop();
  assert.ok(performance.now() - start < 20_000);
  assert.equal(letters(house)[0].state, 'waiting');
});

test('no mail server at all: letters are files that only we read', async (t) => {
  const house = makeHouse(t);
  const folder = join(house.data, 'mail');
  const token = house.hs256('x');
  await house.start();
  await until(() => letters(house)[0].state, (state) => state === 'sent');
  const names = readdirSync(folder);
  assert.deepEqual(names.map((name) => name.replace(/^[\dTZ-]+-created-[\da-f-]{36}/, '*')), ['*.eml']);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, names[0])).mode & 0o777, 0o600);
  const letter = await simpleParser(readFileSync(join(folder, names[0])));
  assert.equal(letter.subject, 'New API token: x');
  assert.ok(letter.text.includes(token.id) && !letter.html.includes('href'));
  const { mail } = await (await fetch(`${house.health}/readyz`)).json();
  assert.equal(mail.by, 'file');
});

test('titles and names from a database that somebody has changed stay titles and names', async (t) => {
  const house = makeHouse(t);
  const evil = 'x\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>';
  house.ok('token', 'create', '--user', ADMIN, '--title', 'good');
  execFileSync('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE letter SET name = ?", (sys.argv[2],))
db.execute("UPDATE letter_line SET title = ?, user_name = ?", (sys.argv[2], sys.argv[2]))
db.commit()`, join(house.data, 'tokenhouse.db'), evil]);
  await house.start();
  await until(() => letters(house)[0].state, (state) => state === 'sent');
  const folder = join(house.data, 'mail');
  const letter = await simpleParser(readFileSync(join(folder, readdirSync(folder)[0])));
  assert.deepEqual([...letter.headers.keys()], ['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'auto-submitted', 'content-type']);
  assert.deepEqual(letter.headers.get('to').value.map((to) => to.address), [ADMIN]);
  assert.equal(letter.attachments.length, 0);
  assert.ok(letter.subject.includes('Bcc: evil@example.com'));
  assert.ok(!letter.html.includes('<script>'));
});

test('a server that is not there: letters wait, and gather', async (t) => {
  const house = makeHouse(t);
  const office = await openPostOffice(t, house.folder);
  const text = ini(house, office);
  await new Promise((done) => { office.server.close(done); });
  house.hs256('first');
  await house.start({ ini: text });
  await failed(house, /connect/i);
  house.hs256('second');
  assert.deepEqual(letters(house).map((l) => l.tokens), [2], 'one letter, about both');
});

test('mail test says what the server said', async (t) => {
  const house = makeHouse(t);
  const office = await openPostOffice(t, house.folder);
  house.file('data/tokenhouse.ini', ini(house, office));
  const { stdout } = await ask(PROGRAM, ['mail', 'test', 'someone@example.com', '--data', house.data]);
  assert.equal(stdout, `The test letter was given to ${office.url}.\n`);
  assert.deepEqual(office.letters.map((l) => [l.readers[0], l.subject]), [['someone@example.com', 'Tokenhouse: a test']]);
  office.hooks.onRcptTo = (address, session, done) => done(Object.assign(new Error('we know nobody of this name'), { responseCode: 550 }));
  await assert.rejects(ask(PROGRAM, ['mail', 'test', 'someone@example.com', '--data', house.data]),
    (error) => error.code === 1 && /the server said: 550 we know nobody of this name/.test(error.stderr));
  const wrong = run(['mail', 'test', 'nobody', '--data', house.data]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /mail/);
});

test('settings of mail that cannot be are refused', (t) => {
  const house = makeHouse(t);
  const check = (text) => {
    const path = house.file('some.ini', `[mail]\n${text}\n`);
    const done = run(['config', 'check', '--data', house.data, '--config', path]);
    assert.equal(done.status, 1, text);
    return done.stderr;
  };
  assert.match(check('smtp_url = mail.example.com'), /smtp_url is 'mail.example.com', but a URL/);
  assert.match(check('smtp_url = http://mail.example.com'), /smtp_url/);
  assert.match(check('smtp_url = smtp://me:secret@mail.example.com'), /without user/);
  assert.match(check('mail_from = Tokens <a@b>'), /mail_from .* an e-mail address is wanted/);
  assert.match(check('smtp_user = x'), /smtp_password_file is not set/);
  assert.match(check('smtp_password_file = x'), /smtp_user is not set/);
  assert.match(check('smtp_url = smtp://localhost\nsmtp_starttls = off\nsmtp_user = x\nsmtp_password_file = y'), /clear text/);
  assert.match(check('console_url = javascript:alert(1)'), /console_url/);
});
