// SPDX-License-Identifier: Apache-2.0
import { CircleCheck, CircleDashed, CircleHelp, PauseCircle, TriangleAlert, Unplug } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { UpstreamState } from '../api/records';
import { Label } from './Label';
import type { Tone } from './Label';

const STATES: Record<UpstreamState, [words: string, tone: Tone, icon: LucideIcon, meaning: string]> = {
  works: ['Works', 'active', CircleCheck, 'Requests are sent to all of its addresses.'],
  untried: ['Not asked yet', 'dead', CircleDashed, 'No request has gone to it since this server took it as it is, and it has no health check.'],
  partly: ['Partly down', 'soon', TriangleAlert, 'Nobody is sent to some of its addresses for now: requests failed there, or they say that they are not well.'],
  down: ['Down', 'refused', Unplug, 'Requests to all of its addresses failed, or they say that they are not well: callers hear 503 until somebody answers there.'],
  unresolved: ['No address', 'soon', TriangleAlert, 'None of its names has an address yet.'],
  suspended: ['Suspended', 'refused', PauseCircle, 'Its operations are not there: callers hear 404.'],
  unknown: ['Not known', 'dead', CircleHelp, 'The server has just taken it up, or cannot read its TLS files; the log has why.'],
};

export function upstreamStateMeans(state: UpstreamState): string {
  return STATES[state][3];
}

export function UpstreamStateLabel({ state }: { state: UpstreamState }) {
  const [words, tone, icon] = STATES[state];
  return <Label label={words} tone={tone} icon={icon} />;
}
