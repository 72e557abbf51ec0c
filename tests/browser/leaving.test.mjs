// SPDX-License-Identifier: Apache-2.0
//
// Somebody leaves: what their tokens are and did is shown before they are suspended or
// deleted, and a token is handed over by a link that fills in the page of a new one.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { PASSWORD, Script, addUser, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button, dialog } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const heading = (page, name) => page.getByRole('heading', { level: 1, name });

test('the tokens of somebody who leaves are shown, and handed over', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { role: 'System Administrator' });
  const grace = await new Script(house).login('grace@example.com', PASSWORD);
  const made = await grace.makeToken('Nightly export', {
    description: 'into the CMDB', permissions: ['Device reports:View', 'Device Fields:View'], approvedAddresses: ['127.0.0.1'],
  });
  await grace.makeToken('Never used');
  const signer = { id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') };
  await until(() => house.ask(signer, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  assert.equal((await house.ask(signer, 'GET', '/v3/reporting/devices')).status, 200);
  await until(() => grace.get(`/tokens/${made.token.id}`), (token) => token.lastUsedAt !== null, 30_000);

  const page = await openConsole(t, browser, house);
  const { uid } = (await grace.get('/users?q=grace')).data[0];
  await page.goto(`/console/users/${uid}`);
  await heading(page, 'grace@example.com').waitFor();
  await button(page, 'Suspend').click();
  const shown = dialog(page, 'Suspend user');
  await shown.getByText(/2 tokens, of which 2 can be used\. In the last 30 days they signed \d+ requests?, the last/).waitFor();
  await shown.getByText(/request.? in the last 30 days.*127\.0\.0\.1/).waitFor();
  await shown.getByText(/^Used Device (Fields|reports):View, Device (Fields|reports):View$/).waitFor();
  await shown.getByText('From 127.0.0.1', { exact: true }).waitFor();
  await shown.getByText('Not used in the last 30 days').waitFor();
  assert.deepEqual(await shown.getByRole('listitem').getByRole('link', { name: /^(Nightly export|Never used)$/ }).allInnerTexts(),
    ['Nightly export', 'Never used'], 'the busiest first');
  await assertAccessible(page, 'leaving');

  await shown.getByRole('link', { name: 'Hand over Nightly export' }).click();
  await heading(page, 'New API token').waitFor();
  await page.getByLabel('Title').waitFor();
  assert.deepEqual([await page.getByLabel('Title').inputValue(), await page.getByLabel('Description').inputValue(),
    await page.getByLabel('Expiration date').inputValue()], ['Nightly export', 'into the CMDB', made.token.expiresOn]);
  await page.getByText(/^2 of \d+ permissions$/).first().waitFor();
  await page.getByText('127.0.0.1', { exact: true }).first().waitFor();
  await page.getByRole('radio', { name: /^Generate token/ }).check();
  await button(page, 'Create token').click();
  await dialog(page, 'Token Key Details').getByRole('button', { name: 'Copy secret key' }).click();
  await dialog(page, 'Token Key Details').getByRole('button', { name: 'Close', exact: true }).last().click();
  await heading(page, 'Nightly export').waitFor();

  await page.goto(`/console/users/${uid}`);
  await button(page, 'Suspend').click();
  await dialog(page, 'Suspend user').getByRole('button', { name: 'Delete instead' }).click();
  await dialog(page, 'Delete user').getByText('Nightly export').first().waitFor();
  await assertAccessible(page, 'deleting a user');
  await dialog(page, 'Delete user').getByLabel('Type the e-mail address to confirm').fill('grace@example.com');
  await dialog(page, 'Delete user').getByRole('button', { name: 'Delete user' }).click();
  await heading(page, 'Users').waitFor();
  const ada = await new Script(house).login();
  assert.deepEqual((await ada.get('/tokens')).data.map((token) => [token.title, token.creator.email]), [['Nightly export', 'ada@example.com']]);
});
