// SPDX-License-Identifier: Apache-2.0
//
// Before one is in: the first run, log-in and what it asks for, a session that ends.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  ADMIN, PASSWORD, Script, addUser, assertAccessible, logIn, openBrowser, openConsole, openHouse, openWindow, totp,
} from './support/browser.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const heading = (page, name) => page.getByRole('heading', { level: 1, name });

test('the first run asks for the printed code and makes the first System Administrator', async (t) => {
  const house = await openHouse(t, { withUser: false });
  const code = /code="?([^"\s]+)"?/.exec(house.log)?.[1];
  assert.ok(code, house.log);
  const page = await openWindow(t, browser, house, { expect: [401, 422] });
  await page.goto('/console/');
  await heading(page, 'Set up Tokenhouse').waitFor();
  await assertAccessible(page, 'set-up');

  await page.getByRole('button', { name: 'Set up and log in' }).click();
  for (const words of ['Enter the code that the server printed.', 'Enter your name.',
    'Enter an e-mail address, like ada@example.com.', 'Use at least 12 characters.']) {
    await page.getByText(words).waitFor();
  }
  await page.getByLabel('Set-up code').fill('WRONG-CODE-0000');
  await page.getByLabel('Name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill(ADMIN);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up and log in' }).click();
  await page.getByText('This is not the code.').waitFor();

  await page.getByLabel('Set-up code').fill(code);
  await page.getByRole('button', { name: 'Set up and log in' }).click();
  await heading(page, 'API tokens').waitFor();
  await page.getByText('No tokens yet.').waitFor();
  await page.getByRole('button', { name: 'Own menu of Ada Lovelace' }).click();
  await page.getByText('System Administrator').waitFor();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await heading(page, 'Log in').waitFor();
});

test('a wrong password and an unknown person hear the same', async (t) => {
  const house = await openHouse(t);
  const page = await openWindow(t, browser, house);
  const heard = [];
  for (const [email, password] of [[ADMIN, 'not the password at all'], ['nobody@example.com', PASSWORD]]) {
    await logIn(page, email, password);
    heard.push(await page.getByRole('alert').innerText());
  }
  assert.equal(heard[0], heard[1]);
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
  await assertAccessible(page, 'log-in with an error');
});

test('a password that somebody else has set must be changed first', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { name: 'Grace Hopper', mustChange: true });
  const page = await openWindow(t, browser, house, { expect: [401, 403, 422] });
  await logIn(page, 'grace@example.com');
  await heading(page, 'Choose a new password').waitFor();
  await assertAccessible(page, 'forced change');
  await page.getByLabel('New password', { exact: true }).fill('short');
  await page.getByLabel('New password, again').fill('other');
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await page.getByText('Use at least 12 characters.').waitFor();
  await page.getByText('The two passwords differ.').waitFor();
  await page.getByLabel('New password', { exact: true }).fill('nanoseconds of wire');
  await page.getByLabel('New password, again').fill('nanoseconds of wire');
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await heading(page, 'API tokens').waitFor();
  await page.getByRole('button', { name: 'Own menu of Grace Hopper' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await logIn(page, 'grace@example.com', 'nanoseconds of wire');
  await heading(page, 'API tokens').waitFor();
});

test('a second factor is asked for, by app and by recovery code', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const { secret } = await script.post('/profile/second-factor', { password: PASSWORD });
  const { data } = await script.ask('PUT', '/profile/second-factor', { code: totp(secret) });
  const page = await openWindow(t, browser, house, { expect: [401, 403] });
  await logIn(page);
  await heading(page, 'Second factor').waitFor();
  await assertAccessible(page, 'second factor');
  await page.getByLabel('Code from your authenticator app').fill('000000');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').fill(data.recoveryCodes[0]);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await heading(page, 'API tokens').waitFor();
});

test('a suspended person is let in no more', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { name: 'Grace Hopper' });
  const page = await openConsole(t, browser, house, { email: 'grace@example.com' });
  house.ok('user', 'suspend', 'grace@example.com');
  await page.getByRole('link', { name: 'API tokens' }).click();
  await page.reload();
  await heading(page, 'Log in').waitFor();
  await logIn(page, 'grace@example.com');
  await page.getByRole('alert').waitFor();
});

test('a session that is idle ends, says so, and goes on after a log-in', async (t) => {
  const house = await openHouse(t, { ini: '[console]\nsession_idle_s = 2\n' });
  const page = await openConsole(t, browser, house);
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor({ timeout: 30_000 });
  await assertAccessible(page, 'session ended');
  await page.keyboard.press('Escape');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await heading(page, 'API tokens').waitFor();
});
