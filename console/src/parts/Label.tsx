// SPDX-License-Identifier: Apache-2.0
import { Badge } from '@mantine/core';
import { Ban, CircleCheck, CircleDashed, Clock3, PauseCircle } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export type Tone = 'active' | 'soon' | 'dead' | 'refused';

const LABELS: Record<string, [Tone, LucideIcon]> = {
  Active: ['active', CircleCheck],
  'Expires soon': ['soon', Clock3],
  Expired: ['dead', CircleDashed],
  Suspended: ['refused', PauseCircle],
  Refused: ['refused', Ban],
};

/** A state as a word with a sign and a colour; never colour alone. */
export function Label({ label, tone, icon }: { label: string; tone?: Tone; icon?: LucideIcon }) {
  const [ownTone, OwnIcon] = LABELS[label] ?? ['dead', CircleDashed];
  const Icon = icon ?? OwnIcon;
  const colour = tone ?? ownTone;
  return (
    <Badge variant="filled" size="lg" radius="sm" tt="none" fw={500} px={8} fz={12}
      leftSection={<Icon size={14} aria-hidden />}
      style={{ background: `var(--th-${colour}-back)`, color: `var(--th-${colour})`, flexShrink: 0, maxWidth: 'none' }}
      styles={{ label: { overflow: 'visible' } }}>
      {label}
    </Badge>
  );
}
