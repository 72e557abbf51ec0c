// SPDX-License-Identifier: Apache-2.0
//
// Device groups, devices, licences and the account, as an administrator looks after them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { Script, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button, dialog, heading } from './support/parts.mjs';
import { fillHouse } from './support/town.mjs';

const HACK = '"><img src=x onerror="window.hacked=1">';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const rows = (page) => page.getByRole('table').locator('tbody tr');

async function openTown(t, path) {
  const house = await openHouse(t);
  fillHouse(house);
  const script = await new Script(house).login();
  const page = await openConsole(t, browser, house, { expect: [401, 404, 409, 412, 422], path });
  return { house, script, page };
}

const groupOf = async (script, name) => (await script.get(`/groups?q=${encodeURIComponent(name)}`)).data[0];

test('the tree of device groups is walked with the arrows alone', async (t) => {
  const { page } = await openTown(t, '/groups');
  const america = page.getByRole('button', { name: /^America/ });
  await america.focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await america.getAttribute('aria-expanded'), 'false');
  assert.equal(await page.getByRole('link', { name: /^Montreal/ }).count(), 0);
  await page.keyboard.press('ArrowRight');
  for (const _ of [1, 2]) await page.keyboard.press('ArrowDown');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Montreal/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Canada/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await heading(page, 'Montreal').waitFor();
});

test('a device group is made, moved to another folder, searched for and deleted', async (t) => {
  const { script, page } = await openTown(t, '/groups');
  await page.getByRole('link', { name: 'New device group' }).waitFor();
  await page.keyboard.press('c');
  await heading(page, 'New device group').waitFor();
  await page.getByLabel('Name').fill('Lyon');
  await page.getByRole('textbox', { name: 'Folder' }).fill('Europe / Spain');
  await page.keyboard.press('Escape');
  await button(page, 'Create device group').click();
  await page.getByText(/already a device group/i).waitFor();
  await page.getByLabel('Name').fill('Vigo');
  await button(page, 'Create device group').click();
  await heading(page, 'Vigo').waitFor();
  assert.equal((await groupOf(script, 'Vigo')).folder, 'Europe/Spain');
  await button(page, 'Edit').click();
  await page.getByRole('textbox', { name: 'Folder' }).fill('');
  await page.keyboard.press('Escape');
  await button(page, 'Save').click();
  await page.getByText('At the top').waitFor();
  await until(() => groupOf(script, 'Vigo'), (group) => group.folder === ''); // the form says so, too

  await page.goto('/console/groups');
  await page.getByRole('searchbox').fill('render');
  await page.getByText('1 device group', { exact: true }).waitFor();
  await page.getByRole('searchbox').fill('vigo');
  await page.getByRole('link', { name: /^Vigo/ }).click();
  await button(page, 'Delete').click();
  const box = dialog(page, 'Delete device group');
  await box.getByLabel('Type the name to confirm').fill('Vigo');
  await button(box, 'Delete device group').click();
  await heading(page, 'Device groups').waitFor();
  assert.equal(await groupOf(script, 'Vigo'), undefined);
});

test('a group that limits somebody is not deleted', async (t) => {
  const { script, page } = await openTown(t);
  await page.goto(`/console/groups/${(await groupOf(script, 'Lyon')).uid}`);
  await button(page, 'Delete').click();
  const box = dialog(page, 'Delete device group');
  await box.getByText('A group that limits somebody cannot', { exact: false }).waitFor();
  await box.getByLabel('Type the name to confirm').fill('Lyon');
  await button(box, 'Delete device group').click();
  await box.getByRole('alert').waitFor();
});

test('devices and people go into a group and out of it, with an undo', async (t) => {
  const { script, page } = await openTown(t);
  const { uid } = await groupOf(script, 'Loan');
  await page.goto(`/console/groups/${uid}`);
  await button(page, 'Add devices').first().click();
  const box = dialog(page, 'Add devices to Loan devices');
  await box.getByRole('searchbox').fill('graz-0');
  await box.getByLabel('graz-003').check();
  await box.getByLabel('graz-007').check();
  await assertAccessible(page, 'add devices');
  await button(box, 'Add 2 devices').click();
  await page.getByText('2 devices added.').waitFor();
  await rows(page).filter({ hasText: 'graz-007' }).waitFor();
  await button(page, 'Remove graz-007 from the group').click();
  await rows(page).filter({ hasText: 'graz-007' }).waitFor({ state: 'detached' });
  assert.equal((await groupOf(script, 'Loan')).deviceCount, 1);
  await button(page, 'Undo').click();
  await rows(page).filter({ hasText: 'graz-007' }).waitFor();

  await page.getByRole('tab', { name: 'People' }).click();
  await button(page, 'Add people').first().click();
  const people = dialog(page, 'Add people to Loan devices');
  await people.getByLabel('Tim Berners-Lee').check();
  await button(people, 'Add 1 user').click();
  await rows(page).filter({ hasText: 'Tim Berners-Lee' }).waitFor();
  assert.equal((await script.get(`/users?group=${uid}`)).data.length, 1);
  await button(page, 'Remove Tim Berners-Lee from the group').click();
  await page.getByText('Nobody is limited to this group.', { exact: false }).waitFor();
});

