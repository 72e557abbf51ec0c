// SPDX-License-Identifier: Apache-2.0
//
// A permission of an upstream that was deleted: a new user role is not offered it, an old one
// that has it shows it as no longer used, and gives it up only when it is told to.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Script, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const ORDERS = `openapi: 3.1.0
info: {title: Orders, version: '2'}
servers: [{url: https://api.example.com}]
paths:
  /orders: {get: {x-tokenhouse: {permissions: ['Orders:View']}}}
`;

test('it is offered to no new role, and kept by an old one until somebody takes it away', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  house.ok('upstream', 'add', 'Orders', '--openapi', house.file('o.yaml', ORDERS), '--url', 'http://127.0.0.1:9', '--prefix', '/o');
  house.ok('role', 'add', 'Clerks', '--permission', 'Orders:View', '--permission', 'Device reports:View');
  house.ok('upstream', 'delete', 'Orders', '--yes');
  const [role] = (await script.get('/roles?q=Clerks')).data;
  const page = await openConsole(t, browser, house, { path: '/roles/new' });
  await page.getByRole('checkbox', { name: 'Device reports: View' }).waitFor();
  assert.equal(await page.getByRole('checkbox', { name: 'Orders: View' }).count(), 0);

  await page.goto(`/console/roles/${role.id}`);
  await page.getByText('No longer used: View').waitFor();
  await assertAccessible(page, 'a role with a permission that is no longer used');
  await page.goto(`/console/roles/${role.id}?edit`);
  await page.getByText('No longer used: View').waitFor();
  assert.ok(await page.getByRole('checkbox', { name: 'Orders: View' }).isChecked());
  await page.getByLabel('Name').fill('Old clerks');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Old clerks' }).waitFor();
  assert.deepEqual((await script.get(`/roles/${role.id}`)).permissions.sort(), ['Device reports:View', 'Orders:View'], 'it lost nothing by that');

  await page.goto(`/console/roles/${role.id}?edit`);
  await page.getByRole('checkbox', { name: 'Orders: View' }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'hidden' });
  assert.deepEqual((await script.get(`/roles/${role.id}`)).permissions, ['Device reports:View']);
  await page.getByRole('row', { name: /Device reports/ }).first().waitFor();
  assert.equal(await page.getByText('No longer used', { exact: false }).count(), 0);
});
