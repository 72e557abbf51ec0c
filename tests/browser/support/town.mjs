// SPDX-License-Identifier: Apache-2.0
//
// A house with something in it: people, roles, device groups in folders, devices with
// applications, licences where the admin API is asked. All of it made by commands.
import { addUser } from './browser.mjs';

const MODELS = [
  ['ThinkPad T14 Gen 5', 'LENOVO', 'Windows 11 Enterprise', 'Windows'], ['MacBook Pro 14', 'Apple Inc.', 'macOS 15.7', 'macOS'],
  ['Latitude 7450', 'Dell Inc.', 'Windows 11 Enterprise', 'Windows'], ['Precision 3680', 'Dell Inc.', 'Debian GNU/Linux 13 (trixie)', 'Linux'],
];
const PLACES = ['Lyon', 'Montreal', 'Porto', 'Graz'];
const PEOPLE = ['amélie', 'benoit', 'chiara', 'dmitri', 'ewa', 'farid', 'grace'];
const APPLICATIONS = [
  ['Firefox', 'Mozilla', '145.0.1'], ['LibreOffice', 'The Document Foundation', '25.8.3'], ['Visual Studio Code', 'Microsoft Corporation', '1.106.2'],
  ['7-Zip', 'Igor Pavlov', '25.01'], ['Git', 'The Git Development Community', '2.52.0'],
];
const MEMORY = 8 * 2 ** 30;

/** A device as an inventory knows one; the same number gives the same device. */
export function device(number) {
  const [systemModel, systemManufacturer, system, platformOSType] = MODELS[number % MODELS.length];
  const place = PLACES[number % PLACES.length];
  const day = String(1 + (number % 26)).padStart(2, '0');
  return {
    esn: `35D6F3972${String(number).padStart(11, '0')}`, deviceName: `${place.toLowerCase()}-${String(number).padStart(3, '0')}`,
    fullSystemName: `${place.toLowerCase()}-${String(number).padStart(3, '0')}.example.com`, serialNumber: `PF3${String(number * 7919 % 100000).padStart(5, '0')}`,
    systemModel, systemManufacturer, platformOSType, systemType: 'x64-based PC', agentStatus: number % 9 === 8 ? 'I' : 'A', agentVersion: '8.4.0.12',
    username: PEOPLE[number % PEOPLE.length], currentUsername: PEOPLE[number % PEOPLE.length], domain: 'EXAMPLE', localIp: `192.0.2.${10 + (number % 200)}`,
    publicIp: `203.0.113.${number % 250}`, networkSSID: `${place} office`, timeZone: 'Europe/Paris',
    lastUpdatedDateTimeUtc: `2026-11-${day}T08:15:00.000Z`, lastConnectedDateTimeUtc: `2026-11-${day}T09:30:00.000Z`,
    operatingSystem: { name: system, architecture: '64-bit', build: '26100', installDateTimeUtc: '2025-03-02T10:00:00.000Z' },
    cpu: { name: 'Intel(R) Core(TM) Ultra 7 155U', logicalCores: 14, physicalCores: 12, processorSpeed: 1700 },
    memories: [{ slot: 'DIMM A', sizeBytes: MEMORY, speed: 5600, type: 'DDR5' }, { slot: 'DIMM B', sizeBytes: MEMORY, speed: 5600, type: 'DDR5' }],
    totalPhysicalRamBytes: 2 * MEMORY,
    disks: [{ name: 'nvme0', model: 'SAMSUNG MZVL2512', sizeBytes: 512110190592, mediaType: 'SSD', serialNumber: 'S6CKNF0W' }],
    networkAdapters: [
      { name: 'Wi-Fi', macAddress: '02:fc:00:00:00:01', ipV4Address: `192.0.2.${10 + (number % 200)}`, networkSSID: `${place} office` },
      { name: 'Ethernet', macAddress: '02:fc:00:00:00:02', ipV4Address: '', networkSSID: '' },
    ],
    espInfo: { encryptionStatus: 'ENCR', encryptionProductName: 'BitLocker', encryptionAlgorithm: 'XTS-AES', encryptionKeySize: 256 },
    avpInfo: { antivirusName: 'Microsoft Defender', antivirusVersion: '4.18.25110' },
    applications: APPLICATIONS.map(([appName, appPublisher, appVersion]) => ({
      appName, appPublisher, appVersion, installDateTimeUtc: '2026-04-01T12:00:00.000Z', installPath: `C:\\Program Files\\${appName}`,
    })),
  };
}

export function devices(count) {
  return Array.from({ length: count }, (_, number) => device(number));
}

/** Fills a house. */
export function fillHouse(house, { deviceCount = 24 } = {}) {
  house.ok('device', 'import', house.file('devices.json', JSON.stringify(devices(deviceCount))));
  house.ok('role', 'add', 'Auditor', '--permission', 'Audit Event History:View', '--permission', 'Users:View', '--permission', 'User roles:View',
    '--permission', 'Device reports:View', '--permission', 'Device Fields:View', '--permission', 'Settings:View', '--permission', 'Licenses:View',
    '--permission', 'Device Groups and folders:View');
  house.ok('group', 'add', 'Lyon', '--folder', 'Europe/France', '--description', 'Everything in the office at the Rhône');
  house.ok('group', 'add', 'Porto', '--folder', 'Europe/Portugal');
  house.ok('group', 'add', 'Montreal', '--folder', 'America/Canada', '--description', 'Laptops and the render farm');
  house.ok('group', 'add', 'Loan devices', '--description', 'Handed out at the counter');
  addUser(house, 'grace@example.com', { name: 'Grace Hopper' });
  addUser(house, 'tim@example.com', { name: 'Tim Berners-Lee', role: 'Auditor' });
  addUser(house, 'linus@example.com', { name: 'Linus Torvalds', role: 'Power User', mustChange: true });
  addUser(house, 'radia@example.com', { name: 'Radia Perlman', role: 'Guest User' });
  house.ok('user', 'suspend', 'radia@example.com');
  for (const [group, from] of [['Lyon', 0], ['Montreal', 1], ['Porto', 2]]) {
    const esns = devices(deviceCount).filter((_, number) => number % 4 === from).slice(0, 6).map((one) => one.esn);
    house.ok('group', 'assign', group, ...esns.flatMap((esn) => ['--device', esn]));
  }
  house.ok('group', 'assign', 'Lyon', '--user', 'linus@example.com');
}
