// SPDX-License-Identifier: Apache-2.0
//
// What a token never used, and the way to one with less: the suggestion, the set that is tried
// out beside the real one, what would have failed, and the roll to it.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { Script, assertAccessible, assertNoSideways, openBrowser, openConsole, openHouse, settle } from './support/browser.mjs';
import { button } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const DEVICES = '/v3/reporting/devices';
const link = (page, name) => page.getByRole('link', { name, exact: true });
const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const suggestion = (page) => page.getByRole('region', { name: 'Never used' });
const tried = (page) => page.getByRole('region', { name: 'Tried out' });
const PERMISSIONS = ['Device Fields:View', 'Device reports:View', 'Geolocation:View', 'Software reports:View'];

/** A token that has asked for devices, and what it used is written down. */
async function houseWithUsed(t) {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const { token, secretKey } = await script.makeToken('Nightly', { permissions: PERMISSIONS, approvedAddresses: ['127.0.0.1', '10.0.0.0/8'] });
  const signer = { id: token.id, alg: 'HS256', key: createSecretKey(secretKey, 'utf8') };
  const call = (query) => house.ask(signer, 'GET', DEVICES, { query });
  await until(() => call(''), (answer) => answer.status === 200);
  await until(() => script.get(`/tokens/${token.id}/suggestion`), (said) => said.used.permissions.length === 2, 40_000);
  return { house, script, token, call };
}

test('what was never used is named for 30, 60 and 90 days, and left out of the roll', async (t) => {
  const { house, token } = await houseWithUsed(t);
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}` });
  const panel = suggestion(page);
  await panel.getByText('2 permissions', { exact: true }).waitFor();
  await panel.getByText('Geolocation: View', { exact: true }).waitFor();
  await panel.getByText('Software reports: View', { exact: true }).waitFor();
  await panel.getByText('10.0.0.0/8', { exact: true }).waitFor();
  for (const used of ['Device reports: View', 'Device Fields: View', '127.0.0.1']) {
    assert.equal(await panel.getByText(used, { exact: true }).count(), 0, `${used} was used`);
  }
  await panel.getByText(/is known since .* only/).waitFor();
  await panel.getByText('30 days', { exact: true }).click();
  await panel.getByRole('heading', { name: 'Never used in 30 days' }).waitFor();
  await assertAccessible(page, 'suggestion');

  await panel.getByRole('link', { name: 'Roll to a successor without these' }).click();
  await heading(page, 'Roll API token').waitFor();
  await page.getByText('2 of 4 permissions', { exact: true }).first().waitFor();
  await page.getByText('127.0.0.1', { exact: true }).first().waitFor();
  assert.equal(await page.getByText('10.0.0.0/8', { exact: true }).count(), 0);
});

test('a token that was never used gets no advice', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const { token } = await script.makeToken('Forgotten');
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}` });
  await suggestion(page).getByText('It has not been used at all in 90 days: perhaps nobody needs it.').waitFor();
  assert.equal(await button(page, 'Try it out first').count(), 0);
  assert.equal(await tried(page).count(), 0);
});

test('a tightened set is tried out, what would have failed is shown, and it is rolled to', async (t) => {
  const { house, script, token, call } = await houseWithUsed(t);
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}` });
  await button(page, 'Try it out first').click();
  const dialog = page.getByRole('dialog', { name: 'Try a tightened set out' });
  await dialog.getByText(/no caller notices anything/).waitFor();
  assert.equal(await dialog.getByLabel('Days').inputValue(), '14');
  await assertAccessible(page, 'trying out');
  await dialog.getByLabel('Days').fill('');
  await dialog.getByText('Choose 1 to 90 days.').waitFor();
  await dialog.getByLabel('Days').fill('30');
  await dialog.getByRole('button', { name: 'Start' }).click();
  await page.getByText('The tightened set is being tried out.').waitFor();
  await tried(page).getByText('Running', { exact: true }).waitFor();
  await tried(page).getByText('The token has not been used since.', { exact: false }).waitFor();
  assert.equal(await button(page, 'Try it out first').count(), 0, 'one runs at a time');
  const { shadow } = await script.get(`/tokens/${token.id}/shadow`);
  assert.deepEqual(shadow.set.permissions, ['Device Fields:View', 'Device reports:View']);
  assert.deepEqual(shadow.set.approvedAddresses, ['127.0.0.1']);
  assert.equal(Date.parse(shadow.endsAt) - Date.parse(shadow.startedAt), 30 * 86_400_000);

  const found = (good, query) => until(async () => {
    assert.equal((await call(query)).status, 200);
    return (await script.get(`/tokens/${token.id}/shadow`)).shadow;
  }, good, 40_000);
  await found((now) => now.calls > 0, '');
  await page.reload();
  await tried(page).getByText(/^None of \d+ calls? would have failed\.$/).waitFor();
  assert.equal(await tried(page).getByRole('list', { name: 'Calls that would have failed' }).count(), 0);

  await found((now) => now.wouldHaveFailed > 0, 'select=geoData');
  await page.reload();
  await tried(page).getByText(/^[\d,]+ of [\d,]+ calls would have failed\.$/).waitFor();
  const rows = tried(page).getByRole('list', { name: 'Calls that would have failed' }).getByRole('listitem');
  assert.equal(await rows.count(), 1);
  await rows.first().getByText(`GET ${DEVICES}`).waitFor();
  await rows.first().getByText('lacks Geolocation:View').waitFor();
  await assertAccessible(page, 'tried out');
  await page.setViewportSize({ width: 360, height: 800 });
  await settle(page);
  await assertNoSideways(page, 'tried out');
  await page.setViewportSize({ width: 1280, height: 800 });

  await button(page, 'Stop').click();
  await tried(page).getByText('Stopped', { exact: true }).waitFor();
  assert.equal(await button(page, 'Stop').count(), 0);
  await button(page, 'Try it out first').waitFor();
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByText('shadow stopped').first().waitFor();
  await page.getByRole('tab', { name: 'Use' }).click();
  await link(page, 'Roll to this set').click();
  await heading(page, 'Roll API token').waitFor();
  await page.getByText('2 of 4 permissions', { exact: true }).first().waitFor();
  assert.equal(await page.getByText('10.0.0.0/8', { exact: true }).count(), 0);
});

test('of a suspended token it is shown, and not rolled to', async (t) => {
  const { house, script, token } = await houseWithUsed(t);
  await script.post(`/tokens/${token.id}/shadow`, { permissions: ['Device reports:View'] });
  await script.post(`/tokens/${token.id}/suspend`);
  const page = await openConsole(t, browser, house, { path: `/tokens/${token.id}` });
  await tried(page).getByText('Running', { exact: true }).waitFor();
  await tried(page).getByText('3 permissions', { exact: true }).waitFor();
  assert.equal(await link(page, 'Roll to this set').count(), 0, 'a suspended token is not rolled');
});