test('devices are searched, filtered and sorted, and show the columns that one chooses', async (t) => {
  const { page } = await openTown(t, '/devices');
  await page.getByText('24 devices', { exact: true }).waitFor();
  assert.match(await rows(page).filter({ hasText: 'lyon-008' }).innerText(), /Windows 11 Enterprise[\s\S]*Inactive/);
  await page.getByRole('searchbox').fill('porto-0');
  await page.getByText('6 devices', { exact: true }).waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByText('24 devices', { exact: true }).waitFor();
  await page.getByRole('textbox', { name: 'Device group' }).click();
  await page.getByRole('option', { name: 'Montreal (America/Canada)' }).click();
  await page.getByText('6 devices', { exact: true }).waitFor();
  assert.equal(await rows(page).filter({ hasText: 'montreal-' }).count(), 6);
  await page.goBack();
  await page.getByText('24 devices', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Serial number' }).click();
  await page.waitForURL(/sort=serialNumber/);
  await page.getByRole('columnheader', { name: 'Serial number', exact: true }).and(page.locator('[aria-sort=ascending]')).waitFor();

  await button(page, 'Columns').click();
  const columns = dialog(page, 'Columns');
  await columns.getByLabel('Local IP').check();
  await columns.getByLabel('Model').uncheck();
  await assertAccessible(page, 'columns');
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'Local IP' }).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'Model' }).count(), 0);
  await page.reload();
  await page.getByRole('columnheader', { name: 'Local IP' }).waitFor();
});

test('a device shows its facts in sections, and its applications by name', async (t) => {
  const { page } = await openTown(t, '/devices?q=montreal-005');
  await page.getByRole('link', { name: /montreal-005/ }).click();
  await heading(page, 'montreal-005').waitFor();
  const hardware = page.getByRole('region', { name: 'Hardware', exact: true });
  assert.match(await hardware.innerText(), /Total physical RAM\s+16 GiB[\s\S]*DIMM A\s+8 GiB/);
  assert.match(await page.getByRole('region', { name: 'Security', exact: true }).innerText(), /Encryption status\s+Encrypted/);
  await page.getByRole('tab', { name: 'Applications (5)' }).click();
  await page.getByText('5 applications', { exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Search applications' }).fill('office');
  await page.getByText('1 application', { exact: true }).waitFor();
  assert.match(await rows(page).innerText(), /LibreOffice/);
  await page.getByRole('tab', { name: 'Device groups' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Montreal' }).click();
  await heading(page, 'Montreal').waitFor();
});

test('licences are added, refused where they are wrong, changed and deleted', async (t) => {
  const { script, page } = await openTown(t, '/account');
  await page.getByRole('tab', { name: 'Licences' }).click();
  await button(page, 'Add licence').click();
  const box = dialog(page, 'Add licence');
  await button(box, 'Add licence').click();
  await box.getByText('Enter the name of the product, as the vendor writes it.').waitFor();
  await box.getByLabel('Product').fill(HACK);
  await box.getByLabel('First day').fill('2027-02-30');
  await box.getByLabel('Last day').fill('2027-01-01');
  await button(box, 'Add licence').click();
  await box.getByText('Enter a date as YYYY-MM-DD.').waitFor();
  await box.getByLabel('First day').fill('2027-02-01');
  await button(box, 'Add licence').click();
  await box.getByText('The last day is before the first.').waitFor();
  await assertAccessible(page, 'licence');
  await box.getByLabel('Last day').fill('2028-01-31');
  await box.getByLabel('Seats').fill('250');
  await button(box, 'Add licence').click();
  const row = rows(page).filter({ hasText: HACK });
  await row.waitFor();
  assert.match(await row.innerText(), /Not begun[\s\S]*1 February 2027[\s\S]*31 January 2028[\s\S]*250/);
  await row.getByRole('button', { name: /^Change / }).click();
  const change = dialog(page, 'Change licence');
  await change.getByLabel('Last day').fill('');
  await button(change, 'Save').click();
  await row.filter({ hasText: 'No end' }).waitFor();
  await row.getByRole('button', { name: /^Delete / }).click();
  const deletion = dialog(page, 'Delete licence');
  await deletion.getByLabel('Type the product to confirm').fill(HACK);
  await button(deletion, 'Delete licence').click();
  await row.waitFor({ state: 'detached' });
  assert.ok(!(await script.get('/licences')).data.some((one) => one.name === HACK));
});

test('the account is renamed; live rights are switched, with an undo; settings are found', async (t) => {
  const { script, page } = await openTown(t, '/account');
  await button(page, 'Rename').click();
  const box = dialog(page, 'Rename account');
  await box.getByLabel('Name').fill('Example AG');
  await button(box, 'Save').click();
  await page.getByText('The account is renamed.').waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByText('Example AG').waitFor();
  const live = page.getByRole('switch', { name: 'Live rights' });
  assert.equal(await live.isChecked(), true);
  await live.click();
  await page.getByText('A token keeps the permissions it was made with', { exact: false }).waitFor();
  assert.equal((await script.get('/account')).liveRights, false);
  await button(page, 'Undo').click();
  await page.getByText('the tokens of its people lose it at once', { exact: false }).waitFor();
  assert.equal((await script.get('/account')).liveRights, true);
  await page.getByRole('tab', { name: 'Settings and limits' }).click();
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('silence');
  await page.getByText('listen', { exact: true }).waitFor({ state: 'detached' });
  await page.getByText('session_idle_s').waitFor();
});

test('a test letter is sent, and what became of it is shown', async (t) => {
  const { script, page } = await openTown(t, '/account?tab=mail');
  await page.getByText('letters become files in the data folder', { exact: false }).waitFor();
  await button(page, 'Send a test letter to me').click();
  await page.getByText('A test letter goes to ada@example.com.').waitFor();
  const row = rows(page).filter({ hasText: 'Test letter' });
  await row.filter({ hasText: 'Sent' }).waitFor();
  await assertAccessible(page, 'letters');
  await row.getByRole('button', { name: 'Send again to ada@example.com' }).click();
  await page.getByText('The letter is on its way once more.').waitFor();
  await row.filter({ hasText: 'Sent' }).waitFor();
  assert.equal((await script.get('/mail/letters')).data.filter((letter) => letter.notice === 'test').length, 1);
});
