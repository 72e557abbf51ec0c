// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Group, Popover, ScrollArea, Stack } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { Columns3 } from 'lucide-react';
import { DEVICE_COLUMNS, USUAL_COLUMNS } from '../../parts/DeviceColumns';

/** The columns this person wants to see, remembered by this browser. */
export function useChosenColumns() {
  return useLocalStorage<string[]>({ key: 'tokenhouse-device-columns', defaultValue: USUAL_COLUMNS, getInitialValueInEffect: false });
}

export function ColumnChooser({ chosen, onChoose }: { chosen: string[]; onChoose: (keys: string[]) => void }) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus width={248}>
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={16} aria-hidden />}>Columns</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Checkbox.Group value={chosen} onChange={onChoose} aria-label="Columns">
          <ScrollArea.Autosize mah={360} type="auto" offsetScrollbars viewportProps={{ tabIndex: -1 }}>
            <Stack gap={10} p={4}>
              {DEVICE_COLUMNS.map((column) => <Checkbox key={column.key} value={column.key} label={column.title} />)}
            </Stack>
          </ScrollArea.Autosize>
        </Checkbox.Group>
        <Group justify="flex-end" mt="sm">
          <Button size="xs" variant="default" onClick={() => onChoose(USUAL_COLUMNS)}>Usual columns</Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
