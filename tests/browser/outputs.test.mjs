// SPDX-License-Identifier: Apache-2.0
//
// Account > Event outputs: a receiver is added, tried, paused and removed by its visible
// words, and gets what happens meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../flow/support/house.mjs';
import { openReceiver, parseSyslog } from '../flow/support/receivers.mjs';
import { Script, assertAccessible, openBrowser, openConsole, openHouse } from './support/browser.mjs';
import { button, dialog } from './support/parts.mjs';

const PATH = '/account?tab=event-outputs';

async function openOutputs(t, options = {}) {
  const browser = await openBrowser(t);
  const house = await openHouse(t);
  const script = await new Script(house).login();
  return { house, script, page: await openConsole(t, browser, house, { path: PATH, ...options }) };
}

/** Opens the acts of an output, and does one. */
async function act(page, name, words) {
  await button(page, `Acts on ${name}`).click();
  await page.getByRole('menuitem', { name: words }).click();
}

test('an output is added, tried, paused, goes on and is removed', async (t) => {
  const receiver = await openReceiver(t);
  const { script, page } = await openOutputs(t);
  await page.getByText('Event History goes nowhere else.', { exact: false }).waitFor();
  await button(page, 'Add output').click();
  const box = dialog(page, 'Add output');
  await box.getByLabel('Receiver').fill('siem.example.com');
  await button(box, 'Add output').click();
  await box.getByText('Enter a name by which you will know it.').waitFor();
  await box.getByText('Enter an address like tls://siem.example.com:6514', { exact: false }).waitFor();
  await box.getByLabel('Name').fill('SIEM');
  await box.getByLabel('Receiver').fill(receiver.url);
  await box.getByText('CEF', { exact: true }).click();
  await assertAccessible(page, 'output');
  await button(box, 'Add output').click();
  const row = page.getByRole('row').filter({ hasText: 'SIEM' });
  await row.filter({ hasText: 'Works' }).waitFor();
  await until(() => receiver.frames.length, (n) => n > 0, 20_000);
  assert.match(parseSyslog(receiver.frames[0]).text, /^CEF:0\|Tokenhouse\|/);

  await act(page, 'SIEM', 'Send a test');
  await row.filter({ hasText: 'The test was taken' }).waitFor();
  assert.ok(receiver.frames.map(parseSyslog).some((m) => m.id === 'test'));

  await act(page, 'SIEM', 'Pause');
  await row.filter({ hasText: 'Paused' }).waitFor();
  await act(page, 'SIEM', 'Go on');
  await row.filter({ hasText: 'Works' }).waitFor();
  await assertAccessible(page, 'outputs');

  await act(page, 'SIEM', 'Change');
  const change = dialog(page, 'Change output');
  await change.getByLabel('Name').fill('Collector');
  await button(change, 'Save').click();
  await page.getByRole('row').filter({ hasText: 'Collector' }).waitFor();
  await act(page, 'Collector', 'Remove');
  const removal = dialog(page, 'Remove output');
  await removal.getByLabel('Type the name to confirm').fill('Collector');
  await button(removal, 'Remove output').click();
  await page.getByText('Event History goes nowhere else.', { exact: false }).waitFor();
  assert.deepEqual((await script.get('/outputs')).data, []);
});

test('a receiver that takes nothing is told apart, with its reason', async (t) => {
  const { script, page } = await openOutputs(t);
  await script.post('/outputs', { name: 'Dead', url: 'tcp://127.0.0.1:1' });
  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'Dead' });
  await row.filter({ hasText: 'Takes nothing' }).waitFor();
  await row.getByText('Connection refused', { exact: false }).waitFor();
});
