// SPDX-License-Identifier: Apache-2.0
import { Alert, Box, Button, Group, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { CircleCheck, Download, FileText, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { Import } from '../../api/records';
import { FileDrop } from '../../parts/FileDrop';
import { Fault } from '../../parts/Fault';
import { PageHead } from '../../parts/PageHead';
import { sentence } from '../../parts/FormFields';
import { useUnsaved } from '../../parts/useUnsaved';
import { bytesInWords } from '../../words/device';
import { download } from '../../words/download';
import { counted, figures } from '../../words/number';
import { useImport } from './useImport';
import type { ImportWalk } from './useImport';

const SHOWN_BAD = 200;

function Choose({ onFile }: { onFile: (file: File) => void }) {
  return (
    <FileDrop label="File of devices" accept=".json,.jsonl,.ndjson,.csv,application/json,text/csv" onFile={onFile} hint={(
      <>
        JSON (a list, <span className="mono">{'{"data": […]}'}</span>, or one device a line) or CSV with a first row of field names, dots leading
        into objects: <span className="mono">deviceName,serialNumber,operatingSystem.name</span>. Each row needs
        a <span className="mono">deviceUid</span> or an <span className="mono">esn</span>; a device that is there already is brought up to date.
      </>
    )} />
  );
}

function FileLine({ file }: { file: File }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <FileText size={20} aria-hidden color="var(--mantine-color-dimmed)" style={{ flexShrink: 0 }} />
      <Box style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} className="wrap-anywhere">{file.name}</Text>
        <Text size="xs" c="dimmed">{bytesInWords(file.size)}</Text>
      </Box>
    </Group>
  );
}

function Working({ walk, file }: { walk: ImportWalk; file: File }) {
  const isRunning = walk.now !== null;
  const part = file.size === 0 ? 100 : (walk.sent / file.size) * 100;
  const words = isRunning ? `${counted(walk.now!.rows, 'row')} read` : `${bytesInWords(walk.sent)} of ${bytesInWords(file.size)} sent`;
  return (
    <Stack gap="md" className="panel" p="lg">
      <FileLine file={file} />
      <Progress.Root size="lg">
        <Progress.Section value={isRunning ? 100 : part} animated={isRunning} striped={isRunning}
          aria-label={isRunning ? 'The devices are being read' : 'The file is being sent'} />
      </Progress.Root>
      <Group justify="space-between">
        <Text size="sm" className="figures" role="status">{words}</Text>
        {!isRunning && <Button size="xs" variant="default" onClick={walk.reset}>Stop</Button>}
      </Group>
    </Stack>
  );
}

function asCsv(now: Import): string {
  return `line,what\r\n${now.bad.map((row) => `${row.line},"${row.detail.replace(/"/g, '""')}"`).join('\r\n')}\r\n`;
}

function BadRows({ now }: { now: Import }) {
  if (now.badCount === 0) return null;
  return (
    <Box>
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16} lh="24px">{counted(now.badCount, 'row')} that cannot be taken</Title>
        <Button size="xs" variant="default" leftSection={<Download size={14} aria-hidden />}
          onClick={() => download('bad-rows.csv', asCsv(now), 'text/csv')}>Download this report</Button>
      </Group>
      <Box className="panel" style={{ overflow: 'auto', maxHeight: 420 }} tabIndex={0} role="region" aria-label="Rows that cannot be taken">
        <Table verticalSpacing={8} horizontalSpacing="md" borderColor="var(--th-line)">
          <Table.Thead><Table.Tr><Table.Th w={96} ta="right">Line</Table.Th><Table.Th>What is wrong</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {now.bad.slice(0, SHOWN_BAD).map((row, index) => (
              <Table.Tr key={index}>
                <Table.Td ta="right" className="figures">{figures(row.line)}</Table.Td>
                <Table.Td className="wrap-anywhere">{sentence(row.detail)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
      {now.badCount > Math.min(now.bad.length, SHOWN_BAD) && (
        <Text size="sm" c="dimmed" mt="xs">The first {figures(Math.min(now.bad.length, SHOWN_BAD))} are shown.</Text>
      )}
    </Box>
  );
}

function Outcome({ walk, file, now }: { walk: ImportWalk; file: File; now: Import }) {
  const isDone = now.state === 'done';
  const tone = isDone ? 'active' : 'refused';
  const Icon = isDone ? CircleCheck : TriangleAlert;
  const skipped = isDone && now.badCount > 0 ? ` ${counted(now.badCount, 'row')} left out.` : '';
  const words = isDone
    ? `${counted(now.added, 'device')} added, ${figures(now.changed)} brought up to date.${skipped}`
    : `${now.detail ? sentence(now.detail) : 'The file was not imported.'} ${now.added + now.changed === 0 ? 'Nothing was changed.'
      : `Before that ${counted(now.added, 'device')} went in and ${figures(now.changed)} were brought up to date.`}`;
  return (
    <Stack gap="lg">
      <Alert variant="light" role="status" icon={<Icon size={18} aria-hidden />} title={isDone ? 'The devices are imported' : 'Not imported'}
        styles={{
          root: { background: `var(--th-${tone}-back)` }, icon: { color: `var(--th-${tone})` },
          title: { color: `var(--th-${tone})` }, message: { color: 'var(--mantine-color-text)' },
        }}>
        <Stack gap="sm">
          <Text size="sm">{words}</Text>
          <Text size="xs">{file.name}</Text>
        </Stack>
      </Alert>
      <Group gap="xs">
        {!isDone && now.badCount > 0 && (
          <Button onClick={walk.skipBad}>Leave out {counted(now.badCount, 'bad row')} and import the rest</Button>
        )}
        {isDone && <Button component={Link} href="/devices">Go to the devices</Button>}
        <Button variant="default" onClick={walk.reset}>{isDone ? 'Import another file' : 'Choose another file'}</Button>
      </Group>
      <BadRows now={now} />
    </Stack>
  );
}

export default function ImportPage() {
  const walk = useImport();
  const { file, now, isBusy, error } = walk;
  useUnsaved(isBusy);
  const hasEnded = now && !isBusy && (now.state === 'done' || now.state === 'failed');
  return (
    <>
      <PageHead title="Import devices" crumbs={[{ name: 'Devices', path: '/devices' }]} />
      <Stack gap="lg" maw={800}>
        {!file && <Choose onFile={walk.start} />}
        {file && isBusy && <Working walk={walk} file={file} />}
        {file && !isBusy && Boolean(error) && (
          <Stack gap="md" className="panel" p="lg">
            <FileLine file={file} />
            <Fault error={error} onRetry={() => walk.start(file)} />
            <Group><Button variant="default" onClick={walk.reset}>Choose another file</Button></Group>
          </Stack>
        )}
        {file && hasEnded && !error && <Outcome walk={walk} file={file} now={now} />}
      </Stack>
    </>
  );
}
