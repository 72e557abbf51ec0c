// SPDX-License-Identifier: Apache-2.0
//
// My profile: name, password, second factor with its QR code and recovery codes, sessions.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import {
  ADMIN, PASSWORD, Script, assertAccessible, logIn, openBrowser, openConsole, openHouse, openWindow, totp,
} from './support/browser.mjs';
import { button, dialog, heading } from './support/parts.mjs';

const OTHER = 'another horse battery staple';

let browser;
before(async (t) => { browser = await openBrowser(t); });

async function openProfile(t) {
  const house = await openHouse(t);
  const page = await openConsole(t, browser, house, { expect: [401, 403, 422], path: '/tokens' });
  await page.getByRole('button', { name: /^Own menu of/ }).click();
  await page.getByRole('menuitem', { name: 'My profile' }).click();
  await heading(page, 'My profile').waitFor();
  await page.getByLabel('Name', { exact: true }).waitFor();
  return { house, page };
}

async function confirmed(page, act, password = PASSWORD) {
  const box = dialog(page, act);
  await box.getByLabel('Your password').fill(password);
  await button(box, act).click();
}

test('a name is changed and shown', async (t) => {
  const { page } = await openProfile(t);
  assert.equal(await button(page, 'Save name').isDisabled(), true);
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  await button(page, 'Save name').click();
  await page.getByText('Your name is saved.').waitFor();
  await page.getByRole('button', { name: 'Own menu of Ada Lovelace' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('x'.repeat(121));
  await button(page, 'Save name').click();
  await page.getByText('The name has 121 characters; at most 120 fit.').waitFor();
});

test('a password is changed; the old one is void, other sessions end', async (t) => {
  const { house, page } = await openProfile(t);
  const elsewhere = await new Script(house).login();
  await page.getByLabel('Password now').fill('not my password at all');
  await page.getByLabel('New password', { exact: true }).fill(OTHER);
  await page.getByLabel('New password, again').fill(`${OTHER}.`);
  await button(page, 'Change password').click();
  await page.getByText('The two passwords differ.').waitFor();
  await page.getByLabel('New password, again').fill(OTHER);
  await button(page, 'Change password').click();
  await page.locator('[aria-invalid=true][autocomplete=current-password]').waitFor();
  await assertAccessible(page, 'wrong password');
  await page.getByLabel('Password now').fill(PASSWORD);
  await button(page, 'Change password').click();
  await page.getByText('Your password is changed.', { exact: false }).waitFor();
  assert.equal(await page.getByLabel('New password', { exact: true }).inputValue(), '');
  await assert.rejects(elsewhere.get('/session'), /401/);
  await assert.rejects(new Script(house).login(ADMIN, PASSWORD), /401/);
  await new Script(house).login(ADMIN, OTHER);
});

test('a second factor is set up with the key of the QR code, and the codes are shown once', async (t) => {
  const { house, page } = await openProfile(t);
  await button(page, 'Set up second factor').click();
  await confirmed(page, 'Set up second factor', 'not my password at all');
  await dialog(page, 'Set up second factor').getByText('The password is wrong.').waitFor();
  await confirmed(page, 'Set up second factor');
  const box = dialog(page, 'Set up second factor');
  await box.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  await assertAccessible(page, 'QR code');
  const secret = (await box.getByRole('textbox', { name: 'Or type this key into the app' }).innerText()).replace(/\s/g, '');
  await box.getByLabel('Code from the app').fill('12345');
  await button(box, 'Turn on').click();
  await box.getByText('Enter the six digits that the app shows.').waitFor();
  await box.getByLabel('Code from the app').fill(totp(secret));
  await button(box, 'Turn on').click();

  const codes = dialog(page, 'Recovery codes');
  await codes.getByText('They are shown once').waitFor();
  await assertAccessible(page, 'recovery codes');
  const shown = (await codes.getByRole('group', { name: 'Recovery codes' }).innerText()).trim().split(/\s+/);
  assert.equal(shown.length, 10);
  assert.equal(new Set(shown).size, 10);
  await button(codes, 'Close').first().click();
  const again = dialog(page, 'Close without the recovery codes?');
  await button(again, 'Go back').click();
  const waiting = page.waitForEvent('download');
  await button(codes, 'Download').click();
  const file = await waiting;
  const path = join(house.folder, file.suggestedFilename());
  await file.saveAs(path);
  for (const code of shown) assert.ok(readFileSync(path, 'utf8').includes(code));
  await button(codes, 'Close').first().click();
  await codes.waitFor({ state: 'hidden' });
  await page.getByText('10 recovery codes left').waitFor();

  const theirs = await openWindow(t, browser, house);
  await logIn(theirs);
  await button(theirs, 'Use a recovery code').click();
  await theirs.getByLabel('Recovery code').fill(shown[3]);
  await button(theirs, 'Confirm').click();
  await heading(theirs, 'API tokens').waitFor();
  await page.reload();
  await page.getByText('9 recovery codes left').waitFor();
});

test('new recovery codes void the old ones, and the second factor is turned off with the password', async (t) => {
  const { house, page } = await openProfile(t);
  await button(page, 'Set up second factor').click();
  await confirmed(page, 'Set up second factor');
  const box = dialog(page, 'Set up second factor');
  const secret = (await box.getByRole('textbox', { name: 'Or type this key into the app' }).innerText()).replace(/\s/g, '');
  await box.getByLabel('Code from the app').fill(totp(secret));
  await button(box, 'Turn on').click();
  const codes = dialog(page, 'Recovery codes');
  const first = (await codes.getByRole('group', { name: 'Recovery codes' }).innerText()).trim().split(/\s+/);
  await codes.getByRole('button', { name: 'Copy recovery codes' }).click();
  assert.deepEqual((await page.evaluate(() => navigator.clipboard.readText())).trim().split('\n'), first);
  await button(codes, 'Close').first().click();
  await codes.waitFor({ state: 'hidden' });
  await button(page, 'Make new recovery codes').click();
  await confirmed(page, 'Make new recovery codes');
  const second = (await codes.getByRole('group', { name: 'Recovery codes' }).innerText()).trim().split(/\s+/);
  assert.equal(second.filter((code) => first.includes(code)).length, 0);
  await codes.getByRole('button', { name: 'Copy recovery codes' }).click();
  await button(codes, 'Close').first().click();
  await codes.waitFor({ state: 'hidden' });
  await button(page, 'Turn off').click();
  await confirmed(page, 'Turn off second factor');
  await page.getByText('The second factor is off.').waitFor();
  await button(page, 'Set up second factor').waitFor();
  assert.equal((await (await new Script(house).login()).get('/session')).state, 'active');
});

test('another session is signed out', async (t) => {
  const { house, page } = await openProfile(t);
  const elsewhere = await new Script(house).login();
  await page.reload();
  const list = page.getByRole('region', { name: 'Sessions' }).getByRole('listitem');
  await list.filter({ hasText: 'This one' }).waitFor();
  assert.match(await list.filter({ hasText: 'This one' }).innerText(), /Chrom\w+ on Linux/);
  await page.getByRole('button', { name: 'Sign out node from 127.0.0.1' }).click();
  await page.getByText('That session is signed out.').waitFor();
  await list.filter({ hasText: 'node' }).waitFor({ state: 'hidden' });
  await assert.rejects(elsewhere.get('/session'), /401/);
});

test('a calendar address is shown once, renewed, and removed', async (t) => {
  const { page } = await openProfile(t);
  const shown = async () => {
    const box = dialog(page, 'Calendar address');
    const address = (await box.getByRole('textbox', { name: 'Address' }).innerText()).trim();
    await assertAccessible(page, 'calendar address');
    await button(box, 'Done').click();
    return address;
  };
  const statusOf = async (address) => (await fetch(address)).status;
  await button(page, 'Make a calendar address').click();
  const first = await shown();
  assert.match(first, /^http:\/\/127\.0\.0\.1:\d+\/calendar\/[\w-]{43}\.ics$/);
  assert.equal(await statusOf(first), 200);
  await button(page, 'Make a new address').click();
  await button(dialog(page, 'Make a new address'), 'Make a new address').click();
  const second = await shown();
  assert.deepEqual([await statusOf(first), await statusOf(second)], [404, 200]);
  assert.ok(!(await page.content()).includes(second), 'it is shown once');
  await button(page, 'Remove address').click();
  await button(dialog(page, 'Remove address'), 'Remove address').click();
  await button(page, 'Make a calendar address').waitFor();
  assert.equal(await statusOf(second), 404);
});
