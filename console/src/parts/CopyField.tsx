// SPDX-License-Identifier: Apache-2.0
import { useId } from 'react';
import { ActionIcon, Box, Button, Group, Text, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Check, Copy } from 'lucide-react';

/** A button that copies, and says that it has. */
export function CopyButton({ text, what, onCopied, variant = 'default' }: {
  text: string; what: string; onCopied?: () => void; variant?: string;
}) {
  const clipboard = useClipboard({ timeout: 2500 });
  return (
    <Button variant={variant} size="xs" miw={92} aria-label={clipboard.copied ? `${what} copied` : `Copy ${what}`}
      leftSection={clipboard.copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      onClick={() => { clipboard.copy(text); onCopied?.(); }}>
      {clipboard.copied ? 'Copied' : 'Copy'}
    </Button>
  );
}

/** The same where there is little room. */
export function CopyIcon({ text, what }: { text: string; what: string }) {
  const clipboard = useClipboard({ timeout: 2500 });
  const words = clipboard.copied ? `${what.charAt(0).toUpperCase()}${what.slice(1)} copied` : `Copy ${what}`;
  return (
    <Tooltip label={words}>
      <ActionIcon variant="subtle" color="gray" c="dimmed" size={24} aria-label={words} onClick={() => clipboard.copy(text)}>
        {clipboard.copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

/** A text to take away: a click into it selects all of it, a button copies it. */
export function CopyField({ label, text, shown = text, onCopied, isLong = false }: {
  label: string; text: string; shown?: string; onCopied?: () => void; isLong?: boolean;
}) {
  const id = useId();
  const select = (event: { currentTarget: HTMLElement }) => {
    const range = document.createRange();
    range.selectNodeContents(event.currentTarget);
    const selection = window.getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
  };
  return (
    <Box>
      <Group justify="space-between" align="center" mb={4} wrap="nowrap">
        <Text id={id} size="sm" fw={500}>{label}</Text>
        <CopyButton text={text} what={label.charAt(0).toLowerCase() + label.slice(1)} onCopied={onCopied} />
      </Group>
      <Box tabIndex={0} role="textbox" aria-readonly aria-multiline={isLong} aria-labelledby={id}
        onClick={select} onFocus={select} onCopy={onCopied} className="mono wrap-anywhere" px="sm" py={8}
        style={{
          background: 'var(--th-quiet)', borderRadius: 6, border: '1px solid var(--th-line)',
          whiteSpace: isLong ? 'pre-wrap' : undefined, maxHeight: isLong ? 180 : undefined, overflow: 'auto',
        }}>
        {shown}
      </Box>
    </Box>
  );
}
