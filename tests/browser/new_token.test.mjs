// SPDX-License-Identifier: Apache-2.0
//
// The page that makes a token, as a person walks it: all three kinds of key, every field's
// refusals, a session that ends in mid-form, and a signed request with what was downloaded.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createSecretKey, generateKeyPairSync, sign } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { PROGRAM } from '../flow/support/house.mjs';
import {
  PASSWORD, addUser, assertAccessible, openBrowser, openConsole, openHouse,
} from './support/browser.mjs';
import { button, dialog } from './support/parts.mjs';

let browser;
before(async (t) => { browser = await openBrowser(t); });

const summary = (page) => page.getByRole('complementary', { name: 'This token' });

async function openForm(t, house, more) {
  const page = await openConsole(t, browser, house, { expect: [401, 422], ...more });
  await page.getByRole('link', { name: 'New token' }).click();
  await page.getByRole('heading', { level: 1, name: 'New API token' }).waitFor();
  await page.getByLabel('Title').waitFor();
  return page;
}

async function saved(page, house, press) {
  const waiting = page.waitForEvent('download');
  await press.click();
  const file = await waiting;
  const path = join(house.folder, file.suggestedFilename());
  await file.saveAs(path);
  chmodSync(path, 0o600);
  return path;
}

/** What stands in the tab `name` of "First request". */
async function sample(page, name) {
  await page.getByRole('tab', { name, exact: true }).click();
  return page.getByRole('region', { name: `First request, ${name}` }).innerText();
}

/** Runs the samples as somebody would who pastes them where the file is. */
async function runSamples(page, house, id) {
  const run = (file, args, input) => {
    const done = spawnSync(file, args, { cwd: house.folder, encoding: 'utf8', input, timeout: 30_000 });
    assert.equal(done.status, 0, `${file}: ${done.stdout}${done.stderr}`);
    assert.match(done.stdout, new RegExp(id), done.stdout);
  };
  run('bash', [], await sample(page, 'Shell'));
  run(process.execPath, ['--input-type=module'], await sample(page, 'Node'));
  run('python3', ['-'], await sample(page, 'Python'));
  const own = await sample(page, 'tokenhouse');
  run('bash', [], own.replace(/^tokenhouse /m, `'${PROGRAM}' `));
}

test('a canary is explained, has nothing to choose, and is marked', async (t) => {
  const house = await openHouse(t);
  const page = await openConsole(t, browser, house, { path: '/tokens/new' });
  await page.getByLabel('Title').fill('Left on the file server');
  await page.getByRole('heading', { name: 'Permissions' }).waitFor();
  await page.getByRole('radio', { name: 'Canary token' }).check();
  await page.getByText('Put it where nobody should look').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Permissions' }).count(), 0);
  await page.getByText('Whoever tries it raises an alarm.').waitFor();
  await page.getByRole('radio', { name: 'Generate token' }).check();
  await assertAccessible(page, 'new canary');
  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Token Key Details' });
  await dialog.getByText('Do not use it yourself').waitFor();
  assert.equal(await dialog.getByText('First request').count(), 0);
  await assertAccessible(page, 'canary details');
  await dialog.getByRole('button', { name: /Copy.*secret key/i }).first().click();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByText('A trap. It can do nothing').waitFor();
  await page.getByText('Canary', { exact: true }).waitFor();
  await assertAccessible(page, 'canary');
});

