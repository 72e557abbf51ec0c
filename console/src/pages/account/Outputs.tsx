// SPDX-License-Identifier: Apache-2.0
//
// Where Event History goes: each receiver, how far it is, what it last said, and a test.
import { useState } from 'react';
import { ActionIcon, Box, Button, Group, Menu, Text } from '@mantine/core';
import { Bookmark, CircleCheck, EllipsisVertical, Pause, Pencil, Play, Plus, Send, Trash2, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Output } from '../../api/records';
import { useSession } from '../../api/session';
import { useDeleteOutput, useOutputs, useSaveOutput, useTestOutput } from '../../ask/outputs';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { DataList } from '../../parts/DataList';
import type { Column } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { sentence } from '../../parts/FormFields';
import { Label } from '../../parts/Label';
import type { Tone } from '../../parts/Label';
import { tell, tellFailure } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { useListState } from '../../parts/useListState';
import { counted, figures } from '../../words/number';
import { OutputForm } from './OutputForm';

const FORMATS: Record<Output['format'], string> = { rfc5424: 'Syslog, RFC 5424', cef: 'Syslog, CEF', json: 'Webhook, signed JSON' };
const STATES: Record<Output['state'], [words: string, tone: Tone, icon: LucideIcon]> = {
  works: ['Works', 'active', CircleCheck], failing: ['Takes nothing', 'refused', TriangleAlert], paused: ['Paused', 'dead', Pause],
  cursor: ['Cursor', 'dead', Bookmark],
};

/** What its last test says; nothing while events themselves tell more. */
function testOf({ test }: Output): string | null {
  if (!test) return null;
  if (!test.doneAt) return 'A test is on its way';
  return test.failure ? `Test: ${test.failure}` : 'The test was taken';
}

function StateOf({ output }: { output: Output }) {
  const [words, tone, icon] = STATES[output.state];
  const said = output.state === 'failing' ? sentence(output.lastFailure ?? '') : testOf(output);
  return (
    <Box style={{ minWidth: 0 }}>
      <Label label={words} tone={tone} icon={icon} />
      {said && <Text size="xs" c="dimmed" lineClamp={2} title={said}>{said}</Text>}
    </Box>
  );
}

const COLUMNS: Column<Output>[] = [
  {
    key: 'name', title: 'Output', cell: (output) => (
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} truncate>{output.name}</Text>
        <Text size="xs" c="dimmed" className="mono" truncate title={output.url ?? undefined}>{output.url ?? 'tokenhouse events export'}</Text>
      </Box>
    ),
  },
  { key: 'format', title: 'As', width: 176, cell: (output) => (output.kind === 'export' ? 'Exports of a command' : FORMATS[output.format]) },
  { key: 'state', title: 'State', width: 264, cell: (output) => <StateOf output={output} /> },
  {
    key: 'lag', title: 'Behind', width: 112, isRight: true,
    cell: (output) => <span title={`It has taken event ${figures(output.cursor)}`}>{output.lag === 0 ? 'Nothing' : counted(output.lag, 'event')}</span>,
  },
  { key: 'taken', title: 'Last took', width: 128, cell: (output) => (output.takenAt ? <Time at={output.takenAt} /> : 'Never') },
];

function Acts({ output, onChange, onDelete }: { output: Output; onChange: () => void; onDelete: () => void }) {
  const test = useTestOutput();
  const save = useSaveOutput(output);
  const pause = () => save.mutate({ isPaused: !output.isPaused }, {
    onError: tellFailure,
    onSuccess: () => tell(output.isPaused ? `“${output.name}” goes on where it was.` : `“${output.name}” is paused; events wait for it.`),
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={32} aria-label={`Acts on ${output.name}`}><EllipsisVertical size={16} aria-hidden /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {output.kind !== 'export' && (
          <>
            <Menu.Item leftSection={<Send size={16} aria-hidden />}
              onClick={() => test.mutate(output, { onError: tellFailure, onSuccess: () => tell(`A test goes to “${output.name}”.`) })}>Send a test</Menu.Item>
            <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={onChange}>Change</Menu.Item>
            <Menu.Item leftSection={output.isPaused ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />} onClick={pause}>
              {output.isPaused ? 'Go on' : 'Pause'}
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<Trash2 size={16} aria-hidden />} color="red" onClick={onDelete}>Remove</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Removal({ output, onClose }: { output: Output; onClose: () => void }) {
  const removal = useDeleteOutput();
  return (
    <ConfirmByTitle isOpen onClose={onClose} act="Remove output" title={output.name} what="name" isPending={removal.isPending} error={removal.error}
      onConfirm={() => removal.mutate(output, {
        onSuccess: () => {
          tell(`“${output.name}” is removed.`);
          onClose();
        },
      })}>
      {output.kind === 'export' ? 'The next export with this name begins with the first event again.'
        : 'Events do not go there any more. Where it was is forgotten: added again, it begins with the first event, or from then on.'}
    </ConfirmByTitle>
  );
}

export function Outputs() {
  const { may } = useSession();
  const mayManage = may('Settings:Manage');
  const state = useListState({ pageSize: 500 });
  const outputs = useOutputs();
  const [edited, setEdited] = useState<Output | 'new' | null>(null);
  const [removed, setRemoved] = useState<Output | null>(null);
  const acts: Column<Output> = {
    key: 'acts', title: 'Acts', width: 64, isRight: true,
    cell: (output) => <Acts output={output} onChange={() => setEdited(output)} onDelete={() => setRemoved(output)} />,
  };
  const add = mayManage && (
    <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => setEdited('new')}>Add output</Button>
  );
  const isThere = outputs.data && outputs.data.data.length > 0;
  return (
    <>
      {isThere && (
        <Group justify="space-between" mb="md" gap="sm">
          <Text size="sm" c="dimmed">Each event goes to each of these at least once, in order, without a gap.</Text>
          {add}
        </Group>
      )}
      <DataList label="Event outputs" one="output" rows={outputs} columns={mayManage ? [...COLUMNS, acts] : COLUMNS} state={state} rowHeight={64}
        rowKey={(output) => output.uid} empty={<EmptyState words="Event History goes nowhere else. Send it to a syslog server, a SIEM or a webhook.">{add}</EmptyState>} />
      {edited && <OutputForm output={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {removed && <Removal output={removed} onClose={() => setRemoved(null)} />}
    </>
  );
}
