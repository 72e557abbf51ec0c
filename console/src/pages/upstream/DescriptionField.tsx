// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Box, Button, Group, Stack, Text } from '@mantine/core';
import { Download, FileText } from 'lucide-react';
import { FileButton } from '../../parts/FileButton';
import { FileDrop } from '../../parts/FileDrop';
import { bytesInWords } from '../../words/device';
import { download, fileName } from '../../words/download';
import { readDescription } from './wish';
import type { Base, Description } from './wish';

const ACCEPT = '.json,.yaml,.yml,application/json,application/yaml';

function Chosen({ name, text, hint, children }: { name: string; text: string; hint?: string; children: ReactNode }) {
  return (
    <Group className="panel" p="md" gap="sm" justify="space-between">
      <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
        <FileText size={20} aria-hidden color="var(--mantine-color-dimmed)" style={{ flexShrink: 0 }} />
        <Box style={{ minWidth: 0 }}>
          <Text size="sm" fw={500} className="wrap-anywhere">{name}</Text>
          <Text size="xs" c="dimmed">{[hint, bytesInWords(text.length)].filter(Boolean).join(' · ')}</Text>
        </Box>
      </Group>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}

/** The OpenAPI description: dropped or chosen; of one that is there, kept until another is. */
export function DescriptionField({ value, onChange, onFault, base, error, title }: {
  value: Description | null;
  onChange: (description: Description) => void;
  onFault: (words: string) => void;
  base: Base | null;
  error: ReactNode;
  /** Its title and version, as far as they are known. */
  title?: string;
}) {
  const [isReading, setReading] = useState(false);
  const take = async (file: File) => {
    setReading(true);
    const { description, fault } = await readDescription(file);
    setReading(false);
    if (description) onChange(description);
    else onFault(fault ?? '');
  };
  const another = <FileButton words={value ? 'Choose another' : 'Replace'} label="OpenAPI description" accept={ACCEPT} onFile={take} />;
  return (
    <Stack gap="xs">
      {value ? <Chosen name={value.name} text={value.text} hint={title}>{another}</Chosen>
        : base ? (
          <Chosen name="The description that is there" text={base.texts.openapi} hint={title}>
            <Button size="xs" variant="default" leftSection={<Download size={14} aria-hidden />}
              onClick={() => download(descriptionFile(base), base.texts.openapi)}>Download</Button>
            {another}
          </Chosen>
        ) : (
          <FileDrop label="OpenAPI description" accept={ACCEPT} onFile={take}
            hint={isReading ? 'It is being read.' : 'OpenAPI 3.0 or 3.1, JSON or YAML. GitHub’s own, a thousand operations, fits.'} />
        )}
      {error && <Text size="xs" c="var(--mantine-color-error)" role="alert" ref={(words) => words?.scrollIntoView({ block: 'nearest' })} className="wrap-anywhere">{error}</Text>}
    </Stack>
  );
}

export function descriptionFile(base: Base): string {
  return `${fileName(base.upstream.name)}.${/^\s*\{/.test(base.texts.openapi) ? 'json' : 'yaml'}`;
}