test('generate a token, download it, and sign with it', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  await page.getByLabel('Title').fill('Nightly inventory export');
  await page.getByLabel('Description').fill('Copies devices into the CMDB');
  await page.getByRole('radio', { name: /^Generate token/ }).check();
  await button(page, '60 days').click();
  const day = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10);
  assert.equal(await page.getByLabel('Expiration date').inputValue(), day);
  await summary(page).getByText('HS256, secret key generated').waitFor();
  await summary(page).getByText('Nightly inventory export').waitFor();

  await button(page, 'Clear').click();
  await summary(page).getByText('None: it can only ask who it is.').waitFor();
  await page.getByRole('checkbox', { name: 'Device Fields: Manage' }).check();
  assert.ok(await page.getByRole('checkbox', { name: 'Device Fields: View' }).isChecked(), 'Manage brings View');
  await page.getByRole('checkbox', { name: 'Device Fields: View' }).uncheck();
  assert.ok(!await page.getByRole('checkbox', { name: 'Device Fields: Manage' }).isChecked(), 'no Manage without View');
  await page.getByRole('checkbox', { name: 'Device Fields: View' }).check();
  await page.getByRole('checkbox', { name: 'Device reports: View' }).check();
  await summary(page).getByText('GET /v3/reporting/devices', { exact: true }).waitFor();

  await button(page, 'Create token').click();
  const details = dialog(page, 'Token Key Details');
  await details.waitFor();
  await assertAccessible(page, 'token key details');
  const id = await details.getByRole('textbox', { name: 'Token ID' }).innerText();
  const secret = await details.getByRole('textbox', { name: 'Secret key' }).innerText();
  assert.match(secret, /^[A-Za-z0-9+/]{86}==$/);
  await details.getByRole('button', { name: 'Copy token ID' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), id);
  assert.ok(await page.getByLabel('Title').isDisabled(), 'the fields are read-only now');

  await button(details, 'Close').last().click();
  const again = dialog(page, 'Close without the secret key?');
  await again.waitFor();
  await button(again, 'Go back').click();
  const file = await saved(page, house, button(details, 'Download Token'));
  assert.match(file, /nightly-inventory-export-.*\.token$/);
  assert.match(readFileSync(file, 'utf8'), new RegExp(`Token ID: ${id}[^]*Secret key: ${secret.replace(/[+]/g, '\\$&')}`));
  await runSamples(page, house, id);
  const token = { id, alg: 'HS256', key: createSecretKey(secret, 'utf8') };
  assert.equal((await house.ask(token, 'GET', '/v3/reporting/devices')).status, 200);
  assert.equal((await house.ask(token, 'GET', '/v3/reporting/applications')).status, 403);

  await button(details, 'Close').last().click();
  await page.getByRole('heading', { level: 1, name: 'Nightly inventory export' }).waitFor();
  assert.ok(!(await page.content()).includes(secret), 'shown once');
  await page.getByRole('link', { name: 'API management' }).click();
  await page.getByRole('row', { name: /Nightly inventory export/ }).waitFor();
});

test('where the account allows it, a bearer token is made, shown once, and called what it is', async (t) => {
  const house = await openHouse(t, { ini: '[server]\ntrusted_proxies = 127.0.0.1\n' });
  const page = await openForm(t, house);
  assert.equal(await page.getByRole('radio', { name: /^Bearer token/ }).count(), 0, 'off at first');
  await page.goto('/console/account');
  await page.getByRole('switch', { name: 'Bearer tokens' }).click(); // it turns when the server has answered
  await page.getByText('Bearer tokens are allowed.').waitFor();
  await page.goto('/console/tokens/new');
  await page.getByLabel('Title').fill('Old build server');
  await page.getByRole('radio', { name: /^Bearer token/ }).check();
  await page.getByText('whoever sees it may use it').waitFor();
  await summary(page).getByText('Bearer token, signs nothing').waitFor();
  await assertAccessible(page, 'new bearer token');
  await button(page, 'Create token').click();
  const details = dialog(page, 'Token Key Details');
  const secret = await details.getByRole('textbox', { name: 'Bearer token' }).innerText();
  assert.match(secret, /^th_[0-9a-f]{32}_[0-9A-Za-z]{49}$/);
  assert.match(await details.getByRole('textbox', { name: 'Command' }).innerText(), /Authorization: Bearer/);
  await assertAccessible(page, 'bearer token details');
  await button(details, 'Close').last().click();
  await button(dialog(page, 'Close without the bearer token?'), 'Go back').click();
  const file = await saved(page, house, button(details, 'Download Token'));
  assert.equal(readFileSync(file, 'utf8').trim(), secret);
  const asked = await fetch(`${house.url}/v3/whoami`, { headers: { authorization: `Bearer ${secret}`, 'x-forwarded-proto': 'https' } });
  assert.equal((await asked.json()).data.alg, 'bearer');
  await button(details, 'Close').last().click();
  await page.getByText('None: whoever sees the token may use it').waitFor();
  assert.ok(!(await page.content()).includes(secret), 'shown once');
  await assertAccessible(page, 'bearer token');

  await page.getByRole('link', { name: 'Roll' }).first().click();
  await page.getByRole('radio', { name: /^Bearer token/ }).waitFor();
});

