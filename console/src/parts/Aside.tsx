// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Group, Text } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';

/** Something to know about the whole page, said before all else. */
export function Aside({ icon: Icon, label, children }: { icon: LucideIcon; label: string; children: ReactNode }) {
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start" role="note" aria-label={label} maw={680}>
      <Icon size={18} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
      <Text size="sm" component="div">{children}</Text>
    </Group>
  );
}
