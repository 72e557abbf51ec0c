// SPDX-License-Identifier: Apache-2.0
//
// The list of tokens and the page of one: finding, editing, suspending, deleting, what its
// use and its refusals look like, and who sees which.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { Script, addUser, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const titles = (page) => page.locator('.row-title').allInnerTexts();
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

async function houseWithTokens(t, titlesAndDays) {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const made = {};
  for (const [title, days] of titlesAndDays) {
    made[title] = (await script.makeToken(title, { expiresOn: day(days), description: `about ${title}` }));
  }
  return { house, script, made };
}

const signer = (made) => ({ id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') });

/** A token works as soon as the keyring has heard of it; that request counts too. */
const known = (house, token) => until(() => house.ask(token, 'GET', '/v3/whoami'), (answer) => answer.status === 200);

test('the list is sorted by expiry, searched, filtered, and Back brings it back', async (t) => {
  const { house, script, made } = await houseWithTokens(t, [['Charlie', 90], ['Alpha', 2], ['Bravo', 30]]);
  await script.post(`/tokens/${made.Bravo.token.id}/suspend`);
  const page = await openConsole(t, browser, house);
  await page.getByRole('table', { name: 'API tokens' }).waitFor();
  assert.deepEqual(await titles(page), ['Alpha', 'Bravo', 'Charlie'], 'earliest expiry first');
  await assertAccessible(page, 'tokens');

  await page.getByRole('columnheader', { name: 'Token' }).getByRole('button').click();
  await page.getByRole('columnheader', { name: 'Token' }).getByRole('button').click();
  await page.waitForURL(/sort=-title/);
  await until(() => titles(page), (all) => all.join() === 'Charlie,Bravo,Alpha');
  await page.keyboard.press('/');
  await page.keyboard.type('brav');
  await until(() => titles(page), (all) => all.join() === 'Bravo');
  await page.waitForURL(/q=brav/);
  await page.getByRole('link', { name: /Bravo/ }).click();
  await heading(page, 'Bravo').waitFor();
  await page.goBack();
  await until(() => titles(page), (all) => all.join() === 'Bravo');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'brav');
  await page.getByRole('searchbox', { name: 'Search tokens' }).fill('nothing is called that');
  await page.getByText('Nothing fits the search and the filters.').waitFor();
  await button(page, 'Show all').click();
  await until(() => titles(page), (all) => all.length === 3);
  const labels = page.getByRole('group', { name: 'Label' });
  await labels.getByText('Suspended').click();
  await until(() => titles(page), (all) => all.join() === 'Bravo');
  await labels.getByText('Expires soon').click();
  await until(() => titles(page), (all) => all.join() === 'Bravo,Alpha');
  await page.goto(`/console/tokens?q=${made.Charlie.token.id}`);
  await until(() => titles(page), (all) => all.join() === 'Charlie');
});

/** Tokens were made so many days ago: nobody can wait for it. */
const madeAgo = (house, days, ...ids) => execFileSync('python3', ['-c', `
import sqlite3, sys, time
d = sqlite3.connect(sys.argv[1])
for id in sys.argv[3:]:
    assert d.execute("UPDATE token SET created_at_s = ? WHERE id = ?", (int(time.time()) - int(sys.argv[2]) * 86400, id)).rowcount == 1
d.commit()`, join(house.data, 'tokenhouse.db'), String(days), ...ids]);

test('what nobody uses is marked, and can be listed alone', async (t) => {
  const { house, made } = await houseWithTokens(t, [['Forgotten', 90], ['Fresh', 30]]);
  madeAgo(house, 120, made.Forgotten.token.id);
  const page = await openConsole(t, browser, house);
  await until(() => titles(page), (all) => all.join() === 'Fresh,Forgotten');
  await page.getByText('Unused for 120 days').waitFor();
  assert.equal(await page.getByText(/Unused for/).count(), 1);
  await assertAccessible(page, 'unused');
  await page.getByRole('group', { name: 'Use', exact: true }).getByText('Unused').click();
  await until(() => titles(page), (all) => all.join() === 'Forgotten');
  await page.waitForURL(/isUnused=true/);
  await page.getByRole('link', { name: /Forgotten/ }).click();
  await heading(page, 'Forgotten').waitFor();
  await page.getByText('Unused for 120 days').waitFor();
});

test('long lists come in pages that can be walked forth and back', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  for (let n = 0; n < 53; n++) await script.makeToken(`Token ${String(n).padStart(2, '0')}`);
  const page = await openConsole(t, browser, house, { path: '/tokens?sort=title' });
  await page.getByText('1 to 50 of 53').waitFor();
  await button(page, 'Next').click();
  await page.getByText('51 to 53 of 53').waitFor();
  await until(() => titles(page), (all) => all.join() === 'Token 50,Token 51,Token 52');
  await button(page, 'Previous').click();
  await page.getByText('1 to 50 of 53').waitFor();
  await page.goBack();
  await page.getByText('51 to 53 of 53').waitFor();
});

