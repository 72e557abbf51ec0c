// SPDX-License-Identifier: Apache-2.0
//
// Filters that are wanted less often: device group, unused for so long, made before a day.
import { useState } from 'react';
import { Button, NumberInput, Popover, Select, Stack, TextInput } from '@mantine/core';
import { ListFilter } from 'lucide-react';
import { useSession } from '../../api/session';
import { useGroups } from '../../ask/groups';
import { groupInWords } from '../../parts/GroupsField';
import type { ListState } from '../../parts/useListState';
import { isDate } from '../../words/time';

const NAMES = ['group', 'unusedDays', 'madeBefore'] as const;

export function MoreFilters({ state }: { state: ListState }) {
  const { session, may } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [before, setBefore] = useState(state.value('madeBefore'));
  const seesGroups = session.user.isSystemAdmin && may('Device Groups and folders:View');
  const groups = useGroups(seesGroups && isOpen);
  const count = NAMES.filter((name) => state.value(name)).length;
  const isWrong = before !== '' && !isDate(before);
  return (
    <Popover opened={isOpen} position="bottom-start" shadow="md" width={272} trapFocus returnFocus
      onChange={(open) => { setOpen(open); if (open) setBefore(state.value('madeBefore')); }}>
      <Popover.Target>
        <Button variant={count > 0 ? 'light' : 'default'} size="sm" leftSection={<ListFilter size={16} aria-hidden />}
          onClick={() => setOpen(!isOpen)}>{count > 0 ? `More filters (${count})` : 'More filters'}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="More filters">
        <Stack gap="sm">
          {seesGroups && (
            <Select label="Device group" placeholder="Any" searchable clearable value={state.value('group') || null}
              comboboxProps={{ withinPortal: false }} clearButtonProps={{ 'aria-label': 'Any device group' }}
              onChange={(uid) => state.set({ group: uid ?? '' })} nothingFoundMessage="No group is named like that" limit={100}
              data={(groups.data ?? []).map((group) => ({ value: group.uid, label: groupInWords(group) }))} />
          )}
          <NumberInput label="Unused for so many days" placeholder="Any" min={1} max={3650} allowDecimal={false} allowNegative={false}
            hideControls value={state.value('unusedDays') === '' ? '' : Number(state.value('unusedDays'))}
            onChange={(days) => state.set({ unusedDays: days === '' ? '' : String(days), isUnused: '' }, true)} />
          <TextInput label="Made before" placeholder="YYYY-MM-DD" maxLength={10} inputMode="numeric" classNames={{ input: 'figures' }}
            value={before} error={isWrong && before.length === 10 ? 'Enter a date as YYYY-MM-DD.' : undefined}
            onChange={(event) => {
              const text = event.currentTarget.value.trim();
              setBefore(text);
              if (text === '' || isDate(text)) state.set({ madeBefore: text }, true);
            }} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
