// SPDX-License-Identifier: Apache-2.0
//
// The filter bar of the list of tokens, and what is done to all that it finds.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { Script, addUser, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button, dialog } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const titles = (page) => page.locator('.row-title').allInnerTexts();

test('what its own user has suspended is held by the suspension of an administrator', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { name: 'Grace Hopper' });
  const grace = await new Script(house).login('grace@example.com');
  const own = (await grace.makeToken('Asleep')).token.id;
  await grace.post(`/tokens/${own}/suspend`);
  const page = await openConsole(t, browser, house, { path: '/tokens?q=asleep' });
  await page.getByRole('button', { name: /^All 1 token found$/ }).click();
  await page.getByRole('menuitem', { name: 'Suspend them' }).click();
  const suspend = dialog(page, 'Suspend tokens');
  await suspend.getByText('only a System Administrator can resume it then', { exact: false }).waitFor();
  await suspend.getByRole('button', { name: 'Suspend 1 token' }).click();
  await page.getByText('1 token is suspended.').waitFor();
  assert.deepEqual([(await grace.get(`/tokens/${own}`)).mayResume, (await grace.get(`/tokens/${own}`)).suspension.isHeld], [false, true]);
});

test('all that the filters find are shown, suspended and deleted', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  for (const title of ['Export one', 'Export two', 'Keep me']) await script.makeToken(title);
  const page = await openConsole(t, browser, house, { expect: [401, 409] });
  await until(() => titles(page), (all) => all.length === 3);
  assert.equal(await page.getByRole('button', { name: /found$/ }).count(), 0, 'without a filter nothing is offered');

  await page.getByRole('searchbox', { name: 'Search tokens' }).fill('export');
  await until(() => titles(page), (all) => all.length === 2);
  await button(page, 'All 2 tokens found').click();
  await page.getByRole('menuitem', { name: 'Suspend them' }).click();
  const suspend = dialog(page, 'Suspend tokens');
  await suspend.getByText('2 tokens, all that the filters find.').waitFor();
  assert.deepEqual((await suspend.getByRole('listitem').locator('p').filter({ hasText: /^Export/ }).allInnerTexts()).sort(), ['Export one', 'Export two']);
  await assertAccessible(page, 'suspending many');

  await script.makeToken('Export three'); // meanwhile
  await suspend.getByRole('button', { name: 'Suspend 2 tokens' }).click();
  await suspend.getByText(/1 came, 0 went, 0 changed/).waitFor();
  assert.deepEqual((await script.get('/tokens?label=Suspended')).data, []);
  await suspend.getByRole('button', { name: 'Suspend 3 tokens' }).click();
  await page.getByText('3 tokens are suspended.').waitFor();
  assert.equal((await script.get('/tokens?label=Suspended')).data.length, 3);

  await page.getByRole('button', { name: /found$/ }).click();
  await page.getByRole('menuitem', { name: 'Delete them' }).click();
  await dialog(page, 'Delete tokens').getByRole('button', { name: 'Delete 3 tokens' }).click();
  await page.getByText('3 tokens are deleted.').waitFor();
  assert.deepEqual((await script.get('/tokens')).data.map((token) => token.title), ['Keep me']);
});

test('single tokens are left out of what the filters find', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  for (const title of ['Export one', 'Export two', 'Export three']) await script.makeToken(title);
  const page = await openConsole(t, browser, house, { expect: [401, 409] });
  await page.getByRole('searchbox', { name: 'Search tokens' }).fill('export');
  await page.waitForURL(/q=export/);
  await until(() => titles(page), (all) => all.length === 3);
  await button(page, 'All 3 tokens found').click();
  await page.getByRole('menuitem', { name: 'Suspend them' }).click();
  const suspend = dialog(page, 'Suspend tokens');
  const all = suspend.getByRole('checkbox', { name: /^All 3 tokens$|^\d of 3 tokens$/ });
  await all.waitFor();
  assert.ok(await all.isChecked());

  await all.click();
  assert.ok(await suspend.getByRole('button', { name: 'Suspend 0 tokens' }).isDisabled());
  await suspend.getByRole('checkbox', { name: 'Export one' }).check();
  await suspend.getByRole('checkbox', { name: 'Export three' }).check();
  await suspend.getByRole('checkbox', { name: '2 of 3 tokens' }).waitFor();
  await assertAccessible(page, 'leaving single tokens out');
  await script.makeToken('Export four'); // meanwhile: it was never meant
  await suspend.getByRole('button', { name: 'Suspend 2 tokens' }).click();
  await page.getByText('2 tokens are suspended.').waitFor();
  assert.deepEqual((await script.get('/tokens?label=Suspended')).data.map((token) => token.title).sort(), ['Export one', 'Export three']);

  // one of those that are meant is changed by somebody else: nothing is done, and the choice stays
  await page.getByRole('button', { name: /found$/ }).click();
  await page.getByRole('menuitem', { name: 'Delete them' }).click();
  const remove = dialog(page, 'Delete tokens');
  await remove.getByRole('checkbox', { name: 'Export four' }).uncheck();
  const two = (await script.get('/tokens?q=export two')).data[0];
  house.ok('token', 'edit', two.id, '--description', 'changed');
  await remove.getByRole('button', { name: 'Delete 3 tokens' }).click();
  await remove.getByText(/0 came, 0 went, 1 changed/).waitFor();
  assert.equal((await script.get('/tokens')).data.length, 4);
  assert.equal(await remove.getByRole('checkbox', { name: 'Export four' }).isChecked(), false);
  await remove.getByRole('button', { name: 'Delete 3 tokens' }).click();
  await page.getByText('3 tokens are deleted.').waitFor();
  assert.deepEqual((await script.get('/tokens')).data.map((token) => token.title), ['Export four']);
});

test('tokens are found by device group, by how long they were unused, and by age', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  await script.makeToken('Young');
  const page = await openConsole(t, browser, house);
  await until(() => titles(page), (all) => all.length === 1);
  await button(page, 'More filters').click();
  await page.getByLabel('Made before').fill(new Date().toISOString().slice(0, 10));
  await page.getByText('Nothing fits the search and the filters.').waitFor();
  await page.waitForURL(/madeBefore=/);
  await assertAccessible(page, 'more filters');
  await page.getByLabel('Made before').fill('');
  await until(() => titles(page), (all) => all.length === 1);
  await page.getByLabel('Unused for so many days').fill('30');
  await page.getByText('Nothing fits the search and the filters.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More filters (1)' }).waitFor();
});
