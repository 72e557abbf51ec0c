// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Collapse, Text, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight } from 'lucide-react';

/** What few people need, behind its name; closed, `hint` says what is in force. */
export function Fold({ title, hint, isOpen, onToggle, children }: {
  title: string; hint?: ReactNode; isOpen: boolean; onToggle: (isOpen: boolean) => void; children: ReactNode;
}) {
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      <UnstyledButton onClick={() => onToggle(!isOpen)} aria-expanded={isOpen}
        style={{ display: 'flex', alignItems: 'center', gap: 6, minHeight: 24, flexWrap: 'wrap' }}>
        <Chevron size={16} aria-hidden />
        <Text size="sm" fw={500}>{title}</Text>
        {hint && !isOpen && <Text size="sm" c="dimmed">{hint}</Text>}
      </UnstyledButton>
      <Collapse in={isOpen}>{children}</Collapse>
    </>
  );
}
