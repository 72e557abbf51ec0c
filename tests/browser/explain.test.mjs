// SPDX-License-Identifier: Apache-2.0
//
// Explain at the console: a refusal is opened from its token, a request is described by
// hand, and picked or pasted calls become a link to a new token.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { Script, addUser, assertAccessible, assertNoSideways, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const field = (page, name) => page.getByRole('textbox', { name });
const heading = (page, level, name) => page.getByRole('heading', { level, name });
const signer = (made) => ({ id: made.token.id, alg: 'HS256', key: createSecretKey(made.secretKey, 'utf8') });
const DEVICES = '/v3/reporting/devices';

async function poorToken(house, script) {
  const made = await script.makeToken('Poor', { key: { kind: 'generate' }, permissions: ['Device reports:View'] });
  await until(() => house.ask(signer(made), 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  return made;
}

test('a refusal opens with everything filled in, and says what is missing and who has it', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const made = await poorToken(house, script);
  const refusal = await house.ask(signer(made), 'GET', DEVICES, { query: 'select=geoData&note=hunter2' });
  assert.equal(refusal.status, 403);
  const page = await openConsole(t, browser, house, { path: `/tokens/${made.token.id}?tab=refusals` });
  await page.getByRole('link', { name: /^Explain the refusal/ }).click();
  await heading(page, 2, 'It would be refused: permission missing (403)').waitFor();
  await page.getByText('Refused then: permission missing (403)').waitFor();
  assert.equal(await field(page, 'Path and query').inputValue(), `${DEVICES}?select=geoData&note=***`);
  assert.equal(await page.getByLabel('From address').inputValue(), '127.0.0.1');
  const needs = page.getByRole('list', { name: 'Permissions that it needs' });
  await needs.getByText('Geolocation:View for the field geoData').waitFor();
  await needs.getByText(/Missing: the user’s role has it; so do Administrator/).first().waitFor();
  assert.ok(!(await page.content()).includes('hunter2'));
  await assertAccessible(page, 'explain');

  await page.getByRole('link', { name: 'New token with what it needs' }).click();
  await heading(page, 1, 'New API token').waitFor();
  const summary = page.getByRole('complementary', { name: 'This token' });
  await summary.getByText('Geolocation: View', { exact: true }).waitFor();
  await summary.getByText('Device reports: View', { exact: true }).waitFor();
  assert.equal(await summary.getByText('Device Fields: View', { exact: true }).count(), 1);
  assert.equal(await summary.getByText(/^3 of /).count(), 1);
});

test('a request is described by hand; what stands in the address bar can be sent to others', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const made = await poorToken(house, script);
  const page = await openConsole(t, browser, house, { path: '/explain', expect: [401, 422] });
  await button(page, 'Explain').click();
  await page.getByText('Choose a token, or paste its ID.').waitFor();
  await field(page, 'Token').fill('poor');
  await page.getByRole('option', { name: /Poor/ }).click();
  assert.equal(await field(page, 'Token').inputValue(), made.token.id);
  await field(page, 'Path and query').fill('licenses');
  await page.getByRole('option', { name: 'GET /v3/reporting/licenses' }).click();
  assert.equal(await field(page, 'Path and query').inputValue(), '/v3/reporting/licenses');
  await button(page, 'Explain').click();
  await heading(page, 2, 'It would be refused: permission missing (403)').waitFor();
  await page.waitForURL(/token=.*path=/);
  const { href } = new URL(page.url());
  await page.goto('/console/tokens');
  await page.goto(href);
  await heading(page, 2, 'It would be refused: permission missing (403)').waitFor();

  await field(page, 'Path and query').fill('/v3/whoami');
  await button(page, 'Explain').click();
  await heading(page, 2, 'It would be let in').waitFor();
  await page.getByText('The operation needs no permission.').waitFor();
  await page.getByLabel('From address').fill('at home');
  await button(page, 'Explain').click();
  await page.getByText('‘at home’ is not an IP address.').or(page.getByText("'at home' is not an IP address.")).waitFor();
  await page.getByLabel('From address').fill('');
  await field(page, 'Token').fill('nobody');
  await button(page, 'Explain').click();
  await heading(page, 2, 'It would be refused: no such token (401)').waitFor();
  await page.setViewportSize({ width: 360, height: 800 });
  await page.reload();
  await heading(page, 2, 'It would be refused: no such token (401)').waitFor();
  await assertNoSideways(page, 'explain');
});

test('calls that are picked or pasted become the least permissions, and a link to a new token', async (t) => {
  const house = await openHouse(t);
  const page = await openConsole(t, browser, house, { path: '/explain?tab=permissions-for-calls' });
  const result = page.getByRole('region', { name: 'What these calls need' });
  await page.getByRole('textbox', { name: 'Add an operation' }).fill('reporting/dev');
  await page.getByRole('option', { name: `GET ${DEVICES}` }).click();
  await heading(result, 2, '2 permissions').waitFor();
  await page.getByLabel('asks for the field geoData', { exact: true }).check();
  await heading(result, 2, '3 permissions').waitFor();
  await page.getByRole('textbox', { name: 'Access log' }).fill(
    '203.0.113.9 - - [27/Nov/2026:01:00:00 +0000] "GET /v3/reporting/siem-events?x HTTP/1.1" 200 1\nrubbish\nGET /v3/none');
  await heading(result, 2, '4 permissions').waitFor();
  await result.getByText('A licence: Control or Resilience').waitFor();
  await result.getByText('2 lines not counted').waitFor();
  await result.getByText('Line 2: this line names no request').waitFor();
  await assertAccessible(page, 'permissions for calls');
  await result.getByRole('link', { name: 'New token with these' }).click();
  await heading(page, 1, 'New API token').waitFor();
  await page.getByRole('complementary', { name: 'This token' }).getByText(/^4 of /).waitFor();
});

test('whose role lacks what calls need is told so', async (t) => {
  const house = await openHouse(t);
  house.ok('role', 'add', 'Token makers', '--permission', 'API Credentials:Manage', '--permission', 'Device reports:View');
  addUser(house, 'eve@example.com', { role: 'Token makers' });
  const page = await openConsole(t, browser, house, { email: 'eve@example.com', path: '/explain?tab=permissions-for-calls' });
  await page.getByRole('textbox', { name: 'Access log' }).fill(`GET ${DEVICES}`);
  await page.getByText('Your user role lacks').waitFor();
  await page.getByRole('link', { name: 'New token with these' }).click();
  await page.getByText(/Your user role lacks Device Fields:View: without that/).waitFor();
});
