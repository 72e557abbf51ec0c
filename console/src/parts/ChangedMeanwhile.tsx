// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Alert, Stack, Text } from '@mantine/core';

/** Two people edit the same thing: what it is now, and what saving will do. */
export function ChangedMeanwhile({ what, children }: {
  /** "user", "device group" */
  what: string; children: ReactNode;
}) {
  return (
    <Alert variant="light" title={`Somebody has changed this ${what} meanwhile`} role="alert" mb="lg"
      styles={{
        root: { background: 'var(--th-soon-back)' }, title: { color: 'var(--th-soon)' },
        message: { color: 'var(--mantine-color-text)' },
      }}>
      <Stack gap={4}>
        <Text size="sm" component="div" className="wrap-anywhere">{children}</Text>
        <Text size="sm">Save again to put what you have typed in its place, or cancel to keep theirs.</Text>
      </Stack>
    </Alert>
  );
}
