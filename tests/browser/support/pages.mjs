// SPDX-License-Identifier: Apache-2.0
//
// EVERY PAGE of the console, with something on it. A new page is one row here: then axe
// looks at it in light and dark, it is measured at 360 px, and `make screens` draws it.
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { until } from '../../flow/support/house.mjs';
import { ORDERS } from './orders.mjs';
import { fillHouse } from './town.mjs';

const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

/** title, description, kind, days to live, permissions (null: all) */
const TOKENS = [
  ['Nightly inventory export', 'Copies devices into the CMDB', 'HS256', 90, ['Device reports:View', 'Device Fields:View']],
  ['Helpdesk bot', 'Looks devices up for the service desk', 'ES256', 2, null],
  ['Patch dashboard', '', 'ES256', 30, ['Software reports:View']],
  ['SIEM feed', 'One event a minute, from the collector in Lyon', 'HS256', 180, null],
  ['Freeze on loss', 'Runs when a laptop is reported lost', 'ES256', 364, ['Freeze Device:View', 'Freeze Device:Perform']],
  ['Warranty check', 'Asks the makers once a week', 'ES256', 29, ['Device reports:View', 'Device Fields:View']],
];

function publicKey() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ type: 'spki', format: 'pem' });
}

/** Receivers of Event History: one that cannot be reached, one that waits, and an export's cursor. */
async function addOutputs(house, script) {
  await script.post('/outputs', { name: 'Splunk, Paris', url: 'tls://127.0.0.1:1', format: 'rfc5424' });
  await script.post('/outputs', { name: 'ArcSight', url: 'tcp://cef.example.com:514', format: 'cef', isPaused: true });
  house.ok('events', 'export', '--cursor', 'nightly archive');
}

/** APIs behind the house: one that nobody answers for, and one that is suspended; gives the first. */
async function addUpstreams(script) {
  const { upstream } = await script.post('/upstreams', { name: 'Orders', urls: ['http://127.0.0.1:9', 'http://127.0.0.1:10'], prefix: '/orders', openapi: ORDERS });
  const billing = await script.post('/upstreams', { name: 'Billing', urls: ['https://127.0.0.1:8443'], prefix: '/billing', openapi: ORDERS });
  await script.post(`/upstreams/${billing.upstream.id}/suspend`);
  return upstream;
}

/** Fills a house with the tokens of a small company, one of them used; gives them by title. */
export async function furnish(house, script) {
  const made = {};
  for (const [title, description, kind, days, permissions] of TOKENS) {
    made[title] = await script.makeToken(title, {
      description, permissions, expiresOn: day(days),
      key: kind === 'ES256' ? { kind: 'public', publicKey: publicKey(), proof: null } : { kind: 'generate' },
      approvedAddresses: title === 'SIEM feed' ? ['203.0.113.0/24', '2001:db8::/32'] : [],
    });
  }
  await script.post(`/tokens/${made['Patch dashboard'].token.id}/suspend`);
  const { id: rolled } = made['Warranty check'].token;
  const { etag } = await script.ask('GET', `/tokens/${rolled}`);
  await script.ask('POST', `/tokens/${rolled}/roll`, { key: { kind: 'generate' }, title: 'Warranty check, new key' }, { 'if-match': etag });
  const { token, secretKey } = made['Nightly inventory export'];
  const signer = { id: token.id, alg: 'HS256', key: createSecretKey(secretKey, 'utf8') };
  await until(() => house.ask(signer, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  for (let n = 0; n < 12; n++) {
    await house.ask(signer, 'GET', n % 4 ? '/v3/reporting/devices' : '/v3/reporting/applications', { issuedAt: Date.now() - (n === 7) * 900_000 });
  }
  await until(() => script.get(`/tokens/${token.id}`), (now) => now.lastUsedAt !== null, 30_000);
  return made;
}

export async function pagesOf(house, script) {
  fillHouse(house);
  const made = await furnish(house, script);
  await addOutputs(house, script);
  await script.post(`/tokens/${made['Helpdesk bot'].token.id}/shadow`, { permissions: ['Device reports:View', 'Device Fields:View'] });
  const upstream = await addUpstreams(script);
  const uid = async (path) => (await script.get(path)).data[0];
  const user = (await uid('/users?q=linus')).uid;
  const role = (await uid('/roles?q=Auditor')).id;
  const group = (await uid('/groups?q=Lyon')).uid;
  const device = (await uid('/devices?q=lyon-004')).deviceUid;
  const { id } = made['Nightly inventory export'].token;
  return [
    { name: 'tokens', path: '/tokens' },
    { name: 'new-token', path: '/tokens/new' },
    { name: 'token', path: `/tokens/${id}` },
    { name: 'token-permissions', path: `/tokens/${id}?tab=permissions` },
    { name: 'token-refusals', path: `/tokens/${id}?tab=refusals` },
    { name: 'token-events', path: `/tokens/${id}?tab=events` },
    { name: 'token-first-request', path: `/tokens/${id}?tab=first-request` },
    { name: 'token-roll', path: `/tokens/${made['SIEM feed'].token.id}/roll` },
    { name: 'token-rolled', path: `/tokens/${made['Warranty check'].token.id}` },
    { name: 'token-shadow', path: `/tokens/${made['Helpdesk bot'].token.id}` },
    { name: 'token-edit', path: `/tokens/${made['SIEM feed'].token.id}?edit` },
    { name: 'events', path: '/events' },
    { name: 'event', path: '/events?event=2' },
    { name: 'devices', path: '/devices' },
    { name: 'device', path: `/devices/${device}` },
    { name: 'device-applications', path: `/devices/${device}?tab=applications` },
    { name: 'import', path: '/devices/import' },
    { name: 'groups', path: '/groups' },
    { name: 'group', path: `/groups/${group}` },
    { name: 'group-people', path: `/groups/${group}?tab=people` },
    { name: 'group-edit', path: `/groups/${group}?edit` },
    { name: 'new-group', path: '/groups/new' },
    { name: 'users', path: '/users' },
    { name: 'user', path: `/users/${user}` },
    { name: 'user-edit', path: `/users/${user}?edit` },
    { name: 'new-user', path: '/users/new' },
    { name: 'roles', path: '/roles' },
    { name: 'role', path: `/roles/${role}` },
    { name: 'role-edit', path: `/roles/${role}?edit` },
    { name: 'new-role', path: '/roles/new?from=2' },
    { name: 'upstreams', path: '/upstreams' },
    { name: 'upstream', path: `/upstreams/${upstream.id}` },
    { name: 'upstream-health', path: `/upstreams/${upstream.id}?tab=health` },
    { name: 'upstream-description', path: `/upstreams/${upstream.id}?tab=description` },
    { name: 'upstream-edit', path: `/upstreams/${upstream.id}?edit` },
    { name: 'new-upstream', path: '/upstreams/new' },
    { name: 'explain', path: `/explain?token=${made['Patch dashboard'].token.id}&method=GET&path=${encodeURIComponent('/v3/reporting/devices?select=geoData')}&address=203.0.113.9` },
    { name: 'explain-calls', path: '/explain?tab=permissions-for-calls' },
    { name: 'account', path: '/account' },
    { name: 'licences', path: '/account?tab=licences' },
    { name: 'mail', path: '/account?tab=mail' },
    { name: 'outputs', path: '/account?tab=event-outputs' },
    { name: 'settings', path: '/account?tab=settings-and-limits' },
    { name: 'profile', path: '/profile' },
  ];
}
