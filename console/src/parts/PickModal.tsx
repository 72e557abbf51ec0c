// SPDX-License-Identifier: Apache-2.0
//
// Choosing several of a long list: search, tick, and take them all at once.
import { useState } from 'react';
import { Box, Button, Checkbox, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import type { ListOf } from '../api/types';
import { Fault } from './Fault';
import type { RowsOf } from './DataList';
import { SearchField } from './SearchField';
import { SubmitButton } from './SubmitButton';

export interface Choice {
  uid: string;
  name: string;
  hint: string;
}

export function PickModal<T>({ title, search, useFound, choiceOf, isIn, words, onPick, onClose, isPending, error }: {
  title: string;
  search: string;
  /** A hook: what the search finds. */
  useFound: (q: string) => RowsOf<T>;
  choiceOf: (row: T) => Choice;
  /** Already taken: shown, but not to be chosen. */
  isIn: (row: T) => boolean;
  /** "Add 3 devices" */
  words: (count: number) => string;
  onPick: (uids: string[]) => void;
  onClose: () => void;
  isPending: boolean;
  error: unknown;
}) {
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const found: RowsOf<T> & { data: ListOf<T> | undefined } = useFound(q);
  const toggle = (uid: string) => setChosen((before) => {
    const next = new Set(before);
    if (!next.delete(uid)) next.add(uid);
    return next;
  });
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form noValidate onSubmit={(event) => { event.preventDefault(); if (chosen.size > 0) onPick([...chosen]); }}>
        <Stack gap="md">
          <SearchField label={search} value="" onSearch={setQ} hasKey={false} width="100%" />
          <Fault error={found.isError && !found.data ? found.error : null} onRetry={() => found.refetch()} />
          <Box mah="48vh" mih={200} style={{ overflowY: 'auto' }} className="panel" p="xs" tabIndex={-1}>
            {!found.data && !found.isError && <Stack gap="xs">{[1, 2, 3, 4].map((n) => <Skeleton key={n} h={40} />)}</Stack>}
            {found.data?.data.map((row) => {
              const { uid, name, hint } = choiceOf(row);
              const isTaken = isIn(row);
              return (
                <Checkbox key={uid} py={6} px="xs" label={name} description={isTaken ? 'Already in it' : hint} disabled={isTaken}
                  checked={isTaken || chosen.has(uid)} onChange={() => toggle(uid)} styles={{ description: { marginTop: 0 } }} />
              );
            })}
            {found.data?.data.length === 0 && <Text size="sm" c="dimmed" p="md" role="status">Nothing found.</Text>}
          </Box>
          <Fault error={error} />
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed" role="status">{found.data?.next ? 'There are more: search for them.' : ''}</Text>
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>Cancel</Button>
              <SubmitButton disabled={chosen.size === 0} loading={isPending}>{words(chosen.size)}</SubmitButton>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