test('make a key pair in the browser: the private key is saved, proved and never sent', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  const sent = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  await page.getByLabel('Title').fill('Made here');
  assert.ok(await page.getByRole('radio', { name: /^Make a key pair in this browser/ }).isChecked());
  await button(page, 'Create token').click();
  const details = dialog(page, 'Token Key Details');
  await details.waitFor();
  const id = await details.getByRole('textbox', { name: 'Token ID' }).innerText();
  await page.keyboard.press('Escape');
  await button(dialog(page, 'Close without the private key?'), 'Go back').click();
  const file = await saved(page, house, button(details, 'Download private key'));
  const pem = readFileSync(file, 'utf8');
  assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n/);
  const key = createPrivateKey(pem);
  assert.equal(key.asymmetricKeyDetails.namedCurve, 'prime256v1');
  const secretPart = key.export({ format: 'jwk' }).d;
  const bare = pem.replace(/-----.*-----|\n/g, '');
  assert.ok(sent.some((body) => body.includes('BEGIN PUBLIC KEY')), 'the public key went up');
  assert.ok(!sent.some((body) => body.includes('PRIVATE') || body.includes(secretPart) || body.includes(bare.slice(0, 60))));
  await runSamples(page, house, id);
  assert.equal((await house.ask({ id, alg: 'ES256', key }, 'GET', '/v3/whoami')).status, 200);
  await button(details, 'Close').last().click();
  await page.getByText('Possession proved').waitFor();
});

test('upload a public key made by OpenSSL, with and without proof', async (t) => {
  const house = await openHouse(t);
  const privateFile = join(house.folder, 'privateKey.pem');
  const publicFile = join(house.folder, 'publicKey.pem');
  execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', privateFile]);
  execFileSync('openssl', ['pkey', '-in', privateFile, '-pubout', '-out', publicFile]);
  const key = createPrivateKey(readFileSync(privateFile));

  const page = await openForm(t, house);
  await page.getByLabel('Title').fill('With proof');
  await page.getByRole('radio', { name: /^Upload public key/ }).check();
  await button(page, 'Create token').click();
  await page.getByText('Paste the public key, or choose its file.').waitFor();
  await page.getByLabel('Public key file').setInputFiles(publicFile);
  await page.getByText(/^SHA256:/).waitFor();
  await page.getByRole('button', { name: 'Prove that you have the private key (optional)' }).click();
  const command = await page.getByRole('textbox', { name: 'Command' }).innerText();
  await page.getByLabel('Signature').fill('not a signature');
  await page.getByLabel('Title').focus();
  await page.getByText('This is no signature.').waitFor();
  await page.getByLabel('Signature').fill(sign('sha256', Buffer.from('another text'), key).toString('base64'));
  await page.getByLabel('Title').focus();
  await page.getByLabel('Signature').and(page.locator('[aria-invalid=true]')).waitFor();
  const proof = execFileSync('bash', ['-c', command], { cwd: house.folder, encoding: 'utf8' });
  await page.getByLabel('Signature').fill(proof);
  await page.getByLabel('Title').focus();
  await page.getByText('Possession of the private key is proved.').waitFor();
  await assertAccessible(page, 'new token with an uploaded key');
  await button(page, 'Create token').click();
  const details = dialog(page, 'Token Key Details');
  const id = await details.getByRole('textbox', { name: 'Token ID' }).innerText();
  assert.equal((await house.ask({ id, alg: 'ES256', key }, 'GET', '/v3/whoami')).status, 200);
  await button(details, 'Close').last().click();
  await page.getByText('Possession proved').waitFor();

  await page.goto('/console/tokens/new');
  await page.getByLabel('Title').fill('Without proof');
  await page.getByRole('radio', { name: /^Upload public key/ }).check();
  const bare = readFileSync(publicFile, 'utf8').replace(/-----.*-----\n?/g, '');
  await page.getByLabel('Public key', { exact: true }).fill(bare);
  await button(page, 'Create token').click();
  await button(details, 'Close').last().click();
  await page.getByText('Possession not proved').waitFor();
});

