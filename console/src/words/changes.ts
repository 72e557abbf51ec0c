// SPDX-License-Identifier: Apache-2.0
//
// What an event says, in words for people: what was, what is, name by name.
export type Details = Record<string, unknown>;

export interface Change {
  name: string;
  was: string;
  is: string;
  /** Of a list: what came and what went. */
  added: string[];
  removed: string[];
  isList: boolean;
}

/** What people call it, where the names of the API say less. */
const NAMES: Record<string, string> = {
  uid: 'ID', id: 'ID', email: 'E-mail', liveRights: 'Live rights', allowBearer: 'Bearer tokens', orderNo: 'Order number',
  publicKeySha256: 'Public key (SHA-256)', isSuspended: 'Suspended', mustChangePassword: 'Must change password',
  hasSecondFactor: 'Second factor', urls: 'Addresses', openapiSha256: 'Description (SHA-256)', overlaySha256: 'Overlay (SHA-256)',
  tlsCaFile: 'TLS authorities', tlsCertificateFile: 'TLS certificate', tlsKeyFile: 'TLS key', tlsServerName: 'TLS name',
  requestId: 'Request ID', platformOSType: 'Platform', install: 'Installed',
};
const CAPITALS = new Set(['api', 'bios', 'cpu', 'dhcp', 'dns', 'esn', 'gpu', 'imei', 'imsi', 'ip', 'mac', 'os', 'ram', 'ssid', 'url', 'usb']);

function isObject(value: unknown): value is Details {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `approvedAddresses` → "Approved addresses" */
export function nameInWords(name: string): string {
  const known = NAMES[name];
  if (known) return known;
  const words = name.replace(/_/g, ' ').replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2').toLowerCase()
    .split(' ').map((word) => (CAPITALS.has(word) ? word.toUpperCase() : word === 'uid' ? 'ID' : word)).join(' ')
    .replace(/\bIP v(\d)/, 'IPv$1');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function valueInWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueInWords).join(', ');
  if (isObject(value)) {
    return Object.entries(value).map(([name, one]) => `${nameInWords(name)}: ${valueInWords(one)}`).join('; ');
  }
  return String(value);
}

/** Facts that belong to neither before nor after. */
export function factsOf(details: Details): [string, string][] {
  const { before: _before, after: _after, action: _action, ...rest } = details;
  return Object.entries(rest).map(([name, value]) => [nameInWords(name), valueInWords(value)]);
}

/** What was before and after; empty unless the event has both. */
export function changesOf({ before, after }: Details): Change[] {
  if (!isObject(before) || !isObject(after)) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => {
    const [was, is] = [before[name], after[name]];
    const isList = Array.isArray(was) || Array.isArray(is);
    const wasAll = Array.isArray(was) ? was.map(valueInWords) : [];
    const isAll = Array.isArray(is) ? is.map(valueInWords) : [];
    return {
      name: nameInWords(name), was: valueInWords(was), is: valueInWords(is), isList,
      added: isAll.filter((one) => !wasAll.includes(one)), removed: wasAll.filter((one) => !isAll.includes(one)),
    };
  });
}

/** All that was (a thing deleted) or is (a thing made), where there is only one of them. */
export function stateOf({ before, after }: Details): [string, string][] {
  if (isObject(before) && isObject(after)) return [];
  const one = isObject(after) ? after : isObject(before) ? before : {};
  return Object.entries(one).map(([name, value]) => [nameInWords(name), valueInWords(value)]);
}

const SHOWN = 3;

/** One line for a table, where there are no changes to show. */
export function detailsInShort(details: Details): string {
  const changes = changesOf(details);
  if (changes.length > 0) return `Changed: ${changes.map((change) => change.name.toLowerCase()).join(', ')}`;
  return [...factsOf(details), ...stateOf(details)].filter(([, value]) => value !== '–' && value !== 'none' && value.length < 80)
    .slice(0, SHOWN).map(([name, value]) => `${name}: ${value}`).join('; ');
}
