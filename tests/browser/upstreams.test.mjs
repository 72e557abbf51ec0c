// SPDX-License-Identifier: Apache-2.0
//
// Upstreams, as an API owner walks them: a description is dropped, permissions are drafted,
// what it means is read before it is taken; later it is changed, suspended, deleted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { PASSWORD, Script, addUser, assertAccessible, assertNoSideways, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { ORDERS } from './support/orders.mjs';
import { button } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const NOWHERE = 'http://127.0.0.1:9';
const PLAIN = ORDERS.replace(/, x-tokenhouse: \{.*\}\}/g, '}');
const field = (page, name) => page.getByRole('textbox', { name, exact: true });
const region = (page, name) => page.getByRole('region', { name, exact: true });
const file = (text, name = 'orders.yaml') => ({ name, mimeType: 'application/yaml', buffer: Buffer.from(text) });
const choose = (page, text, name) => page.getByLabel('OpenAPI description').setInputFiles(file(text, name));
const heading = (page, name) => page.getByRole('heading', { name, exact: true });

async function open(t, path, more = {}) {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const page = await openConsole(t, browser, house, { path, expect: [401, 404, 409, 412, 422], ...more });
  return { house, script, page };
}

async function addOrders(script, more = {}) {
  return (await script.post('/upstreams', { name: 'Orders', urls: [NOWHERE], prefix: '/orders', openapi: ORDERS, ...more })).upstream;
}

async function check(page) {
  await page.getByRole('button', { name: /^Check( again)?$/ }).click();
  await button(page, 'Check again').waitFor();
}

