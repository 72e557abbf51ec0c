// SPDX-License-Identifier: Apache-2.0
//
// Importing devices: a file is chosen or dropped, goes up in parts with progress, and what
// cannot be taken is reported line by line before anything is changed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Script, addUser, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button, heading } from './support/parts.mjs';
import { devices } from './support/town.mjs';

const HACK = '"><img src=x onerror="window.hacked=1">';

let browser;
before(async (t) => { browser = await openBrowser(t); });

async function openImport(t) {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const page = await openConsole(t, browser, house, { expect: [401, 409, 422], path: '/devices' });
  await page.getByText('No devices yet.', { exact: false }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Import devices' }).first().click();
  await heading(page, 'Import devices').waitFor();
  const choose = (name, text, mimeType = 'text/csv') =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer: Buffer.from(text) });
  return { house, script, page, choose };
}

test('a file of several parts is sent and goes in; the same file again brings up to date', async (t) => {
  const { script, page, choose } = await openImport(t);
  const parts = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') parts.push(Number(new URL(request.url()).searchParams.get('offset')));
  });
  const text = JSON.stringify(devices(900));
  assert.ok(text.length > 3 * 512 * 1024);
  await choose('inventory.json', text, 'application/json');
  await page.getByText('The devices are imported').waitFor();
  assert.match(await page.getByRole('status').filter({ hasText: 'imported' }).innerText(), /900 devices added, 0 brought up to date/);
  assert.deepEqual(parts, Array.from({ length: Math.ceil(Buffer.byteLength(text) / (512 * 1024)) }, (_, part) => part * 512 * 1024));
  await assertAccessible(page, 'imported');
  await button(page, 'Import another file').click();
  await choose('again.json', JSON.stringify(devices(3)), 'application/json');
  await page.getByText(/0 devices added, [03] brought up to date/).waitFor();
  await page.getByRole('link', { name: 'Go to the devices' }).click();
  await heading(page, 'Devices').waitFor();
  await page.getByRole('link', { name: /graz-003/ }).waitFor();
  assert.equal((await script.get('/devices')).total, 900);
});

test('bad rows are reported by line, nothing is changed, and the good ones go in without them', async (t) => {
  const { house, script, page, choose } = await openImport(t);
  await choose('devices.csv', `esn,deviceName\nAAAA1111,counter-1\n,nameless\nBBBB2222,counter-2\n,${HACK.replaceAll('"', "'")}\n`);
  await page.getByText('Not imported').waitFor();
  await page.getByRole('heading', { name: '2 rows that cannot be taken' }).waitFor();
  const report = page.getByRole('region', { name: 'Rows that cannot be taken' });
  assert.deepEqual(await report.getByRole('row').locator('td:first-child').allInnerTexts(), ['3', '5']);
  assert.equal((await script.get('/devices')).total, 0);
  await assertAccessible(page, 'bad rows');
  const waiting = page.waitForEvent('download');
  await button(page, 'Download this report').click();
  const path = join(house.folder, 'bad-rows.csv');
  await (await waiting).saveAs(path);
  assert.match(readFileSync(path, 'utf8'), /^line,what\r\n3,".+"\r\n5,".+"\r\n$/);
  await button(page, 'Leave out 2 bad rows and import the rest').click();
  await page.getByText('The devices are imported').waitFor();
  await page.getByText('2 rows left out.', { exact: false }).waitFor();
  assert.equal((await script.get('/devices')).total, 2);
});

test('a file is dropped; what is no inventory is refused in words', async (t) => {
  const { page } = await openImport(t);
  const transfer = await page.evaluateHandle((name) => {
    const data = new DataTransfer();
    data.items.add(new File(['colour,weight\nred,3\n'], name, { type: 'text/csv' }));
    return data;
  }, `${HACK}.csv`);
  const place = page.getByText('Drop a file here');
  await place.dispatchEvent('dragover', { dataTransfer: transfer });
  await page.getByText('Let go to take this file').dispatchEvent('drop', { dataTransfer: transfer });
  await page.getByText('Not imported').waitFor();
  await page.getByText(/colour/).first().waitFor();
  await page.getByText('Nothing was changed.', { exact: false }).waitFor();
  await button(page, 'Choose another file').click();
  await page.getByText('Drop a file here').waitFor();
});

test('who is limited to device groups, or lacks the permission, is offered no import', async (t) => {
  const house = await openHouse(t);
  house.ok('group', 'add', 'Lyon');
  addUser(house, 'ben@example.com', { name: 'Ben' });
  addUser(house, 'gus@example.com', { name: 'Gus', role: 'Guest User' });
  house.ok('group', 'assign', 'Lyon', '--user', 'ben@example.com');
  for (const email of ['ben@example.com', 'gus@example.com']) {
    const page = await openConsole(t, browser, house, { email, path: '/devices', expect: [401, 403] });
    await heading(page, 'Devices').waitFor();
    await page.getByText('No devices here.', { exact: false }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Import devices' }).count(), 0, email);
  }
});
