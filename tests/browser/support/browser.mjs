// SPDX-License-Identifier: Apache-2.0
//
// Debian's Chromium before the real server. A page is watched all the time: what it writes
// to the console, which hosts it asks, what it throws.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { bareHouse, must } from '../../flow/support/house.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT_MS = 15_000;
export const ADMIN = 'ada@example.com';
export const PASSWORD = 'correct horse battery staple';

/** One browser for a test file; it ends with the file. */
export async function openBrowser(t) {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
  t.after(() => browser.close());
  return browser;
}

/** A house with its first user (named), or `withUser: false` for the very first run. */
export async function openHouse(t, { withUser = true, ini = '' } = {}) {
  const house = bareHouse(t, { before: () => Promise.all(house.windows.map((close) => close())) });
  house.windows = [];
  const password = house.file('password', `${PASSWORD}\n`);
  must(['init', '--data', house.data,
    ...(withUser ? ['--admin-email', ADMIN, '--admin-password-file', password] : [])]);
  await house.start({ ini });
  return house;
}

export function addUser(house, email, { name = '', role = 'Administrator', password = PASSWORD, mustChange = false } = {}) {
  house.ok('user', 'add', email, '--name', name, '--role', role,
    '--password-file', house.file(`password-${email}`, `${password}\n`), ...(mustChange ? ['--must-change-password'] : []));
}

/** The admin API as a script uses it. */
export class Script {
  constructor(house) {
    this.root = `${house.url}/console/api`;
  }

  async ask(method, path, body, headers = {}) {
    const reply = await fetch(this.root + path, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.cookie ? { cookie: this.cookie } : {}), ...(this.csrf ? { 'x-csrf-token': this.csrf } : {}), ...headers,
      },
    });
    const cookie = reply.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    const text = await reply.text();
    const data = text ? JSON.parse(text) : null;
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
    return { data, etag: reply.headers.get('etag') };
  }

  async login(email = ADMIN, password = PASSWORD) {
    this.csrf = (await this.ask('POST', '/session', { email, password })).data.csrf;
    return this;
  }

  async get(path) {
    return (await this.ask('GET', path)).data;
  }

  async post(path, body = {}) {
    return (await this.ask('POST', path, body)).data;
  }

  async makeToken(title, more = {}) {
    return this.post('/tokens', {
      title, description: '', key: { kind: 'generate' }, expiresOn: null, permissions: null, approvedAddresses: [], ...more,
    });
  }
}

/** The six digits that an authenticator app shows (RFC 6238, SHA-1, 30 s). */
export function totp(base32, at = Date.now()) {
  let bits = '';
  for (const letter of base32.replace(/=+$/, '')) {
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const from = hash[19] & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A window before one house. `expect`: statuses whose "Failed to load" line is in order. */
export async function openWindow(t, browser, house, {
  scheme = 'light', width = 1280, height = 900, expect = [401], timezone = 'Europe/Paris',
} = {}) {
  const context = await browser.newContext({
    baseURL: house.url, colorScheme: scheme, viewport: { width, height }, locale: 'en-GB', timezoneId: timezone,
    permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true,
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`thrown: ${error}`));
  page.on('console', (line) => {
    if (!['error', 'warning'].includes(line.type())) return;
    const failed = /Failed to load resource: .* status of (\d+)/.exec(line.text());
    if (failed && expect.includes(Number(failed[1]))) return;
    faults.push(`console: ${line.text()} (${line.location().url})`);
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:' && host !== house.address) faults.push(`foreign: ${request.url()}`);
  });
  let hacked;
  let isOpen = true;
  // The house goes last: a window that outlives it asks an address where nobody answers.
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    hacked = await page.evaluate(() => window.hacked).catch(() => undefined);
    await context.close();
  };
  house.windows.push(close);
  t.after(async () => {
    await close();
    assert.equal(hacked, undefined, 'a script that somebody typed has run');
    assert.deepEqual(faults, [], 'the page complains');
  });
  return page;
}

export async function logIn(page, email = ADMIN, password = PASSWORD) {
  await page.goto('/console/');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

/** A window in which somebody is logged in. */
export async function openConsole(t, browser, house, { email, password, path, ...more } = {}) {
  const page = await openWindow(t, browser, house, more);
  await logIn(page, email, password);
  await page.getByRole('heading', { level: 1, name: 'API tokens' }).waitFor();
  if (path) await page.goto(`/console${path}`);
  return page;
}

/** No menu that is closed already is still fading away. */
const NO_MENU_LEFT = () => [...document.querySelectorAll('[role=menu]')].every((menu) =>
  document.getElementById(menu.getAttribute('aria-labelledby'))?.getAttribute('aria-expanded') === 'true');

/** Nothing moves any more: no request on the way, fonts there, transitions over. */
export async function settle(page) {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(NO_MENU_LEFT);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined)));
  });
}

/** Every rule of axe for WCAG 2.2 AA and good practice: 0 violations. */
export async function assertAccessible(page, where) {
  await settle(page);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'target-size': { enabled: true } }, // off unless asked for
  }));
  assert.deepEqual(violations.map((one) => ({
    where, rule: one.id, nodes: one.nodes.slice(0, 4).map((node) => `${node.html.slice(0, 160)} ${node.any.map((a) => a.message).join(' ').slice(0, 200)}`),
  })), []);
}

/** What is as wide as the window needs no scrolling sideways. */
export async function assertNoSideways(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${where} is ${over} px too wide`);
}

const PICTURE_MAX_HEIGHT = 3000;

/** A picture of the whole page, as if the window were as high as it; WebP. */
export async function savePicture(page, path) {
  const size = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: size.width, height: Math.min(PICTURE_MAX_HEIGHT, Math.max(size.height, height)) });
  await settle(page);
  const wire = await page.context().newCDPSession(page);
  const { data } = await wire.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  await wire.detach();
  writeFileSync(path, Buffer.from(data, 'base64'));
  await page.setViewportSize(size);
}
