// SPDX-License-Identifier: Apache-2.0
//
// Limits of a token on the pages that make, edit and roll one: folded away, each refused
// beside its field, and shown on the token's page.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { PASSWORD, Script, addUser, assertAccessible, assertNoSideways, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const fold = (page) => page.getByRole('button', { name: 'Advanced limits' });
const field = (page, name) => page.getByLabel(name, { exact: true });
const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
const NONE = { rate: null, quotaPerDay: null, concurrent: null, maxUses: null, notBefore: null };

async function openNew(t, house, more) {
  const page = await openConsole(t, browser, house, { path: '/tokens/new', expect: [401, 422], ...more });
  await page.getByLabel('Title').fill('Nightly');
  await page.getByRole('radio', { name: 'Generate token' }).check();
  return page;
}

/** Creates it, closes the dialog with its key, and gives the token. */
async function create(page, script) {
  await button(page, 'Create token').click();
  const dialog = page.getByRole('dialog', { name: 'Token Key Details' });
  await dialog.getByRole('button', { name: /Copy.*secret key/i }).first().click();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.waitForURL(/\/tokens\/[0-9a-f-]{36}$/);
  return script.get(`/tokens/${page.url().split('/').pop()}`);
}

test('a token is made with limits; what cannot be is told beside each field', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const page = await openNew(t, house);
  assert.equal(await fold(page).getAttribute('aria-expanded'), 'false');
  assert.ok(!await field(page, 'Quota').isVisible());
  await page.getByText('none of its own').waitFor();
  await fold(page).focus();
  await page.keyboard.press('Enter');
  await field(page, 'Rate').fill('1000001');
  await page.keyboard.press('Tab');
  await page.getByText('Enter a whole number from 1 to 1,000,000, or leave it empty.').waitFor();
  await field(page, 'At the same time').fill('10001');
  await field(page, 'First day').fill(day(100));
  await field(page, 'Quota').click();
  await page.getByText('Enter a whole number from 1 to 10,000, or leave it empty.').waitFor();
  await page.getByText('The token would have expired before its first day.').waitFor();
  await assertAccessible(page, 'limits with faults');
  // what is wrong is shown, folded or not
  await fold(page).click();
  await button(page, 'Create token').click();
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
  await field(page, 'Rate').fill('300');
  await field(page, 'Quota').fill('5000');
  await field(page, 'At the same time').fill('10');
  await field(page, 'Uses in all').fill('20000');
  await field(page, 'First day').fill(day(2));
  const summary = page.getByRole('complementary', { name: 'This token' });
  for (const words of ['300 requests a minute', '5,000 requests on a day', '10 requests at the same time', '20,000 requests in all']) {
    await summary.getByText(words).waitFor();
  }
  await page.getByLabel('Rate, in how long').selectOption('an hour');
  await summary.getByText('300 requests an hour').waitFor();
  await assertAccessible(page, 'limits');
  const token = await create(page, script);
  assert.deepEqual(token.limits, { rate: '300/h', quotaPerDay: 5000, concurrent: 10, maxUses: 20_000, notBefore: day(2) });
  await page.getByText('300 requests an hour').waitFor();
  await page.getByText('0 of 20,000 are used').waitFor();
});

test('limits are edited, taken away, and handed on by a roll', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const { token } = await script.makeToken('Nightly', { limits: { rate: '10/s', quotaPerDay: 50, maxUses: 7 } });
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}?edit`, expect: [401, 422], width: 360 });
  await page.getByText('10 requests a second, 50 requests on a day, 7 requests in all').waitFor();
  await fold(page).click();
  assert.equal(await field(page, 'Rate').inputValue(), '10');
  await field(page, 'Rate').fill('');
  await field(page, 'Quota').fill('60');
  await assertNoSideways(page, 'limits');
  await assertAccessible(page, 'limits, edited');
  await button(page, 'Save').click();
  await button(page, 'Edit').waitFor();
  await page.getByText('60 requests on a day').waitFor();
  assert.deepEqual((await script.get(`/tokens/${token.id}`)).limits, { ...NONE, quotaPerDay: 60, maxUses: 7 });

  await page.goto(`/console/tokens/${token.id}/roll`);
  await page.getByRole('radio', { name: 'Generate token' }).check();
  await fold(page).click();
  assert.equal(await field(page, 'Uses in all').inputValue(), '7');
  await field(page, 'Uses in all').fill('9');
  await button(page, 'Roll token').click();
  await page.getByRole('dialog', { name: 'Token Key Details' }).waitFor();
  const { replacedBy } = await script.get(`/tokens/${token.id}`);
  assert.deepEqual((await script.get(`/tokens/${replacedBy.id}`)).limits, { ...NONE, quotaPerDay: 60, maxUses: 9 });
});

test('who is no System Administrator gives no rate, and all other limits', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { role: 'Security Administrator' });
  const script = await new Script(house).login('grace@example.com', PASSWORD);
  const page = await openNew(t, house, { email: 'grace@example.com' });
  await fold(page).click();
  assert.ok(await field(page, 'Rate').isDisabled());
  await page.getByText('given by System Administrators only').waitFor();
  await field(page, 'Uses in all').fill('5');
  assert.deepEqual((await create(page, script)).limits, { ...NONE, maxUses: 5 });
});