test('what is no P-256 public key is refused in words; a private key never leaves the page', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  const sent = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  await page.getByLabel('Title').fill('Wrong keys');
  await page.getByRole('radio', { name: /^Upload public key/ }).check();
  const field = page.getByLabel('Public key', { exact: true });
  const pem = (kind, options) => generateKeyPairSync(kind, options).publicKey.export({ type: 'spki', format: 'pem' });
  const wrong = {
    RSA: pem('rsa', { modulusLength: 2048 }), 'another curve': pem('ec', { namedCurve: 'secp384r1' }),
    Ed25519: pem('ed25519'), 'no key': 'hello there',
    markup: '<img src=x onerror="window.hacked=1">',
  };
  for (const [what, text] of Object.entries(wrong)) {
    await field.fill(text);
    await page.getByLabel('Title').focus();
    await field.and(page.locator('[aria-invalid=true]')).waitFor();
    const words = await page.locator(`[id="${(await field.getAttribute('aria-describedby')).split(' ').find((id) => id.includes('error'))}"]`).innerText();
    assert.ok(words.length > 10, `${what}: ${words}`);
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  for (const type of ['pkcs8', 'sec1']) {
    const secret = privateKey.export({ type, format: 'pem' });
    for (const text of [secret, secret.replace(/-----.*-----\n?/g, '')]) {
      await field.fill(text);
      await page.getByText('This is a private key.').waitFor();
      assert.equal(await field.inputValue(), '', 'it is gone from the page');
      await field.fill('x');
      const bare = secret.replace(/-----.*-----|\n/g, '');
      assert.ok(!sent.some((body) => body.includes(bare.slice(0, 40)) || body.includes('PRIVATE KEY')));
    }
  }
});

test('every field refuses in place: title, description, expiry, addresses', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  const title = page.getByLabel('Title');
  await title.focus();
  await page.keyboard.press('Tab');
  await page.getByText('Give the token a title, so that others know what it is for.').waitFor();
  await title.fill('x'.repeat(121));
  await page.keyboard.press('Tab');
  await page.getByText('The title has 121 characters; at most 120 fit.').waitFor();
  await page.getByLabel('Description').fill('x'.repeat(1001));
  await page.keyboard.press('Tab');
  await page.getByText('The description has 1001 characters; at most 1000 fit.').waitFor();

  const expires = page.getByLabel('Expiration date');
  const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  for (const wrong of ['tomorrow', '2027-02-30', day(0), day(400)]) {
    await expires.fill(wrong);
    await expires.blur();
    await page.getByRole('alert').getByText(/Enter a date as YYYY-MM-DD\.|Choose a date from/).waitFor();
  }
  await page.getByRole('button', { name: 'Calendar' }).click();
  await page.getByRole('button', { name: 'Next month' }).waitFor();
  await assertAccessible(page, 'calendar');
  await page.keyboard.press('Escape');
  await button(page, '1 year').click();
  await page.getByText(/The token works through 23:59:59 UTC on .* your time on/).waitFor();

  const address = page.getByLabel('Approved IP address', { exact: true });
  await address.fill('203.0.113.0/24, 203.0.113.300;2001:DB8::1\t203.0.113.7/24 203.0.113.0/24');
  await page.keyboard.press('Enter');
  const list = page.getByRole('list', { name: 'Approved IP addresses' });
  await list.getByText('2001:db8::1').waitFor();
  assert.equal(await list.getByRole('listitem').count(), 4, 'the duplicate is ignored');
  assert.equal(await list.getByText(/^Invalid IP address/).count(), 2);
  await list.getByText(/203\.0\.113\.0\/24/).first().waitFor();
  await page.getByText('1 duplicate ignored.').waitFor();
  await title.fill('Addresses');
  await page.getByLabel('Description').fill('');
  await button(page, 'Create token').click();
  await page.getByText('Correct or remove the addresses that are invalid.').waitFor();
  await page.getByRole('button', { name: 'Edit 203.0.113.300, invalid IP address' }).click();
  await page.getByLabel('IP address', { exact: true }).fill('203.0.113.30');
  await page.keyboard.press('Tab');
  await list.getByRole('button', { name: 'Edit 203.0.113.30', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Remove 203.0.113.7/24' }).click();
  await page.getByRole('button', { name: /^Add my address/ }).click();
  await list.getByText('127.0.0.1').waitFor();
  await button(page, 'Create token').click();
  await dialog(page, 'Token Key Details').waitFor();
});

test('pasted line breaks separate addresses; what is no address stays text', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  const address = page.getByLabel('Approved IP address', { exact: true });
  await page.evaluate(() => navigator.clipboard.writeText('10.0.0.1\r\n10.0.0.2\n<img/src=x/onerror="window.hacked=1">'));
  await address.focus();
  await page.keyboard.press('Control+v');
  await button(page, 'Add').click();
  const list = page.getByRole('list', { name: 'Approved IP addresses' });
  await list.getByText('10.0.0.2').waitFor();
  await list.getByText('<img/src=x/onerror="window.hacked=1">', { exact: true }).waitFor();
  assert.equal(await list.getByRole('listitem').count(), 3);
});

