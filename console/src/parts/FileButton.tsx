// SPDX-License-Identifier: Apache-2.0
import { useRef } from 'react';
import { Button } from '@mantine/core';
import { FileUp } from 'lucide-react';

/** A button that lets one choose a file. `label` names it for those who cannot see what it is about. */
export function FileButton({ words, label, accept, onFile }: {
  words: string; label: string; accept: string; onFile: (file: File) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button size="xs" variant="default" leftSection={<FileUp size={14} aria-hidden />} onClick={() => input.current?.click()}>{words}</Button>
      <input ref={input} type="file" hidden aria-label={label} accept={accept}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) onFile(file);
        }} />
    </>
  );
}
