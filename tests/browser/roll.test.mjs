// SPDX-License-Identifier: Apache-2.0
//
// Rolling a token as a person does it: the page, the key shown once, what list and pages
// say while both work, and the end that is moved, called off and reached.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { Script, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button, dialog } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const banner = (page) => page.getByRole('region', { name: 'Replacement' });
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

async function houseWithToken(t, more) {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  return { house, script, old: await script.makeToken('Nightly', more) };
}

test('a token is rolled, both tell of each other, and the end is moved and called off', async (t) => {
  const { house, script, old } = await houseWithToken(t, {
    permissions: ['Device reports:View', 'Software reports:View'], approvedAddresses: ['127.0.0.0/8'], expiresOn: day(20),
  });
  const signer = { id: old.token.id, alg: 'HS256', key: createSecretKey(old.secretKey, 'utf8') };
  await until(() => house.ask(signer, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  const page = await openConsole(t, browser, house, { expect: [401, 404] });
  await page.goto(`/console/tokens/${old.token.id}`);
  await heading(page, 'Nightly').waitFor();
  await page.getByRole('link', { name: 'Roll', exact: true }).click();
  await heading(page, 'Roll API token').waitFor();
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Nightly');
  assert.equal(await page.getByLabel('Expiration date').inputValue(), day(20));
  await page.getByText('2 of 2 permissions', { exact: true }).first().waitFor();
  await assertAccessible(page, 'roll');

  await page.getByLabel('Title').fill('Nightly, new key');
  await page.getByLabel('Days in which both work').fill('14');
  await page.getByRole('checkbox', { name: 'Software reports: View' }).uncheck();
  await page.getByRole('radio', { name: /^Generate token/ }).check();
  await button(page, 'Roll token').click();
  const details = dialog(page, 'Token Key Details');
  await details.getByText('The secret key is shown once').waitFor();
  await assertAccessible(page, 'rolled');
  await details.getByRole('button', { name: 'Copy secret key' }).click();
  await details.getByRole('button', { name: 'Close', exact: true }).last().click();
  await heading(page, 'Nightly, new key').waitFor();
  const { replacedBy } = await script.get(`/tokens/${old.token.id}`);
  assert.deepEqual((await script.get(`/tokens/${replacedBy.id}`)).permissions, ['Device reports:View']);
  assert.equal(Date.parse(replacedBy.endsAt) - Date.parse(replacedBy.rolledAt), 14 * 86_400_000);

  await page.getByRole('link', { name: 'Nightly', exact: true }).click();
  await heading(page, 'Nightly').waitFor();
  await banner(page).getByText('Being replaced by').waitFor();
  await banner(page).getByText(/in (13|14) days|in 2 weeks/).first().waitFor();
  await banner(page).getByRole('link', { name: 'Nightly, new key' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Roll', exact: true }).count(), 0);
  await assertAccessible(page, 'being replaced');

  await button(page, 'Move the end').click();
  await dialog(page, 'Move the end').getByRole('button', { name: '30 days' }).click();
  await assertAccessible(page, 'moving the end');
  await dialog(page, 'Move the end').getByRole('button', { name: 'Move the end' }).click();
  await page.getByText('The end of the overlap is moved.').waitFor();
  // the expiry date comes before the overlap's end
  assert.equal((await script.get(`/tokens/${old.token.id}`)).expiresAt, old.token.expiresAt);

  await page.goto('/console/tokens');
  await page.getByText('Replaced by “Nightly, new key”').waitFor();
  await page.goto(`/console/tokens/${old.token.id}`);
  await button(page, 'Call off').click();
  await dialog(page, 'Call the roll off').getByRole('button', { name: 'Call it off' }).click();
  await page.getByText('The roll is called off.').waitFor();
  await until(() => banner(page).count(), (count) => count === 0);
  await page.getByRole('link', { name: 'Roll', exact: true }).waitFor();
  assert.deepEqual((await script.get('/tokens')).data.map((token) => token.title), ['Nightly']);
});

test('an overlap is ended now, and the dead token says by whom it was replaced', async (t) => {
  const { house, script, old } = await houseWithToken(t);
  await script.ask('POST', `/tokens/${old.token.id}/roll`, { key: { kind: 'generate' }, title: 'The next' }, { 'if-match': '"1"' });
  const page = await openConsole(t, browser, house);
  await page.goto(`/console/tokens/${old.token.id}`);
  await button(page, 'End now').click();
  await dialog(page, 'End the old token now').getByText('The old key has never been used.').waitFor();
  await assertAccessible(page, 'ending now');
  await dialog(page, 'End the old token now').getByRole('button', { name: 'End it now' }).click();
  await banner(page).getByText('Replaced by').waitFor();
  await page.getByText('Expired', { exact: true }).waitFor();
  assert.equal(await button(page, 'Move the end').count(), 0);
  await page.goto('/console/tokens');
  await page.getByText('Replaced by “The next”').waitFor();
});

test('a link fills the roll page in, and what is not offered is left out', async (t) => {
  const { house, old } = await houseWithToken(t, { permissions: ['Device reports:View', 'Software reports:View'] });
  const page = await openConsole(t, browser, house, { expect: [401, 409] });
  const query = new URLSearchParams([['title', 'Less'], ['permission', 'Software reports:View'], ['permission', 'Geolocation:View'], ['address', '192.0.2.0/24']]);
  await page.goto(`/console/tokens/${old.token.id}/roll?${query}`);
  await page.getByText('1 of 2 permissions', { exact: true }).first().waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Less');
  await page.getByText('192.0.2.0/24').first().waitFor();
  await page.goto(`/console/tokens/new?${query}&expires=${day(10)}`);
  await page.getByLabel('Title').waitFor();
  assert.deepEqual([await page.getByLabel('Title').inputValue(), await page.getByLabel('Expiration date').inputValue()], ['Less', day(10)]);
});