test('edit title, description, expiry and addresses; the second of two editors hears it', async (t) => {
  const { house, script, made } = await houseWithTokens(t, [['Draft', 30]]);
  const { id } = made.Draft.token;
  const page = await openConsole(t, browser, house, { path: `/tokens/${id}`, expect: [401, 412, 422] });
  await button(page, 'Edit').click();
  await page.getByLabel('Title').fill('Final');
  await assertAccessible(page, 'edit');
  const etag = (await script.ask('GET', `/tokens/${id}`)).etag;
  await script.ask('PATCH', `/tokens/${id}`, { description: 'theirs' }, { 'if-match': etag });
  await button(page, 'Save').click();
  await page.getByText('has changed this token meanwhile').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Final', 'what was typed stays');
  await button(page, 'Save').click();
  await heading(page, 'Final').waitFor();
  const both = await script.get(`/tokens/${id}`);
  assert.deepEqual([both.title, both.description], ['Final', 'theirs'], 'only what was changed is sent');

  await button(page, 'Edit').click();
  await button(page, '1 year').click();
  const address = page.getByLabel('Approved IP address', { exact: true });
  await address.fill('127.0.0.0/8');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Edit 127.0.0.0/8' }).waitFor();
  await page.getByLabel('Title').fill('');
  await button(page, 'Save').click();
  await page.getByText('Give the token a title, so that others know what it is for.').waitFor();
  await page.getByLabel('Title').fill('Final');
  await button(page, 'Save').click();
  await button(page, 'Edit').waitFor();
  await page.getByText('127.0.0.0/8').waitFor();
  assert.deepEqual((await script.get(`/tokens/${id}`)).approvedAddresses, ['127.0.0.0/8']);
});

