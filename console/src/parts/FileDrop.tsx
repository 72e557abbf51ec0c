// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import { Button, Stack, Text } from '@mantine/core';
import { FileUp } from 'lucide-react';

/** A place to drop a file on; a button does the same for hands that do not drag. */
export function FileDrop({ label, accept, hint, onFile }: {
  label: string; accept: string; hint: ReactNode; onFile: (file: File) => void;
}) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <Stack align="center" gap="md" py={48} px="md" onDrop={drop} onDragLeave={() => setOver(false)}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      style={{
        borderRadius: 8, border: `1.5px dashed ${isOver ? 'var(--mantine-color-anchor)' : 'var(--mantine-color-default-border)'}`,
        background: isOver ? 'var(--th-quiet)' : 'var(--mantine-color-body)',
      }}>
      <FileUp size={32} strokeWidth={1.4} color="var(--mantine-color-dimmed)" aria-hidden />
      <Text ta="center">{isOver ? 'Let go to take this file' : 'Drop a file here'}</Text>
      <Button variant="default" onClick={() => input.current?.click()}>Choose a file</Button>
      <input ref={input} type="file" hidden aria-label={label} accept={accept}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) onFile(file);
        }} />
      <Text size="sm" c="dimmed" ta="center" maw={520} component="div">{hint}</Text>
    </Stack>
  );
}
