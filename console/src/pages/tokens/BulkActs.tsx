// SPDX-License-Identifier: Apache-2.0
//
// What can be done to all tokens that the filters find.
import { useState } from 'react';
import { Button, Menu } from '@mantine/core';
import { ListChecks, Pause, Trash2 } from 'lucide-react';
import type { BulkAct } from '../../api/types';
import type { ListState } from '../../parts/useListState';
import { counted } from '../../words/number';
import { BulkDialog } from './BulkDialog';

export function BulkActs({ state, total }: { state: ListState; total: number | null }) {
  const [act, setAct] = useState<BulkAct | null>(null);
  const { sort: _, pageSize: __, after: ___, ...filter } = state.query;
  return (
    <>
      <Menu position="bottom-end" width={208}>
        <Menu.Target>
          <Button variant="default" size="sm" leftSection={<ListChecks size={16} aria-hidden />}>
            {total === null ? 'All that are found' : `All ${counted(total, 'token')} found`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Pause size={16} aria-hidden />} onClick={() => setAct('suspend')}>Suspend them</Menu.Item>
          <Menu.Item c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setAct('delete')}>Delete them</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {act && <BulkDialog act={act} filter={filter} onClose={() => setAct(null)} />}
    </>
  );
}
