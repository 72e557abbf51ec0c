// SPDX-License-Identifier: Apache-2.0
//
// A device's document for people: which section each of its fields belongs to. What is in
// no row below is shown all the same, under "More".
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$/;

export function isMoment(value: unknown): value is string {
  return typeof value === 'string' && MOMENT.test(value);
}

/** The codes of the vendor's API that lists and facts show. */
const CODES: Record<string, Record<string, string>> = {
  agentStatus: { A: 'Active', I: 'Inactive', D: 'Disabled' },
  encryptionStatus: {
    ENCR: 'Encrypted', INST: 'Installed, not encrypted', USENCR: 'Used space encrypted', SUSP: 'Suspended', UNKN: 'Unknown',
    INPR: 'Encrypting', DECRINPR: 'Decrypting',
  },
};

/** A code in words; what is no code stays as it is. */
export function codeInWords(name: string, value: unknown): unknown {
  return typeof value === 'string' ? CODES[name]?.[value] ?? value : value;
}

export interface Section {
  name: string;
  fields: [name: string, value: unknown][];
}

/** THE SECTION TABLE. A name that ends with * stands for all that begin like it. */
const SECTIONS: [string, string[]][] = [
  ['System', ['deviceName', 'fullSystemName', 'esn', 'deviceUid', 'serialNumber', 'systemManufacturer', 'systemModel', 'systemType', 'chassisType',
    'classification', 'platformOSType', 'username', 'currentUsername', 'domain', 'locale', 'timeZone', 'firstCallDateTimeUtc',
    'lastConnectedDateTimeUtc', 'lastUpdatedDateTimeUtc', 'avgMinutesInUse', 'origin', 'orgUnits', 'policyGroupName', 'policyGroupUid']],
  ['Operating system', ['operatingSystem', 'bootDevice', 'systemDirectory', 'pageFile', 'pageFileSpaceBytes', 'systemIntegrityProtectionStatus']],
  ['Hardware', ['bios', 'cpu', 'memories', '*RamBytes', '*MemoryBytes', 'disks', 'volumes', 'battery', 'displays', 'videoAdapters', 'keyboards',
    'pointingDevices', 'printers', 'cameras', 'cdRoms', 'soundCards', 'usb*']],
  ['Network', ['localIp', 'localIpAddress', 'publicIp', 'publicIpAddress', 'defaultGateway', 'networkSSID', 'bssId', 'networkAdapters',
    'bluetoothAdapters', 'cellularModems', 'currentNetworkName', 'homeNetworkName', 'imei', 'imsi', 'phoneNumber', 'rilSerialNumber']],
  ['Security', ['espInfo', 'avpInfo', 'aspInfo', 'rsvpStatus', 'isStolen', 'deviceFreeze*', 'freezePolicyUid', 'deviceStatus', 'latestEvent']],
  ['Agent', ['agentStatus', 'agentVersion', 'persistentAgentVersion', 'ctesVersion', 'isCTESActive', '*Status', 'src', 'accountUid']],
  ['Watched applications', ['rnr*']],
  ['Licences', ['licenseBase', 'licenseAddon']],
  ['Location', ['geoData']],
  ['Directory', ['activeDirectoryData', 'gssSyncData']],
  ['Custom fields', ['customFields']],
];

function fits(pattern: string, name: string): boolean {
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every(isNothing);
}

/** The device's fields in sections; those that hold nothing are left out. */
export function sectionsOf(device: Record<string, unknown>): Section[] {
  const left = new Map(Object.entries(device).filter(([name, value]) => name !== 'deviceGroupIds' && name !== 'applications' && !isNothing(value)));
  const sections = SECTIONS.map(([name, patterns]): Section => {
    const fields: Section['fields'] = [];
    for (const pattern of patterns) {
      for (const [field, value] of left) {
        if (!fits(pattern, field)) continue;
        fields.push([field, value]);
        left.delete(field);
      }
    }
    return { name, fields };
  });
  return [...sections, { name: 'More', fields: [...left] }].filter((section) => section.fields.length > 0);
}

const BYTES = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** "15.6 GiB" */
export function bytesInWords(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (Math.abs(size) >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${BYTES.format(size)} ${UNITS[unit]}`;
}

/** Names of the vendor's that end with what they count in. */
export function isBytes(name: string): boolean {
  return /(bytes|Bytes)$/.test(name);
}
