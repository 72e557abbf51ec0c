// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Text } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { wordsOf } from '../api/problem';

/** Something went wrong that belongs to no field: what, and what to do. */
export function Fault({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" icon={<CircleAlert size={18} aria-hidden />} role="alert"
      styles={{
        root: { background: 'var(--th-refused-back)' },
        icon: { color: 'var(--th-refused)' }, message: { color: 'var(--th-refused)' },
      }}>
      <Group justify="space-between" gap="md">
        <Text size="sm" inherit>{wordsOf(error)}</Text>
        {onRetry && <Button size="xs" variant="default" onClick={onRetry}>Try again</Button>}
      </Group>
    </Alert>
  );
}