test('an API gets behind the door: described, drafted, checked and added', async (t) => {
  const { house, script, page } = await open(t, '/upstreams');
  await page.getByText('No API stands behind the door yet.', { exact: false }).waitFor();
  await assertAccessible(page, 'no upstreams');
  await page.keyboard.press('c');
  await heading(page, 'Add upstream').waitFor();
  await button(page, 'Check').click();
  for (const words of ['Choose the API’s OpenAPI description.', 'Enter a name by which people know the API.', 'Enter where the API is']) {
    await page.getByText(words, { exact: false }).waitFor();
  }
  await field(page, 'Addresses').fill('orders.internal');
  await field(page, 'Prefix').fill('orders');
  await field(page, 'Name').fill('Orders');
  await page.getByText('“orders.internal” is no address', { exact: false }).waitFor();
  await page.getByText('A prefix begins with a slash, like /orders.').waitFor();
  await assertAccessible(page, 'new upstream with faults');
  await field(page, 'Addresses').fill(NOWHERE);
  await field(page, 'Prefix').fill('/orders');

  // what cannot be read is told by its place, beside the field
  await choose(page, 'openapi: 3.1.0\npaths: {/a: {get: {x-tokenhouse: {permission: []}}}}\n');
  await button(page, 'Check').click();
  await page.getByText('/paths/~1a/get: x-tokenhouse has an unknown member', { exact: false }).waitFor();

  // a draft brings no more permissions than there is room for, and says what it did for that
  await choose(page, JSON.stringify({ openapi: '3.1.0', paths: Object.fromEntries(
    Array.from({ length: 800 }, (_, i) => [`/a${i}`, { get: { tags: [`part${i % 9}.n${i}`] } }])) }));
  await button(page, 'Draft one from tags and methods').click();
  await page.getByText('would bring 800 permissions, and there is room for 768. So features are the tags up to', { exact: false }).waitFor();
  await page.getByText(': 9 permissions.', { exact: false }).first().waitFor();
  await assertAccessible(page, 'a coarse draft');
  await field(page, 'Overlay').fill('');

  // without permissions nobody may call anything; a draft is read, corrected and kept as a file
  await choose(page, PLAIN);
  await check(page);
  const outcome = region(page, 'What it means');
  assert.equal(await outcome.getByRole('listitem').filter({ hasText: 'Refused: nothing says what it needs' }).count(), 6);
  await button(page, 'Draft one from tags and methods').click();
  await page.getByText('6 operations got a permission', { exact: false }).waitFor();
  await page.getByText('1 looks dangerous and is marked LOOK', { exact: false }).waitFor();
  await page.getByText('This is of what you had typed before. Check again.').waitFor();
  assert.equal(await button(page, 'Add upstream').count(), 0, 'what was not checked cannot be taken');
  const overlay = field(page, 'Overlay');
  const corrected = (await overlay.inputValue()).replace(/(delete"\n(?: *#.*\n)* *update:\n *x-tokenhouse: \{permissions: \[")Orders:Manage/, '$1Orders:Delete');
  assert.match(corrected, /Orders:Delete/);
  await overlay.fill(corrected);
  const waiting = page.waitForEvent('download');
  await button(page, 'Download').click();
  const saved = await waiting;
  assert.equal(saved.suggestedFilename(), 'orders.overlay.yaml');
  assert.equal(readFileSync(await saved.path(), 'utf8'), corrected);

  await check(page);
  await page.waitForFunction(() => document.activeElement?.textContent === 'What it means');
  await region(page, '3 new permissions').getByText('Orders: View, Manage, Delete').waitFor();
  const rows = outcome.getByRole('list', { name: 'Operations' }).getByRole('listitem');
  assert.equal(await rows.count(), 6);
  await outcome.getByRole('searchbox').fill('delete');
  await rows.filter({ hasText: 'Orders:Delete' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('ul[aria-label=Operations] > li').length === 1);
  await page.getByRole('complementary', { name: 'This upstream' }).getByText('6 operations, none refused').waitFor();
  await assertAccessible(page, 'new upstream, checked');
  await button(page, 'Add upstream').click();
  await heading(page, 'Orders').waitFor();
  await page.getByRole('tab', { name: 'Operations (6)' }).waitFor();
  await page.getByText('Not asked yet', { exact: true }).waitFor();
  await assertAccessible(page, 'upstream');
  const [row] = (await script.get('/upstreams')).data;
  assert.deepEqual([row.name, row.prefix, row.urls], ['Orders', '/orders', [`${NOWHERE}/v2`]]);
  assert.equal((await script.get(`/upstreams/${row.id}/texts`)).overlay, corrected);

  // the new permissions are offered at once
  await until(() => script.get('/tokens/new'), (offer) => offer.permissions.some((one) => one.feature === 'Orders' && one.view.operations.length > 0));
  await page.goto('/console/tokens/new');
  await page.getByRole('row').filter({ hasText: 'Orders' }).getByText('Delete').waitFor();
  assert.match(house.ok('upstream', 'list'), /Orders/);
});

test('paths that are taken are told as clashes, and such a description is not taken', async (t) => {
  const { script, page } = await open(t, '/upstreams');
  await addOrders(script);
  await page.goto('/console/upstreams/new');
  await choose(page, ORDERS);
  await field(page, 'Name').fill('Second');
  await field(page, 'Addresses').fill(NOWHERE);
  await field(page, 'Prefix').fill('/orders');
  await check(page);
  await page.getByText('6 operations clash with what is there').waitFor();
  await page.getByText('(of Orders)', { exact: false }).first().waitFor();
  assert.equal(await button(page, 'Add upstream').count(), 0);
  await assertAccessible(page, 'clashes');
  await field(page, 'Prefix').fill('/second');
  await page.getByRole('button', { name: 'TLS, timeouts and health check' }).click();
  await field(page, 'Path of its health check').fill('/healthz');
  await field(page, 'Asked every').fill('60');
  await check(page);
  await button(page, 'Add upstream').click();
  await heading(page, 'Second').waitFor();
  await page.getByText('/healthz every 60 seconds').waitFor();
  const { data } = await script.get('/upstreams');
  assert.deepEqual(data.map((one) => [one.name, one.healthPath, one.healthStatus, one.healthIntervalS]),
    [['Orders', '', 200, 5], ['Second', '/healthz', 200, 60]]);
});

test('a change is shown as a difference before it is taken, and what others did meanwhile', async (t) => {
  const { house, script, page } = await open(t, '/upstreams');
  const { id } = await addOrders(script);
  const reader = house.hs256('Order export', '--permission', 'Orders:View');
  await page.goto(`/console/upstreams/${id}`);
  await button(page, 'Change').click();
  await page.getByText('The description that is there').waitFor();
  await button(page, 'Check').click();
  await page.getByText('Nothing is different from what is there.').waitFor();
  assert.equal(await button(page, 'Take this change').count(), 0);
  await choose(page, ORDERS.replace("['Orders:View']", "['Orders:Audit']"), 'next.yaml');
  await check(page);
  const losing = region(page, '1 token loses something');
  await losing.getByRole('link', { name: 'Order export' }).waitFor();
  await losing.getByText('GET /orders/orders').waitFor();
  const changed = region(page, '1 operation comes, goes or needs something else').getByRole('listitem');
  assert.match(await changed.innerText(), /Changes\s+GET\s+\/orders\/orders\s+Orders:View\s+Orders:Audit/);
  await page.getByRole('complementary').getByText('1 token would lose something').waitFor();
  await assertAccessible(page, 'upstream, changed');

  // somebody else is faster: nothing is taken that was not seen
  const etag = (await script.ask('GET', `/upstreams/${id}`)).etag;
  await script.ask('PATCH', `/upstreams/${id}`, { name: 'Orders, Lyon' }, { 'if-match': etag });
  await button(page, 'Take this change').click();
  await page.getByText('Somebody has changed this upstream meanwhile').waitFor();
  await page.getByText('“Orders, Lyon”', { exact: false }).waitFor();
  await check(page);
  await button(page, 'Take this change').click();
  await page.getByRole('tab', { name: 'Operations (6)' }).waitFor();
  assert.equal((await script.get(`/upstreams/${id}`)).operations[0].needs, 'Orders:Audit');
  assert.equal((await script.get(`/tokens/${reader.id}`)).permissions.includes('Orders:View'), true);
});

test('how it does is shown, and it is suspended, resumed and deleted', async (t) => {
  const { house, script, page } = await open(t, '/upstreams', { width: 360 });
  const { id } = await addOrders(script);
  const reader = house.hs256('reads', '--permission', 'Orders:View');
  await until(async () => {
    await house.ask(reader, 'GET', '/orders/orders');
    return script.get(`/upstreams/${id}/health`);
  }, (now) => now.state === 'down', 60_000);
  await page.goto('/console/upstreams');
  await page.getByText('Down', { exact: true }).waitFor();
  await assertNoSideways(page, 'upstreams');
  await page.getByRole('link', { name: 'Orders' }).click();
  await page.getByRole('tab', { name: 'Health' }).click();
  await page.getByText(/failures? in a row/).waitFor();
  await assertNoSideways(page, 'health');
  await assertAccessible(page, 'health');
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByText('created').first().waitFor();

  await until(() => script.get(`/upstreams/${id}/use`), (use) => use.tokenCount === 1, 60_000);
  await page.goto('/console/tokens');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('orde');
  await page.getByRole('option', { name: 'Orders Upstream · /orders' }).click();
  await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor();
  await button(page, 'Suspend').click();
  const suspension = page.getByRole('dialog', { name: 'Suspend upstream' });
  await suspension.getByText('1 token used what it asks for in the last 30 days, and will hear 404:').waitFor();
  await suspension.getByRole('list', { name: 'Tokens that used it' }).getByRole('link', { name: 'reads' }).waitFor();
  await assertAccessible(page, 'suspending an upstream');
  await assertNoSideways(page, 'suspending an upstream');
  await button(suspension, 'Cancel').click();
  await button(page, 'Suspend').click();
  await button(suspension, 'Suspend upstream').click();
  await button(page, 'Resume').waitFor();
  await page.getByText('Suspended', { exact: true }).waitFor();
  await page.getByRole('note', { name: 'Suspension' }).getByText('whoever calls it hears 404', { exact: false }).waitFor();
  await button(page, 'Resume').click();
  await button(page, 'Suspend').waitFor();
  assert.equal((await script.get(`/upstreams/${id}`)).upstream.isSuspended, false);
  await button(page, 'Delete').click();
  const box = page.getByRole('dialog', { name: 'Delete upstream' });
  await box.getByText('whoever calls them hears 404', { exact: false }).waitFor();
  await box.getByRole('link', { name: 'reads' }).waitFor();
  assert.ok(await button(box, 'Delete upstream').isDisabled());
  await box.getByLabel('Type the name to confirm').fill('Orders');
  await button(box, 'Delete upstream').click();
  await page.getByText('No API stands behind the door yet.', { exact: false }).waitFor();
  assert.equal((await script.get('/upstreams')).total, 0);
});

test('a description of thirteen megabytes and a thousand operations goes through the page', async (t) => {
  const { house, script, page } = await open(t, '/upstreams/new');
  const paths = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`/things${i}/{id}`, {
    get: { summary: `Reads thing ${i}`, description: 'x'.repeat(13_000), tags: [`Things ${i % 30}`] } }]));
  const text = JSON.stringify({ openapi: '3.0.3', info: { title: 'Everything', version: '1' }, paths });
  assert.ok(text.length > 13_000_000);
  await page.getByLabel('OpenAPI description').setInputFiles(house.file('everything.json', text));
  await page.getByText('12.5 MiB', { exact: false }).waitFor();
  await field(page, 'Name').fill('Everything');
  await field(page, 'Addresses').fill(NOWHERE);
  await field(page, 'Prefix').fill('/all');
  await button(page, 'Draft one from tags and methods').click();
  await page.getByText('1,000 operations got a permission', { exact: false }).waitFor({ timeout: 60_000 });
  await button(page, 'Check').click();
  await heading(page, 'Every operation, and what it needs').waitFor({ timeout: 60_000 });
  await page.getByText('The first 100 of 1,000 operations').waitFor();
  await page.getByRole('searchbox').fill('things999');
  await page.getByText('/all/things999/{id}').waitFor();
  await button(page, 'Add upstream').click();
  await heading(page, 'Everything').waitFor({ timeout: 60_000 });
  assert.equal((await script.get('/upstreams')).data[0].name, 'Everything');
});

