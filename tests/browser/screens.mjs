// SPDX-License-Identifier: Apache-2.0
//
// `make screens`: a picture of every page, light and dark, and of some on a phone, into
// docs/screens/. They are for looking at, as a designer would; nothing is compared.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../flow/support/house.mjs';
import { Script, openBrowser, openConsole, openHouse, openWindow, savePicture, settle } from './support/browser.mjs';
import { pagesOf } from './support/pages.mjs';

const OUT = process.env.SCREENS ?? join(ROOT, 'docs/screens');
const PHONE = ['tokens', 'new-token', 'token'];

/** What node:test would give: things to do at the end, the last first. */
const atEnd = [];
const t = { after: (act) => atEnd.unshift(act) };

try {
  mkdirSync(OUT, { recursive: true });
  const browser = await openBrowser(t);
  const fresh = await openHouse(t, { withUser: false });
  const house = await openHouse(t);
  const script = await new Script(house).login();
  await script.ask('PATCH', '/profile', { name: 'Ada Lovelace' }, { 'if-match': (await script.ask('GET', '/profile')).etag ?? '' });
  const account = await script.ask('GET', '/account');
  await script.ask('PATCH', '/account', { name: 'Example Ltd' }, { 'if-match': account.etag });
  const pages = await pagesOf(house, script);
  for (const scheme of ['light', 'dark']) {
    for (const [name, where] of [['set-up', fresh], ['log-in', house]]) {
      const door = await openWindow(t, browser, where, { scheme, height: 800 });
      await door.goto('/console/');
      await door.getByRole('heading', { level: 1 }).waitFor();
      await settle(door);
      await savePicture(door, join(OUT, `${name}-${scheme}.webp`));
    }
    for (const width of [1280, 360]) {
      const page = await openConsole(t, browser, house, { scheme, width, height: 800 });
      for (const { name, path } of pages.filter((one) => width > 400 || PHONE.includes(one.name))) {
        await page.goto(`/console${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await settle(page);
        await savePicture(page, join(OUT, `${name}-${width > 400 ? '' : 'phone-'}${scheme}.webp`));
      }
    }
  }
  console.log(`the pictures are in ${OUT}`);
} finally {
  for (const act of atEnd) await act();
}
