// SPDX-License-Identifier: Apache-2.0
//
// EVERY PAGE of the console, with something on it. A new page is one row here: then axe
// looks at it in light and dark, it is measured at 360 px, and `make screens` draws it.
import { createSecretKey } from 'node:crypto';
import { until } from '../../flow/support/house.mjs';

const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

const TOKENS = [
  ['Nightly inventory export', 'Copies devices into the CMDB', 90, ['Device reports:View', 'Device Fields:View']],
  ['Helpdesk bot', 'Looks devices up for the service desk', 2, null],
  ['Patch dashboard', '', 30, ['Software reports:View']],
  ['SIEM feed', 'One event a minute, from the collector in Lyon', 180, null],
  ['Freeze on loss', 'Runs when a laptop is reported lost', 364, ['Freeze Device:View', 'Freeze Device:Perform']],
];

/** Fills a house with what a small company has; gives its tokens by title. */
export async function furnish(house, script) {
  const made = {};
  for (const [title, description, days, permissions] of TOKENS) {
    made[title] = await script.makeToken(title, {
      description, permissions, expiresOn: day(days),
      approvedAddresses: title === 'SIEM feed' ? ['203.0.113.0/24', '2001:db8::/32'] : [],
    });
  }
  await script.post(`/tokens/${made['Patch dashboard'].token.id}/suspend`);
  const busy = made['Nightly inventory export'];
  const signer = { id: busy.token.id, alg: 'HS256', key: createSecretKey(busy.secretKey, 'utf8') };
  await until(() => house.ask(signer, 'GET', '/v3/whoami'), (answer) => answer.status === 200);
  for (let n = 0; n < 12; n++) await house.ask(signer, 'GET', n % 4 ? '/v3/reporting/devices' : '/v3/reporting/applications');
  return made;
}

export async function pagesOf(house, script) {
  const made = await furnish(house, script);
  const { id } = made['Nightly inventory export'].token;
  return [
    { name: 'tokens', path: '/tokens' },
    { name: 'new-token', path: '/tokens/new' },
    { name: 'token', path: `/tokens/${id}` },
    { name: 'token-permissions', path: `/tokens/${id}?tab=permissions` },
    { name: 'token-refusals', path: `/tokens/${id}?tab=refusals` },
    { name: 'token-events', path: `/tokens/${id}?tab=events` },
    { name: 'token-first-request', path: `/tokens/${id}?tab=first-request` },
    { name: 'token-edit', path: `/tokens/${made['SIEM feed'].token.id}?edit` },
  ];
}