test('the session ends in mid-form: log in again and go on, nothing is lost', async (t) => {
  const house = await openHouse(t, { ini: '[console]\nsession_idle_s = 3\n' });
  const page = await openForm(t, house);
  await page.getByLabel('Title').fill('Slow typist');
  await button(page, 'Clear').click();
  await page.getByRole('checkbox', { name: 'Device reports: View' }).check();
  const ended = dialog(page, 'Your session has ended');
  await ended.waitFor({ timeout: 30_000 });
  const again = async () => {
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await button(page, 'Log in').click();
    await ended.waitFor({ state: 'hidden' });
  };
  await again();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Slow typist');
  // and once more between the click and the answer: the server no longer knows the session
  await page.context().clearCookies();
  await button(page, 'Create token').click();
  await ended.waitFor();
  await again();
  await dialog(page, 'Token Key Details').waitFor();
  const [token] = JSON.parse(house.ok('token', 'list', '--json'));
  assert.equal(token.title, 'Slow typist');
  assert.deepEqual(token.permissions, ['Device reports:View']);
});

test('a link does not lead away from what was typed without asking', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  await page.getByText(/0[01]:59 your time on/).first().waitFor();
  await page.getByLabel('Title').fill('Half a thought');
  await page.getByRole('link', { name: 'Devices' }).click();
  const leaving = dialog(page, 'Leave without saving?');
  await leaving.waitFor();
  await assertAccessible(page, 'leaving');
  await button(leaving, 'Stay').click();
  await leaving.waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel('Title').inputValue(), 'Half a thought');
  await page.getByRole('link', { name: 'Devices' }).click();
  await button(leaving, 'Leave').click();
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
  await page.getByRole('link', { name: 'API tokens' }).click();
  await page.getByRole('heading', { level: 1, name: 'API tokens' }).waitFor();
});

test('only what the role has is offered, and without API Credentials there is no page', async (t) => {
  const house = await openHouse(t);
  addUser(house, 'grace@example.com', { name: 'Grace Hopper', role: 'Guest User' });
  const page = await openConsole(t, browser, house, { email: 'grace@example.com' });
  await page.getByText('Making one needs API Credentials:Manage, which your user role lacks.').waitFor();
  assert.equal(await page.getByRole('link', { name: /New token|first token/ }).count(), 0);
  await page.goto('/console/tokens/new');
  await page.getByText('Your user role lacks API Credentials:Manage.').waitFor();
  await assertAccessible(page, 'a page that is not yours');
});

test('what people type is text: markup in title and description', async (t) => {
  const house = await openHouse(t);
  const page = await openForm(t, house);
  const markup = '"><script>window.hacked=1</script><img src=x onerror=window.hacked=1>';
  await page.getByLabel('Title').fill(markup);
  await page.getByLabel('Description').fill(`'); ${markup} {{7*7}}`);
  await summary(page).getByText(markup).waitFor();
  await page.getByRole('searchbox', { name: 'Filter permissions' }).fill(markup);
  await page.getByText('No permission is named like that.').waitFor();
  await page.getByRole('radio', { name: /^Generate token/ }).check();
  await button(page, 'Create token').click();
  const details = dialog(page, 'Token Key Details');
  await details.getByText(markup).waitFor();
  const file = await saved(page, house, button(details, 'Download Token'));
  assert.ok(existsSync(file) && /^[\w.-]+$/.test(file.split('/').pop()), file);
  await runSamples(page, house, await details.getByRole('textbox', { name: 'Token ID' }).innerText());
  await button(details, 'Close').last().click();
  await page.getByRole('heading', { level: 1, name: markup }).waitFor();
  await page.goto(`/console/tokens?q=${encodeURIComponent(markup)}`);
  await page.getByRole('row', { name: /hacked/ }).waitFor();
});