test('suspend, undo, suspend, resume, delete by title', async (t) => {
  const { house, script, made } = await houseWithTokens(t, [['Risky', 30]]);
  const token = signer(made.Risky);
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}`, expect: [401, 404] });
  await button(page, 'Suspend').click();
  await page.getByText('The token is suspended.').waitFor();
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 401);
  assert.equal(await page.getByRole('button', { name: 'Edit' }).count(), 0, 'a suspended token cannot be edited');
  await button(page, 'Undo').click();
  await button(page, 'Suspend').waitFor();
  await known(house, token);
  await button(page, 'Suspend').click();
  await button(page, 'Resume').click();
  await button(page, 'Suspend').waitFor();

  await button(page, 'Delete').click();
  const dialog = page.getByRole('dialog', { name: 'Delete token' });
  await dialog.getByText(/Last used .* from 127\.0\.0\.1|It has never been used/).waitFor();
  await assertAccessible(page, 'delete');
  assert.ok(await button(dialog, 'Delete token').isDisabled());
  await dialog.getByLabel('Type the title to confirm').fill('Risk');
  await page.keyboard.press('Enter');
  assert.ok(await button(dialog, 'Delete token').isDisabled());
  await dialog.getByLabel('Type the title to confirm').fill('Risky');
  await button(dialog, 'Delete token').click();
  await heading(page, 'API tokens').waitFor();
  await page.getByText('“Risky” is deleted.').waitFor();
  assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 401);
  assert.equal((await script.get('/tokens')).data.length, 0);
  await page.goto(`/console/tokens/${token.id}`);
  await heading(page, 'There is no such token').waitFor();
});

test('what a System Administrator suspended its user cannot resume, and is told why', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { name: 'Grace Hopper' });
  const { token } = await (await new Script(house).login('grace@example.com')).makeToken('of Grace');
  const graces = await openConsole(t, browser, house, { email: 'grace@example.com', path: `/tokens/${token.id}` });
  const hers = graces.getByRole('note', { name: 'Suspension' });
  await button(graces, 'Suspend').click();
  await hers.getByText(/^Suspended by Grace Hopper .*: requests signed with it are refused\.$/).waitFor();
  const admins = await openConsole(t, browser, house, { path: `/tokens/${token.id}` });
  await admins.getByRole('note', { name: 'Suspension' }).getByText(/Its user can resume it\.$/).waitFor();
  await button(admins, 'Keep suspended').click();
  await admins.getByRole('note', { name: 'Suspension' }).getByText(/Its user cannot resume it\.$/).waitFor();
  assert.equal(await button(admins, 'Keep suspended').count(), 0);
  await graces.reload();
  await hers.getByText(/Only a System Administrator can resume it\.$/).waitFor();
  assert.deepEqual([await button(graces, 'Resume').count(), await button(graces, 'Delete').count()], [0, 1]);
  await assertAccessible(graces, 'a held token');
  await button(admins, 'Resume').click();
  await button(admins, 'Suspend').waitFor();
  await graces.reload();
  await button(graces, 'Suspend').waitFor();
});

test('use, refusals and events of a token are shown, each refusal in words', async (t) => {
  const { house, script, made } = await houseWithTokens(t, [['Busy', 30]]);
  const token = signer(made.Busy);
  await known(house, token);
  for (let n = 0; n < 2; n++) assert.equal((await house.ask(token, 'GET', '/v3/whoami')).status, 200);
  assert.equal((await house.ask(token, 'GET', '/v3/no/such/thing')).status, 404);
  await until(() => script.get(`/tokens/${token.id}/use`),
    (use) => use.days.at(-1).permitted === 3 && Object.keys(use.days.at(-1).refused).length === 1, 30_000);
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}` });
  await page.getByText('3 permitted', { exact: true }).waitFor();
  await page.getByText('1 refused', { exact: true }).waitFor();
  await page.getByText('Refused: no such operation 1.').waitFor();
  await assertAccessible(page, 'use');
  await button(page, 'As a table').click();
  await page.getByRole('cell', { name: 'No such operation 1' }).waitFor();
  for (const [tab, words] of [['Permissions', 'Device reports'], ['Refusals', 'No such operation (404)'],
    ['Events', 'API token updated'], ['First request', 'curl -sS']]) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByText(words).first().waitFor();
    await assertAccessible(page, tab);
  }
});

test('everybody sees their own tokens; a System Administrator sees all, and by whom', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { name: 'Grace Hopper' });
  addUser(house, 'joan@example.com', { name: 'Joan Clarke' });
  const ids = {};
  for (const email of ['grace@example.com', 'joan@example.com']) {
    ids[email] = (await (await new Script(house).login(email)).makeToken(`of ${email}`)).token.id;
  }
  const graces = await openConsole(t, browser, house, { email: 'grace@example.com', expect: [401, 404] });
  await until(() => titles(graces), (all) => all.join() === 'of grace@example.com');
  await graces.goto(`/console/tokens/${ids['joan@example.com']}`);
  await heading(graces, 'There is no such token').waitFor();
  const admins = await openConsole(t, browser, house);
  await until(() => titles(admins), (all) => all.length === 2);
  await admins.getByRole('row', { name: /Joan Clarke/ }).waitFor();
  house.ok('user', 'suspend', 'joan@example.com');
  await admins.goto(`/console/tokens/${ids['joan@example.com']}`);
  await admins.getByText(/, suspended/).waitFor();
});
