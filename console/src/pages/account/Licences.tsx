// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { ActionIcon, Box, Button, Group, Text } from '@mantine/core';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import type { Licence } from '../../api/records';
import { useSession } from '../../api/session';
import { useDeleteLicence, useLicences } from '../../ask/account';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { Label } from '../../parts/Label';
import { tell } from '../../parts/notices';
import { useListState } from '../../parts/useListState';
import { figures } from '../../words/number';
import { dayInWords, todayUtc } from '../../words/time';
import { LicenceForm } from './LicenceForm';

function StateOf({ licence }: { licence: Licence }) {
  const today = todayUtc();
  if (licence.startsOn > today) return <Label label="Not begun" tone="soon" />;
  return <Label label={licence.endsOn && licence.endsOn < today ? 'Expired' : 'Active'} />;
}

const COLUMNS: Column<Licence>[] = [
  {
    key: 'name', title: 'Product', cell: (licence) => (
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate>{licence.name}</Text>
        <Text size="xs" c="dimmed" truncate>{licence.orderNo ? `Order ${licence.orderNo}` : 'No order number'}</Text>
      </Box>
    ),
  },
  { key: 'state', title: 'State', width: 136, cell: (licence) => <StateOf licence={licence} /> },
  { key: 'from', title: 'First day', width: 168, cell: (licence) => dayInWords(licence.startsOn) },
  { key: 'to', title: 'Last day', width: 168, cell: (licence) => (licence.endsOn ? dayInWords(licence.endsOn) : 'No end') },
  { key: 'seats', title: 'Seats', width: 112, isRight: true, cell: (licence) => (licence.seatCount === 0 ? 'No limit' : figures(licence.seatCount)) },
];

function Deletion({ licence, onClose }: { licence: Licence; onClose: () => void }) {
  const deletion = useDeleteLicence();
  return (
    <ConfirmByTitle isOpen onClose={onClose} act="Delete licence" title={licence.name} what="product" isPending={deletion.isPending} error={deletion.error}
      onConfirm={() => deletion.mutate(licence.uid, {
        onSuccess: () => {
          tell(`The licence “${licence.name}” is deleted.`);
          onClose();
        },
      })}>
      Requests for resources that only this licence covers are refused from then on. This cannot be undone; it can be added again.
    </ConfirmByTitle>
  );
}

export function Licences() {
  const { may } = useSession();
  const mayManage = may('Licenses:Manage');
  const state = useListState({ pageSize: 500 });
  const licences = useLicences();
  const [edited, setEdited] = useState<Licence | 'new' | null>(null);
  const [deleted, setDeleted] = useState<Licence | null>(null);
  const rows = { ...licences, data: licences.data && { data: licences.data, next: null, total: licences.data.length } };
  const acts: Column<Licence> = {
    key: 'acts', title: 'Change', width: 96, isRight: true, cell: (licence) => (
      <Group gap={4} wrap="nowrap" justify="flex-end">
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={32} aria-label={`Change ${licence.name}`} onClick={() => setEdited(licence)}>
          <Pencil size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={32} aria-label={`Delete ${licence.name}`} onClick={() => setDeleted(licence)}>
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      </Group>
    ),
  };
  const add = mayManage && (
    <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => setEdited('new')}>Add licence</Button>
  );
  return (
    <>
      {licences.data && licences.data.length > 0 && add && <Group justify="flex-end" mb="md">{add}</Group>}
      <DataList label="Licences" one="licence" rows={rows} columns={mayManage ? [...COLUMNS, acts] : COLUMNS} state={state}
        rowKey={(licence) => licence.uid} empty={<EmptyState words="No licences. Resources that need one are refused; those that need none work.">{add}</EmptyState>} />
      {edited && <LicenceForm licence={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {deleted && <Deletion licence={deleted} onClose={() => setDeleted(null)} />}
    </>
  );
}