test('who may only look changes nothing, and for others there is no such page', async (t) => {
  const { house, script } = await open(t, '/upstreams');
  const { id } = await addOrders(script);
  house.ok('role', 'add', 'Looker', '--permission', 'Upstreams:View');
  house.ok('role', 'add', 'Stranger', '--permission', 'Device reports:View');
  addUser(house, 'lou@example.com', { role: 'Looker' });
  addUser(house, 'grace@example.com', { role: 'Stranger' });
  const looker = await openConsole(t, browser, house, { email: 'lou@example.com', password: PASSWORD, expect: [401, 403] });
  await looker.getByRole('link', { name: 'Upstreams' }).click();
  await looker.getByRole('link', { name: 'Orders' }).click();
  await looker.getByRole('tab', { name: 'Operations (6)' }).waitFor();
  for (const name of ['Change', 'Suspend', 'Delete']) assert.equal(await button(looker, name).count(), 0);
  await looker.goto('/console/upstreams/new');
  await looker.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await looker.getByLabel('OpenAPI description').count(), 0);
  const guest = await openConsole(t, browser, house, { email: 'grace@example.com', password: PASSWORD, expect: [401, 403] });
  assert.equal(await guest.getByRole('link', { name: 'Upstreams' }).count(), 0);
  await guest.goto(`/console/upstreams/${id}`);
  await guest.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await guest.getByText('Orders').count(), 0);
});
