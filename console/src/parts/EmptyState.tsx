// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Stack, Text } from '@mantine/core';

/** Nothing here: why, and what to do. */
export function EmptyState({ words, children }: { words: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="md" py={56} px="md" className="panel">
      <Text c="dimmed" ta="center" maw={480}>{words}</Text>
      {children}
    </Stack>
  );
}
