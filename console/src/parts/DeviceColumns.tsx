// SPDX-License-Identifier: Apache-2.0
//
// THE COLUMN TABLE of devices: those that a person may choose from, and the usual ones.
import { Box, Text } from '@mantine/core';
import type { Device } from '../api/records';
import { valueInWords } from '../words/changes';
import { codeInWords, isMoment } from '../words/device';
import type { Column } from './DataList';
import { Time } from './Time';

export function deviceName(device: Device): string {
  return device.deviceName || (device.fullSystemName as string | undefined) || device.esn || device.deviceUid;
}

export const DEVICE_NAME: Column<Device> = {
  key: 'deviceName', title: 'Device', sort: 'deviceName', width: 184, cell: (device) => (
    <Box style={{ minWidth: 0 }}>
      <Text size="sm" fw={500} truncate className="row-title">{deviceName(device)}</Text>
      <Text size="xs" c="dimmed" truncate>{device.esn ?? ''}</Text>
    </Box>
  ),
};

/** The value at a path, "operatingSystem.name". */
function valueAt(device: Device, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], device);
}

function column(path: string, title: string, { sort, width = 176, isMono = false }: { sort?: string; width?: number; isMono?: boolean } = {}):
Column<Device> {
  return {
    key: path, title, sort, width, cell: (device) => {
      const value = codeInWords(path.slice(path.lastIndexOf('.') + 1), valueAt(device, path));
      if (isMoment(value)) return <Time at={value} />;
      const words = valueInWords(value);
      return <Text size="sm" truncate title={words} className={isMono ? 'mono' : undefined}>{words}</Text>;
    },
  };
}

export const DEVICE_SYSTEM = column('operatingSystem.name', 'Operating system', { width: 184 });
export const DEVICE_SERIAL = column('serialNumber', 'Serial number', { sort: 'serialNumber', width: 136 });
export const DEVICE_UPDATED = column('lastUpdatedDateTimeUtc', 'Last updated', { sort: 'lastUpdatedDateTimeUtc', width: 128 });

/** What can be shown beside the name, in the order of the table. */
export const DEVICE_COLUMNS: Column<Device>[] = [
  DEVICE_SYSTEM,
  column('platformOSType', 'Platform', { sort: 'platformOSType', width: 128 }),
  DEVICE_SERIAL,
  column('systemManufacturer', 'Manufacturer', { width: 152 }),
  column('systemModel', 'Model', { sort: 'systemModel', width: 160 }),
  column('systemType', 'Type', { sort: 'systemType', width: 128 }),
  column('username', 'User', { width: 112 }),
  column('currentUsername', 'Current user', { width: 144 }),
  column('agentStatus', 'Agent', { sort: 'agentStatus', width: 104 }),
  column('agentVersion', 'Agent version', { width: 128 }),
  column('localIp', 'Local IP', { width: 144, isMono: true }),
  column('publicIp', 'Public IP', { width: 144, isMono: true }),
  column('networkSSID', 'Network', { width: 144 }),
  column('domain', 'Domain', { width: 144 }),
  column('espInfo.encryptionStatus', 'Encryption', { width: 152 }),
  column('avpInfo.antivirusName', 'Antivirus', { width: 152 }),
  column('policyGroupName', 'Policy group', { width: 152 }),
  column('lastConnectedDateTimeUtc', 'Last connected', { width: 136 }),
  DEVICE_UPDATED,
];

export const USUAL_COLUMNS = ['operatingSystem.name', 'serialNumber', 'systemModel', 'username', 'agentStatus', 'lastUpdatedDateTimeUtc'];
