// SPDX-License-Identifier: Apache-2.0
//
// Event History as somebody reads it: what was and what is, filters that Back undoes, new
// events as they come, and files that hold what the filters show.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ADMIN, Script, addUser, assertAccessible, openBrowser, openConsole, openHouse, settle } from './support/browser.mjs';
import { button } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const rows = (page) => page.getByRole('table').locator('tbody tr');
const history = (page) => page.getByRole('heading', { level: 1, name: 'Event History' });

/** A house where a device group has been made, described and renamed. */
async function openHistory(t, more) {
  const house = await openHouse(t);
  house.ok('group', 'add', 'Lyon');
  house.ok('group', 'change', 'Lyon', '--description', 'At the Rhône');
  const script = await new Script(house).login();
  await script.makeToken('Nightly export');
  const page = await openConsole(t, browser, house, { ...more, path: '/events' });
  await history(page).waitFor();
  await rows(page).first().waitFor();
  await settle(page); // the newest event, that of logging in, may come a moment later
  return { house, script, page };
}

test('an event tells what was and what is', async (t) => {
  const { page } = await openHistory(t);
  const row = rows(page).filter({ hasText: 'At the Rhône' });
  assert.match(await row.innerText(), /Device group updated\s+edited/);
  await row.getByRole('link').first().click();
  const drawer = page.getByRole('dialog', { name: 'Device group updated' });
  await drawer.waitFor();
  const change = drawer.getByRole('row', { name: /^Description/ });
  assert.deepEqual(await change.getByRole('cell').allInnerTexts(), ['–', 'At the Rhône']);
  assert.match(await drawer.innerText(), /\d\d:\d\d:\d\d UTC/);
  await assertAccessible(page, 'an event');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
});

test('times are the reader\'s own, with UTC on hover', async (t) => {
  const { page } = await openHistory(t, { timezone: 'America/St_Johns' });
  const time = rows(page).first().locator('time');
  const at = new Date(await time.getAttribute('datetime'));
  const words = (timeZone) => new Intl.DateTimeFormat('en-GB', {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone,
  }).format(at);
  assert.equal(await time.innerText(), words('America/St_Johns'));
  assert.equal(await time.getAttribute('title'), `${words('UTC')} UTC`);
});

test('filters by kind, actor, thing and time, and a search; Back undoes them', async (t) => {
  const { page } = await openHistory(t);
  const all = await rows(page).count();
  await page.getByRole('textbox', { name: 'Kinds of event' }).click();
  await page.getByRole('option', { name: 'API token updated' }).click();
  await page.waitForURL(/kind=API/);
  await page.keyboard.press('Escape');
  await page.getByText('1 event', { exact: true }).waitFor();
  assert.match(await rows(page).innerText(), /Nightly export/);
  await page.goBack();
  await page.getByText(`${all} events`, { exact: true }).waitFor();

  await page.getByRole('searchbox', { name: 'By whom' }).fill('group change');
  await page.getByText('1 event', { exact: true }).waitFor();
  assert.match(await rows(page).innerText(), /edited/);
  await button(page, 'Clear the search').click();
  await page.getByText(`${all} events`, { exact: true }).waitFor();

  await page.getByRole('searchbox', { name: 'Search names and details' }).fill('Rhône');
  await page.getByText('1 event', { exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Search names and details' }).fill('');
  await page.getByText(`${all} events`, { exact: true }).waitFor();

  await rows(page).filter({ hasText: 'Nightly export' }).getByRole('link').first().click();
  await button(page, 'Only this API token').click();
  await page.getByText('Only Nightly export').waitFor();
  await page.getByText('1 event', { exact: true }).waitFor();
  await button(page, 'Show events of all things, not of Nightly export alone').click();
  await page.getByText(`${all} events`, { exact: true }).waitFor();
});

test('a time range that ends before it begins is refused beside its field', async (t) => {
  const { page } = await openHistory(t);
  const all = await rows(page).count();
  await button(page, 'Time range: Any time').click();
  const range = page.getByRole('dialog', { name: 'Time range' });
  await range.getByLabel('From').fill('2026-11-02T10:00');
  await range.getByLabel('To').fill('2026-11-02T09:00');
  await button(range, 'Show').click();
  await range.getByText('The end must be after the beginning.').waitFor();
  await assertAccessible(page, 'a time range');
  await range.getByLabel('From').fill('2001-01-01T00:00');
  await range.getByLabel('To').fill('2001-01-02T00:00');
  await button(range, 'Show').click();
  await page.getByText('Nothing fits the search and the filters.').waitFor();
  await button(page, 'Show all').click();
  await page.getByText(`${all} events`, { exact: true }).waitFor();
  await button(page, 'Time range: Any time').click();
  await button(range, 'Last hour').click();
  await page.waitForURL(/from=/);
  await page.getByText(`${all} events`, { exact: true }).waitFor();
});

test('live: what happens appears, and only what fits the filters', async (t) => {
  const { house, page } = await openHistory(t);
  await page.getByRole('searchbox', { name: 'Search names and details' }).fill('Porto');
  await page.getByText('Nothing fits the search and the filters.').waitFor();
  await page.getByRole('switch', { name: 'Live' }).check();
  house.ok('group', 'add', 'Graz');
  house.ok('group', 'add', 'Porto');
  await rows(page).filter({ hasText: 'Porto' }).waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByText('1 new event since you opened this.').waitFor();
});

test('exports hold what the filters show', async (t) => {
  const { house, page } = await openHistory(t);
  await page.getByRole('searchbox', { name: 'By whom' }).fill('tokenhouse group');
  await page.getByText('2 events', { exact: true }).waitFor();
  const saved = async (words) => {
    await button(page, 'Export').click();
    const waiting = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: words }).click();
    const file = await waiting;
    const path = join(house.folder, file.suggestedFilename());
    await file.saveAs(path);
    return { name: file.suggestedFilename(), text: readFileSync(path, 'utf8') };
  };
  const csv = await saved('As CSV');
  assert.match(csv.name, /^events-\d{4}-\d\d-\d\d\.csv$/);
  assert.equal(csv.text.trim().split('\r\n').length, 3, csv.text);
  const lines = await saved('As JSON lines');
  assert.match(lines.name, /\.jsonl$/);
  assert.deepEqual(lines.text.trim().split('\n').map((line) => JSON.parse(line).action), ['edited', 'created']);
});

test('without Audit Event History:View one sees one\'s own doings only', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'gus@example.com', { name: 'Gus', role: 'Guest User' });
  house.ok('group', 'add', 'Lyon');
  const page = await openConsole(t, browser, house, { email: 'gus@example.com', path: '/events' });
  await page.getByText('What you did, and what happened to your own tokens.').waitFor();
  await rows(page).filter({ hasText: 'User logged in' }).first().waitFor();
  assert.equal(await rows(page).filter({ hasText: 'Lyon' }).count(), 0);
  assert.equal(await rows(page).filter({ hasText: ADMIN }).count(), 0);
});
