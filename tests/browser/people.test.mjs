// SPDX-License-Identifier: Apache-2.0
//
// Users and user roles, as an administrator looks after them: every act and its undoing,
// what a lesser role is not offered, two who edit the same thing, and a session that ends.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  ADMIN, PASSWORD, Script, addUser, assertAccessible, logIn, openBrowser, openConsole, openHouse, openWindow,
} from './support/browser.mjs';
import { button, dialog, heading } from './support/parts.mjs';
import { fillHouse } from './support/town.mjs';

const HACK = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
const OTHER = 'another horse battery staple';

let browser;
before(async (t) => { browser = await openBrowser(t); });

async function choose(page, field, option) {
  await page.getByRole('textbox', { name: field }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** A filled house, an administrator before it, and the admin API beside them. */
async function openTown(t, path, more) {
  const house = await openHouse(t);
  fillHouse(house, { deviceCount: 8 });
  const script = await new Script(house).login();
  const page = await openConsole(t, browser, house, { expect: [401, 404, 409, 412, 422], path, ...more });
  return { house, script, page };
}

const userOf = async (script, email) => (await script.get(`/users?q=${encodeURIComponent(email)}`)).data[0];

test('a user is made, refusals beside their fields, and logs in with a password of their own', async (t) => {
  const { house, page } = await openTown(t, '/users');
  await page.getByRole('link', { name: 'New user' }).click();
  await heading(page, 'New user').waitFor();
  await button(page, 'Create user').click();
  for (const words of ['Enter the name that colleagues know.', 'Enter an e-mail address, like ada@example.com.', 'Choose a user role.',
    'Use at least 12 characters.']) await page.getByText(words).waitFor();
  await assertAccessible(page, 'new user, refused');
  await page.getByLabel('Name').fill('Barbara Liskov');
  await page.getByLabel('E-mail').fill('grace@example.com');
  await choose(page, 'User role', 'Administrator');
  await choose(page, 'Device groups', 'Lyon (Europe/France)');
  await page.keyboard.press('Escape');
  const summary = page.getByRole('complementary', { name: 'This user' });
  assert.match(await summary.innerText(), /Barbara Liskov\s[\s\S]*Administrator[\s\S]*The devices of 1 device group/);
  await button(page, 'Make one').click();
  const password = await page.locator('input[autocomplete=new-password]').inputValue();
  assert.match(password, /^([a-hjkmnp-z2-9]{4}-){4}[a-hjkmnp-z2-9]{4}$/);
  await button(page, 'Create user').click();
  await page.getByText(/already a user|is taken|exists/i).waitFor();
  await page.getByLabel('E-mail').fill('barbara@example.com');
  await button(page, 'Create user').click();
  await heading(page, 'Barbara Liskov').waitFor();
  await page.getByText('New password due').waitFor();
  await page.getByRole('link', { name: 'Lyon' }).waitFor();

  const theirs = await openWindow(t, browser, house);
  await logIn(theirs, 'barbara@example.com', password);
  await theirs.getByLabel('New password', { exact: true }).fill(OTHER);
  await theirs.getByLabel('New password, again').fill(OTHER);
  await button(theirs, 'Save and go on').click();
  await heading(theirs, 'API tokens').waitFor();
});

test('a user is suspended, with an undo, and edited', async (t) => {
  const { script, page } = await openTown(t, '/users');
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await heading(page, 'Grace Hopper').waitFor();
  await script.makeToken('Of Ada');
  await button(page, 'Suspend').click();
  const dialog = page.getByRole('dialog', { name: 'Suspend user' });
  await dialog.getByText('This user has no tokens.').waitFor();
  await assertAccessible(page, 'suspending a user');
  await dialog.getByRole('button', { name: 'Suspend user' }).click();
  await page.getByText('Suspended', { exact: true }).waitFor();
  await button(page, 'Undo').click();
  await page.getByText('Active', { exact: true }).waitFor();
  assert.equal((await userOf(script, 'grace@')).isSuspended, false);

  await button(page, 'Edit').click();
  await page.getByLabel('Name').fill('Rear Admiral Hopper');
  await choose(page, 'User role', 'Auditor');
  await button(page, 'Save').click();
  await heading(page, 'Rear Admiral Hopper').waitFor();
  const user = await userOf(script, 'grace@');
  assert.equal(user.name, 'Rear Admiral Hopper');
  assert.equal(user.role.name, 'Auditor');
});

test('of two who edit the same user the second sees what the first has made of it', async (t) => {
  const { script, page } = await openTown(t);
  const { uid } = await userOf(script, 'grace@');
  await page.goto(`/console/users/${uid}?edit`);
  await page.getByLabel('Name').fill('Grace B. Hopper');
  const { etag } = await script.ask('GET', `/users/${uid}`);
  await script.ask('PATCH', `/users/${uid}`, { name: 'Amazing Grace' }, { 'if-match': etag });
  await button(page, 'Save').click();
  const alert = page.getByRole('alert', { name: '' }).filter({ hasText: 'Somebody has changed this user meanwhile' });
  await alert.waitFor();
  assert.match(await alert.innerText(), /“Amazing Grace”/);
  assert.equal(await page.getByLabel('Name').inputValue(), 'Grace B. Hopper');
  await assertAccessible(page, 'changed meanwhile');
  await button(page, 'Save').click();
  await heading(page, 'Grace B. Hopper').waitFor();
});

test('a session that ends in mid-form loses nothing', async (t) => {
  const { script, page } = await openTown(t, '/users/new');
  await page.getByLabel('Name').fill('Barbara Liskov');
  await page.getByLabel('E-mail').fill('barbara@example.com');
  await choose(page, 'User role', 'Auditor');
  await page.locator('input[autocomplete=new-password]').fill(OTHER);
  const { data } = await script.get('/profile/sessions');
  for (const session of data) if (!session.isCurrent) await script.ask('DELETE', `/profile/sessions/${session.id}`);
  await button(page, 'Create user').click();
  const again = dialog(page, 'Your session has ended');
  await again.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await button(again, 'Log in').click();
  await heading(page, 'Barbara Liskov').waitFor();
});

test('a password is set for somebody, and a lost second factor is reset', async (t) => {
  const { house, script, page } = await openTown(t);
  const { uid } = await userOf(script, 'tim@');
  await page.goto(`/console/users/${uid}`);
  await button(page, 'More acts').click();
  assert.equal(await page.getByRole('menuitem', { name: 'Reset second factor' }).count(), 0, 'there is none');
  await page.getByRole('menuitem', { name: 'Set password' }).click();
  const box = dialog(page, 'Set password');
  await box.getByLabel('New password').fill('short');
  await button(box, 'Set password').click();
  await box.getByText('Use at least 12 characters.').waitFor();
  await box.getByLabel('New password').fill(OTHER);
  await assertAccessible(page, 'set password');
  await button(box, 'Set password').click();
  await page.getByText('Tim Berners-Lee has a new password.').waitFor();
  const theirs = await openWindow(t, browser, house);
  await logIn(theirs, 'tim@example.com', OTHER);
  await theirs.getByLabel('New password', { exact: true }).waitFor();
});

test('a user is deleted by typing the e-mail address, and nobody offers to delete oneself', async (t) => {
  const { script, page } = await openTown(t);
  const { uid } = await userOf(script, 'radia@');
  await page.goto(`/console/users/${uid}`);
  await button(page, 'More acts').click();
  await page.getByRole('menuitem', { name: 'Delete user' }).click();
  const box = dialog(page, 'Delete user');
  await box.waitFor();
  assert.equal(await button(box, 'Delete user').isDisabled(), true);
  await box.getByLabel('Type the e-mail address to confirm').fill('radia@example.com');
  await assertAccessible(page, 'delete user');
  await button(box, 'Delete user').click();
  await heading(page, 'Users').waitFor();
  assert.equal(await userOf(script, 'radia@'), undefined);

  await page.goto(`/console/users/${(await userOf(script, ADMIN)).uid}`);
  await button(page, 'Edit').waitFor();
  assert.equal(await button(page, 'Suspend').count(), 0);
  assert.equal(await button(page, 'More acts').count(), 0);
});

test('lists are searched and filtered, and Back undoes it', async (t) => {
  const { page } = await openTown(t, '/users');
  await page.getByText('5 users', { exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Search name and e-mail' }).fill('torv');
  await page.getByText('1 user', { exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Search name and e-mail' }).fill('');
  await page.getByText('5 users', { exact: true }).waitFor();
  await page.getByText('Suspended', { exact: true }).first().click();
  await page.getByText('1 user', { exact: true }).waitFor();
  await page.getByRole('link', { name: /Radia Perlman/ }).waitFor();
  await page.goBack();
  await page.getByText('5 users', { exact: true }).waitFor();
  await choose(page, 'User role', 'Auditor');
  await page.getByRole('link', { name: /Tim Berners-Lee/ }).waitFor();
  await page.getByText('1 user', { exact: true }).waitFor();
});

test('a default role is read-only; a copy of it is edited and deleted', async (t) => {
  const { script, page } = await openTown(t, '/roles');
  await page.getByRole('link', { name: /^Guest User/ }).click();
  await heading(page, 'Guest User').waitFor();
  assert.equal(await button(page, 'Edit').count(), 0);
  assert.equal(await button(page, 'Delete').count(), 0);
  await page.getByRole('link', { name: 'Duplicate' }).click();
  await heading(page, 'New user role').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Copy of Guest User');
  await page.getByLabel('Name').fill('Counter');
  await page.getByLabel('Device Fields: Manage').check();
  assert.equal(await page.getByLabel('Device Fields: View').isChecked(), true, 'Manage brings View');
  assert.match(await page.getByRole('complementary', { name: 'This user role' }).innerText(), /Counter[\s\S]*Device Fields: View, Manage/);
  await button(page, 'Create user role').click();
  await heading(page, 'Counter').waitFor();
  const role = (await script.get('/roles?q=Counter')).data[0];
  assert.ok(role.permissions.includes('Device Fields:Manage'));

  await button(page, 'Edit').click();
  await page.getByLabel('Device Fields: View').uncheck();
  await page.getByText(/^0 users will lose 2 permissions/).waitFor();
  await page.getByLabel('Name').fill('Auditor');
  await button(page, 'Save').click();
  await page.getByText(/already a (user )?role/i).waitFor();
  await page.getByLabel('Name').fill('Counter clerk');
  await button(page, 'Save').click();
  await heading(page, 'Counter clerk').waitFor();
  assert.ok(!(await script.get(`/roles/${role.id}`)).permissions.some((name) => name.startsWith('Device Fields')));

  await button(page, 'Delete').click();
  const box = dialog(page, 'Delete user role');
  await box.getByLabel('Type the name to confirm').fill('Counter clerk');
  await button(box, 'Delete user role').click();
  await heading(page, 'User roles').waitFor();
});

test('a role that is in use is not deleted, and the page says why', async (t) => {
  const { script, page } = await openTown(t);
  const role = (await script.get('/roles?q=Auditor')).data[0];
  await page.goto(`/console/roles/${role.id}`);
  await button(page, 'Delete').click();
  const box = dialog(page, 'Delete user role');
  await box.getByText('People still have this role.', { exact: false }).waitFor();
  await box.getByLabel('Type the name to confirm').fill('Auditor');
  await button(box, 'Delete user role').click();
  await box.getByRole('alert').waitFor();
  assert.equal((await script.get(`/roles/${role.id}`)).name, 'Auditor');
});

test('who may only look is offered nothing to change; who may not look finds no page', async (t) => {
  const house = await openHouse(t);
  fillHouse(house, { deviceCount: 8 });
  addUser(house, 'auda@example.com', { name: 'Auda', role: 'Auditor' });
  const theirs = await openConsole(t, browser, house, { email: 'auda@example.com', path: '/users', expect: [401, 403] });
  await theirs.getByRole('link', { name: /Grace Hopper/ }).click();
  await heading(theirs, 'Grace Hopper').waitFor();
  for (const name of ['Edit', 'Suspend', 'More acts']) assert.equal(await button(theirs, name).count(), 0, name);
  await theirs.goto('/console/users/new');
  await theirs.getByText('Your user role lacks Users:Manage', { exact: false }).waitFor();
  for (const [path, title] of [['/users', 'Users'], ['/roles', 'User roles'], ['/groups', 'Device groups'], ['/devices', 'Devices']]) {
    await theirs.goto(`/console${path}`);
    await heading(theirs, title).waitFor();
    await theirs.getByRole('navigation', { name: 'Main' }).waitFor();
    assert.equal(await theirs.getByRole('main').getByRole('link', { name: /^(New|Import) / }).count(), 0, path);
  }
});

test('what is typed is a text everywhere', async (t) => {
  const { script, page } = await openTown(t, '/groups/new');
  await page.getByLabel('Name').fill(HACK);
  await page.getByLabel('Description').fill(HACK);
  await page.getByRole('textbox', { name: 'Folder' }).fill(HACK.replaceAll('/', '∕'));
  await button(page, 'Create device group').click();
  await heading(page, HACK).waitFor();
  await page.goto('/console/groups');
  await page.getByText(HACK).first().waitFor();

  await page.goto('/console/roles/new');
  await page.getByLabel('Name').fill(HACK);
  await button(page, 'Create user role').click();
  await heading(page, HACK).waitFor();

  await page.goto('/console/users/new');
  await page.getByLabel('Name').fill(HACK);
  await page.getByLabel('E-mail').fill('hack@example.com');
  await choose(page, 'User role', HACK);
  await page.locator('input[autocomplete=new-password]').fill(OTHER);
  await button(page, 'Create user').click();
  await heading(page, HACK).waitFor();
  await page.goto(`/console/events?q=${encodeURIComponent(HACK)}`);
  await page.getByRole('table').locator('tbody tr').first().getByRole('link').first().click();
  await page.getByRole('dialog').getByText(HACK).first().waitFor();
  await page.goto(`/console/users?q=${encodeURIComponent(HACK)}`);
  await page.getByRole('link', { name: HACK }).waitFor();
  assert.equal((await userOf(script, 'hack@')).name, HACK);
});
