// SPDX-License-Identifier: Apache-2.0
import { Box, Text } from '@mantine/core';
import type { UpstreamRow } from '../../api/records';
import { useSession } from '../../api/session';
import { useUpstreams } from '../../ask/upstreams';
import { CreateButton } from '../../parts/CreateButton';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { PageHead } from '../../parts/PageHead';
import { Time } from '../../parts/Time';
import { UpstreamStateLabel } from '../../parts/UpstreamState';
import { useListState } from '../../parts/useListState';
import { figures } from '../../words/number';

const COLUMNS: Column<UpstreamRow>[] = [
  {
    key: 'name', title: 'Upstream', cell: (row) => (
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate className="row-title">{row.name}</Text>
        <Text size="xs" c="dimmed" className="mono" fz={12} truncate>{row.prefix || '/'}</Text>
      </Box>
    ),
  },
  {
    key: 'urls', title: 'Addresses', card: 'whole', cell: (row) => (
      <Box style={{ minWidth: 0 }} title={row.urls.join('\n')}>
        <Text size="sm" className="mono" truncate>{row.urls[0]}</Text>
        {row.urls.length > 1 && <Text size="xs" c="dimmed">and {figures(row.urls.length - 1)} more</Text>}
      </Box>
    ),
  },
  {
    key: 'operations', title: 'Operations', width: 136, isRight: true, cell: (row) => (row.isSuspended ? '–' : (
      <>
        <Text size="sm">{figures(row.operationCount)}</Text>
        {row.refusedCount > 0 && <Text size="xs" c="dimmed">{figures(row.refusedCount)} refused</Text>}
      </>
    )),
  },
  { key: 'state', title: 'State', width: 160, card: 'head', cell: (row) => <UpstreamStateLabel state={row.state} /> },
  { key: 'changed', title: 'Modified', width: 136, isWideOnly: true, cell: (row) => <Time at={row.changedAt} /> },
];

export default function UpstreamsPage() {
  const { may } = useSession();
  const state = useListState({ pageSize: 500 });
  const add = may('Upstreams:Manage') && <CreateButton path="/upstreams/new" words="Add upstream" />;
  const rows = useUpstreams();
  const isThere = !!rows.data && rows.data.data.length > 0;
  return (
    <>
      <PageHead title="Upstreams" hint="APIs that stand behind the door: what may be asked of them, by which tokens, is decided here; the APIs hear only who it was.">
        {isThere && add}
      </PageHead>
      <DataList label="Upstreams" one="upstream" rows={rows} columns={COLUMNS} state={state}
        rowKey={(row) => row.id} rowPath={(row) => `/upstreams/${row.id}`}
        empty={(
          <EmptyState words="No API stands behind the door yet. Give an OpenAPI description and an address: from then on that API has tokens, permissions and a record, without a line of code in it.">
            {add}
          </EmptyState>
        )} />
    </>
  );
}
