// SPDX-License-Identifier: Apache-2.0
//
// Approved IP addresses: typed or pasted as a list, each entry checked by the server,
// invalid ones marked and edited in place, duplicates ignored.
import { useState } from 'react';
import { ActionIcon, Box, Button, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { CircleAlert, Network, Pencil, Plus, X } from 'lucide-react';
import type { CheckedAddress } from '../api/types';
import { counted } from '../words/number';
import { Fault } from './Fault';
import { sentence } from './FormFields';

interface Props {
  value: CheckedAddress[];
  onChange: (value: CheckedAddress[]) => void;
  check: (text: string) => Promise<CheckedAddress[]>;
  /** The reader's address as the server sees it. */
  own?: string;
  error?: React.ReactNode;
}

/** Addresses that the server has given are valid as they are. */
export function asChecked(addresses: string[]): CheckedAddress[] {
  return addresses.map((address) => ({ typed: address, address, isValid: true, detail: null, isDuplicate: false }));
}

function shown(entry: CheckedAddress): string {
  return entry.isValid ? entry.address ?? entry.typed : entry.typed;
}

function Entry({ entry, onEdit, onDelete }: {
  entry: CheckedAddress; onEdit: (text: string) => void; onDelete: () => void;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const text = shown(entry);
  const finish = () => {
    if (draft === null) return;
    setDraft(null);
    if (draft.trim() !== text) onEdit(draft);
  };
  return (
    <Group component="li" gap="xs" wrap="nowrap" py={4} mih={40} align="center">
      <Box style={{ flex: 1, minWidth: 0 }}>
        {draft === null ? (
          <UnstyledButton onClick={() => setDraft(text)} className="mono wrap-anywhere" py={4}
            aria-label={`Edit ${text}${entry.isValid ? '' : ', invalid IP address'}`}>
            {text}
          </UnstyledButton>
        ) : (
          <TextInput value={draft} size="xs" autoFocus aria-label="IP address" classNames={{ input: 'mono' }}
            onChange={(event) => setDraft(event.currentTarget.value)} onBlur={finish}
            onKeyDown={(event) => {
              if (event.key === 'Enter') { event.preventDefault(); finish(); }
              if (event.key === 'Escape') { event.stopPropagation(); setDraft(null); }
            }} />
        )}
        {!entry.isValid && (
          <Group gap={6} wrap="nowrap" c="var(--mantine-color-error)" align="flex-start">
            <CircleAlert size={14} aria-hidden style={{ marginTop: 3, flexShrink: 0 }} />
            <Text size="xs" lh="20px">
              Invalid IP address{entry.detail ? `: ${sentence(entry.detail)}` : ''}
            </Text>
          </Group>
        )}
      </Box>
      <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={`Change ${text}`} onClick={() => setDraft(text)}>
        <Pencil size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={`Remove ${text}`} onClick={onDelete}>
        <X size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

export function AddressList({ value, onChange, check, own, error }: Props) {
  const [text, setText] = useState('');
  const [isAsking, setAsking] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [note, setNote] = useState('');

  /** The server looks at all of them together, so that it sees the duplicates too. */
  const put = async (entries: string[], added: boolean) => {
    const wanted = entries.join(' ').trim();
    setFault(null);
    setNote('');
    if (!wanted) {
      onChange([]);
      return;
    }
    setAsking(true);
    try {
      const checked = await check(wanted);
      const doubles = checked.filter((entry) => entry.isDuplicate).length;
      onChange(checked.filter((entry) => !entry.isDuplicate));
      if (doubles > 0) setNote(`${counted(doubles, 'duplicate')} ignored.`);
      if (added) setText('');
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setAsking(false);
    }
  };
  const texts = value.map(shown);
  const add = (more: string) => (more.trim() ? put([...texts, more], true) : undefined);
  return (
    <Box>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput label="Approved IP address" style={{ flex: 1 }} value={text} autoComplete="off" spellCheck={false}
          description="Single addresses or CIDR ranges, IPv4 or IPv6; several with spaces, commas, semicolons or line breaks."
          classNames={{ input: 'mono' }} error={error}
          onChange={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            // a one-line field would lose the line breaks between addresses
            const pasted = event.clipboardData.getData('text');
            if (!/[\r\n]/.test(pasted)) return;
            event.preventDefault();
            setText(`${text} ${pasted.replace(/[\r\n]+/g, ' ')}`.trim());
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            void add(text);
          }} />
        <Button variant="default" loading={isAsking} onClick={() => add(text)} leftSection={<Plus size={16} aria-hidden />}>
          Add
        </Button>
      </Group>
      {own && (
        <Button variant="subtle" size="xs" mt="xs" px={8} leftSection={<Network size={14} aria-hidden />}
          onClick={() => put([...texts, own], false)}>
          Add my address ({own})
        </Button>
      )}
      <Fault error={fault} />
      <Text size="xs" c="dimmed" role="status" mt={note ? 4 : 0}>{note}</Text>
      {value.length > 0 && (
        <Stack component="ul" gap={0} mt="xs" px="sm" py={4} className="panel" aria-label="Approved IP addresses"
          style={{ listStyle: 'none' }}>
          {value.map((entry, index) => (
            <Entry key={`${index}-${shown(entry)}`} entry={entry}
              onEdit={(next) => put(texts.map((old, at) => (at === index ? next : old)).filter((t) => t.trim()), false)}
              onDelete={() => { setNote(''); onChange(value.filter((_, at) => at !== index)); }} />
          ))}
        </Stack>
      )}
    </Box>
  );
}
