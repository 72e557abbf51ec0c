// SPDX-License-Identifier: Apache-2.0
//
// The overlay: permissions for a description that nobody must touch. Drafted from tags and
// methods, read from a file, or written here; saved as a file for whoever keeps it elsewhere.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { Download, WandSparkles } from 'lucide-react';
import type { UpstreamDraft } from '../../api/records';
import { useDraftOverlay } from '../../ask/upstreams';
import { Fault } from '../../parts/Fault';
import { FileButton } from '../../parts/FileButton';
import { download } from '../../words/download';
import { counted, figures } from '../../words/number';

const EXAMPLE = `overlay: 1.0.0
info: {title: Permissions, version: 1.0.0}
actions:
  - target: "$.paths.*.get"
    update: {x-tokenhouse: {permissions: ["Orders:View"]}}`;

/** What the draft says of itself, and what is left to do. */
function Drafted({ draft }: { draft: UpstreamDraft }) {
  const { draftedCount, markedCount, readyCount, coarser } = draft;
  return (
    <Text size="sm" role="status">
      {counted(draftedCount, 'operation')} got a permission from their tag and method{readyCount > 0 && `; ${figures(readyCount)} had one already`}.{' '}
      {markedCount > 0 ? <b>{figures(markedCount)} {markedCount === 1 ? 'looks dangerous and is' : 'look dangerous and are'} marked LOOK: read that first.</b> : 'None looks dangerous.'}
      {coarser !== '' && ` ${coarser}`}
    </Text>
  );
}

export function OverlayField({ value, onChange, openapi, fileName, error }: {
  value: string;
  onChange: (overlay: string) => void;
  /** The text to draft from; null: none is chosen. */
  openapi: string | null;
  /** The name of the file when it is saved. */
  fileName: string;
  error: ReactNode;
}) {
  const [isWriting, setWriting] = useState(false);
  const draft = useDraftOverlay();
  const isOpen = isWriting || value !== '';
  const take = (text: string) => {
    onChange(text);
    setWriting(true);
  };
  const make = () => openapi !== null && draft.mutate(openapi, { onSuccess: ({ overlay }) => take(overlay) });
  const isDrafted = draft.data?.overlay === value;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Button size="xs" variant="default" leftSection={<WandSparkles size={14} aria-hidden />} disabled={openapi === null || (value !== '' && !isDrafted)}
          loading={draft.isPending} onClick={make} title={openapi === null ? 'Choose a description first' : undefined}>Draft one from tags and methods</Button>
        <FileButton words="Choose a file" label="Overlay file" accept=".json,.yaml,.yml,application/json,application/yaml"
          onFile={(file) => { void file.text().then(take); }} />
        {!isOpen && <Button size="xs" variant="default" onClick={() => setWriting(true)}>Write one</Button>}
        {value !== '' && (
          <Button size="xs" variant="default" leftSection={<Download size={14} aria-hidden />} onClick={() => download(fileName, value, 'application/yaml')}>Download</Button>
        )}
        {value !== '' && <Button size="xs" variant="subtle" color="gray" c="dimmed" onClick={() => { onChange(''); setWriting(false); draft.reset(); }}>Remove</Button>}
      </Group>
      {draft.isError && <Fault error={draft.error} />}
      {draft.data && isDrafted && <Drafted draft={draft.data} />}
      {isOpen && (
        <Textarea label="Overlay" autosize minRows={8} maxRows={24} spellCheck={false} autoComplete="off" classNames={{ input: 'mono' }} placeholder={EXAMPLE}
          styles={{ input: { whiteSpace: 'pre', overflowX: 'auto' } }} error={error} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
    </Stack>
  );
}
