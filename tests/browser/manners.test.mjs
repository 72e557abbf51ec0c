// SPDX-License-Identifier: Apache-2.0
//
// What holds on every page: nothing axe would object to, light and dark; nothing too wide
// at 360 px; the keyboard alone suffices; the first load is small.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  Script, assertAccessible, assertNoSideways, openBrowser, openConsole, openHouse, openWindow, settle,
} from './support/browser.mjs';
import { pagesOf } from './support/pages.mjs';

const MARKUP = '"><b class=typed><img src=x onerror=window.hacked=1><script>window.hacked=1</script>';
const SHORTLY = { timeout: 2000 };
const SCRIPT_MAX_BYTES = 300 * 1024;

let browser;
before(async (t) => { browser = await openBrowser(t); });

for (const scheme of ['light', 'dark']) {
  test(`every page is accessible, ${scheme}`, async (t) => {
    const house = await openHouse(t);
    const script = await new Script(house).login();
    const page = await openConsole(t, browser, house, { scheme });
    for (const { name, path } of await pagesOf(house, script)) {
      await page.goto(`/console${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await assertAccessible(page, `${name}, ${scheme}`);
    }
  });
}

test('markup in any text field of any page stays text', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const page = await openConsole(t, browser, house, { expect: [400, 401, 404, 409, 422] });
  page.on('dialog', (dialog) => dialog.accept()); // "Leave site?" with something unsaved
  let filled = 0;
  for (const { name, path } of await pagesOf(house, script)) {
    await page.goto(`/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await settle(page);
    for (const field of await page.locator('input[type=text], input[type=email], input:not([type]), textarea').all()) {
      // an Enter in one field may have taken the next one away
      const isThere = await field.isVisible() && await field.isEditable(SHORTLY).catch(() => false);
      if (!isThere || !await field.fill(MARKUP, SHORTLY).then(() => true, () => false)) continue;
      await page.keyboard.press('Enter');
      await field.blur(SHORTLY).catch(() => undefined);
      filled++;
    }
    await settle(page);
    assert.equal(await page.locator('img[src="x"], b.typed, script:not([src])').count(), 0, name);
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /^Search tokens/ }).fill(MARKUP);
  await page.getByRole('option', { name: /hacked/ }).first().waitFor(); // what was saved on the way
  assert.equal(await page.locator('img[src="x"], b.typed, script:not([src])').count(), 0, 'palette');
  assert.ok(filled >= 20, `only ${filled} fields were found`);
});

test('no page is wider than a window of 360 px', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  const page = await openConsole(t, browser, house, { width: 360, height: 740 });
  for (const { name, path } of await pagesOf(house, script)) {
    await page.goto(`/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await settle(page);
    await assertNoSideways(page, name);
  }
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('link', { name: 'API tokens' }).click();
  await page.getByRole('heading', { level: 1, name: 'API tokens' }).waitFor();
});

test('the keyboard alone: palette, create, rows, sheet', async (t) => {
  const house = await openHouse(t);
  const script = await new Script(house).login();
  for (const title of ['Alpha', 'Bravo']) await script.makeToken(title);
  const page = await openConsole(t, browser, house, { path: '/tokens?sort=title' });
  await page.getByRole('link', { name: /Alpha/ }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await assertAccessible(page, 'keyboard sheet');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /^Search tokens/ }).waitFor();
  await page.keyboard.type('brav');
  await page.getByRole('option', { name: /Bravo/ }).waitFor();
  await page.getByRole('combobox').fill('new');
  await page.getByRole('option', { name: /New API token/ }).waitFor();
  await assertAccessible(page, 'palette');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'New API token' }).waitFor();

  await page.goto('/console/tokens?sort=title');
  await page.getByRole('link', { name: /Alpha/ }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Bravo' }).waitFor();
  await page.goBack();
  await page.getByRole('table').waitFor();
  await page.keyboard.press('c');
  await page.getByRole('heading', { level: 1, name: 'New API token' }).waitFor();
  await page.getByLabel('Title').waitFor();
  await page.keyboard.type('c/?'); // keys are keys in fields
  assert.equal(await page.getByLabel('Title').inputValue(), 'c/?');
});

test('the theme that was chosen stays', async (t) => {
  const house = await openHouse(t);
  const page = await openConsole(t, browser, house);
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  assert.equal(await scheme(), 'light');
  await page.getByRole('button', { name: 'Dark theme' }).click();
  assert.equal(await scheme(), 'dark');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'API tokens' }).waitFor();
  assert.equal(await scheme(), 'dark');
});

test('the first load is at most 300 KB of compressed script, nothing of it inline', async (t) => {
  const house = await openHouse(t);
  const page = await openWindow(t, browser, house);
  const loaded = new Map();
  page.on('response', async (reply) => {
    if (reply.request().resourceType() === 'script') loaded.set(reply.url(), reply);
  });
  await page.goto('/console/');
  await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
  await settle(page);
  let sum = 0;
  for (const url of loaded.keys()) {
    const reply = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(reply.headers.get('content-encoding'), 'gzip', url);
    sum += Number(reply.headers.get('content-length'));
    assert.ok((await reply.arrayBuffer()).byteLength > 0);
  }
  assert.ok(sum > 0 && sum <= SCRIPT_MAX_BYTES, `${sum} bytes in ${loaded.size} files`);
  assert.equal(await page.locator('script:not([src])').count(), 0);
});

test('Back and Forward ask before something unsaved is lost, and only then', async (t) => {
  const house = await openHouse(t);
  const page = await openConsole(t, browser, house);
  const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true });
  const menu = page.getByRole('navigation').getByRole('link', { name: 'Users', exact: true });
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await menu.click();
  await heading('Users').waitFor();
  await page.getByRole('link', { name: 'New user' }).click();
  await heading('New user').waitFor();
  await page.goBack();
  await heading('Users').waitFor();
  await page.goForward();
  await heading('New user').waitFor();

  await page.getByLabel('Name').fill('Barbara Liskov');
  await page.evaluate(() => history.back());
  await question.getByRole('button', { name: 'Stay' }).click();
  await question.waitFor({ state: 'hidden' });
  assert.equal(new URL(page.url()).pathname, '/console/users/new');
  assert.equal(await page.getByLabel('Name').inputValue(), 'Barbara Liskov');

  await page.evaluate(() => history.back());
  await question.getByRole('button', { name: 'Leave' }).click();
  await heading('Users').waitFor();
  await question.waitFor({ state: 'detached' });
  await page.evaluate(() => history.back());
  await heading('API tokens').waitFor();
  assert.equal(await question.count(), 0);
});
