// SPDX-License-Identifier: Apache-2.0
//
// A tightened set that is tried out beside the token: which of its calls would have failed.
import { useState } from 'react';
import { Box, Button, Group, Modal, NumberInput, Skeleton, Stack, Text, Title } from '@mantine/core';
import { CircleCheck, CircleDashed, Clock3, FlaskConical, Scissors, TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import type { Token } from '../../api/types';
import type { Rights } from '../../ask/suggest';
import type { Miss, Shadow } from '../../ask/shadow';
import { useShadow, useStartShadow, useStopShadow } from '../../ask/shadow';
import { Fault } from '../../parts/Fault';
import { Label } from '../../parts/Label';
import { tell } from '../../parts/notices';
import { Time } from '../../parts/Time';
import { counted, figures } from '../../words/number';
import { rollLink } from '../../words/prefill';
import { RightsList } from './RightsList';
import classes from './Shadow.module.css';

const DAY_MS = 86_400_000;
/** The dialog stays and shows what went wrong. */
const stay = () => {};

/* ---- starting ---- */

function StartDialog({ token, set, days: { usual, most }, onClose }: {
  token: Token; set: Rights; days: { usual: number; most: number }; onClose: () => void;
}) {
  const [days, setDays] = useState<number | string>(usual);
  const start = useStartShadow(token.id);
  const isRight = typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= most;
  const begin = () => {
    if (!isRight) return;
    const wish = { permissions: set.permissions, approvedAddresses: set.approvedAddresses, groups: set.groups.map((group) => group.uid), days };
    void start.mutateAsync(wish).then(() => {
      tell('The tightened set is being tried out.');
      onClose();
    }, stay);
  };
  return (
    <Modal opened onClose={onClose} title="Try a tightened set out" size="md">
      <Stack gap="md">
        <Text size="sm">
          Every call of “{token.title}” that is let in is asked of the tightened set too. What would have failed is counted
          and shown here; no caller notices anything, and nothing is refused.
        </Text>
        <NumberInput label="Days" w={120} min={1} max={most} clampBehavior="strict" allowDecimal={false} allowNegative={false}
          value={days} onChange={setDays} error={isRight ? null : `Choose 1 to ${most} days.`} data-autofocus />
        <Fault error={start.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button loading={start.isPending} onClick={begin}>Start</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Offers to try a set out, unless one is being tried out already. */
export function TryOut({ token, set }: { token: Token; set: Rights }) {
  const [isOpen, setOpen] = useState(false);
  const { data } = useShadow(token.id);
  if (!data || data.shadow?.state === 'running') return null;
  return (
    <>
      <Button leftSection={<FlaskConical size={16} aria-hidden />} onClick={() => setOpen(true)}>Try it out first</Button>
      {isOpen && <StartDialog token={token} set={set} days={data.days} onClose={() => setOpen(false)} />}
    </>
  );
}

/* ---- what it has found ---- */

const STATES = {
  running: { label: 'Running', tone: 'active', icon: Clock3 },
  ended: { label: 'Ended', tone: 'dead', icon: CircleDashed },
  stopped: { label: 'Stopped', tone: 'dead', icon: CircleDashed },
} as const;

function whyInWords({ why, what }: Miss): string {
  if (why === 'permission') return `lacks ${what ?? 'a permission'}`;
  if (why === 'address') return `comes from ${what ?? 'elsewhere'}`;
  if (why === 'fewer devices') return 'would tell of fewer devices';
  return what ? `the device is in “${what}”` : 'the device is in none of its groups';
}

function Verdict({ shadow: { calls, wouldHaveFailed, wouldHaveToldLess, state } }: { shadow: Shadow }) {
  const isGood = wouldHaveFailed === 0;
  const less = wouldHaveToldLess === 0 ? '' : ` ${counted(wouldHaveToldLess, 'other', 'others')} would have told of fewer devices.`;
  if (calls === 0) {
    return <Text size="sm" c="dimmed">{state === 'running' ? 'The token has not been used since. What it calls is written down every few seconds.' : 'The token was not used meanwhile: this says nothing.'}</Text>;
  }
  const Icon = isGood ? CircleCheck : TriangleAlert;
  return (
    <Group gap={8} wrap="nowrap" align="flex-start" c={isGood ? 'var(--th-active)' : 'var(--th-refused)'}>
      <Icon size={18} aria-hidden style={{ flexShrink: 0, marginTop: 1 }} />
      <Text size="sm" fw={500}>
        {isGood ? `None of ${counted(calls, 'call')} would have failed.` : `${figures(wouldHaveFailed)} of ${counted(calls, 'call')} would have failed.`}{less}
      </Text>
    </Group>
  );
}

function Misses({ shadow }: { shadow: Shadow }) {
  if (shadow.misses.length === 0) return null;
  return (
    <Box>
      <ul className={classes.misses} aria-label="Calls that would have failed">
        {shadow.misses.map((miss) => (
          <li key={`${miss.method} ${miss.path} ${miss.why} ${miss.what ?? ''}`}>
            <div className={classes.call}>
              <span className="mono wrap-anywhere">{miss.method} {miss.path}</span>
              <Text size="xs" c="dimmed" className="wrap-anywhere">{whyInWords(miss)}</Text>
            </div>
            <Text size="sm" className={`figures ${classes.count}`}>{counted(miss.count, 'time')}</Text>
            <Text size="xs" c="dimmed" className={classes.last}>last <Time at={miss.lastAt} /></Text>
          </li>
        ))}
      </ul>
      {shadow.notListed > 0 && <Text size="xs" c="dimmed" mt={4}>and {counted(shadow.notListed, 'more reason')} for which there was no room</Text>}
    </Box>
  );
}

function When({ shadow }: { shadow: Shadow }) {
  const days = Math.round((Date.parse(shadow.endsAt) - Date.parse(shadow.startedAt)) / DAY_MS);
  const end = shadow.state === 'running' ? <>ends <Time at={shadow.endsAt} /></>
    : shadow.state === 'stopped' ? <>stopped <Time at={shadow.stoppedAt} /></> : <>ended <Time at={shadow.endsAt} /></>;
  return <Text size="xs" c="dimmed">Started <Time at={shadow.startedAt} /> by {shadow.startedBy}, for {counted(days, 'day')}; {end}</Text>;
}

function Acts({ token, shadow }: { token: Token; shadow: Shadow }) {
  const stop = useStopShadow(token.id);
  const { permissions, approvedAddresses, groups } = shadow.set;
  const link = rollLink(token.id, { permissions, addresses: approvedAddresses, groups: groups.length > 0 ? groups.map((group) => group.uid) : null });
  const end = () => void stop.mutateAsync().then(() => tell('It is not tried out any more. What it has found stays.'), stay);
  return (
    <>
      <Group gap="xs">
        {token.mayRoll && (
          <Button variant="default" leftSection={<Scissors size={16} aria-hidden />}
            renderRoot={(props) => <Link href={link} {...props} />}>Roll to this set</Button>
        )}
        {shadow.state === 'running' && token.mayDelete && <Button variant="default" loading={stop.isPending} onClick={end}>Stop</Button>}
      </Group>
      <Fault error={stop.error} />
    </>
  );
}

function Found({ token, shadow }: { token: Token; shadow: Shadow }) {
  return (
    <Box component="section" aria-label="Tried out" className="panel" p="md">
      <Group justify="space-between" gap="xs" mb={4}>
        <Title order={2} fz={16} lh="24px">Tried out: a tightened set</Title>
        <Label {...STATES[shadow.state]} />
      </Group>
      <Stack gap="sm">
        <When shadow={shadow} />
        <Verdict shadow={shadow} />
        <Misses shadow={shadow} />
        <Box>
          <Text size="xs" c="dimmed" mb={4}>It leaves out</Text>
          <RightsList rights={shadow.without} />
        </Box>
        <Acts token={token} shadow={shadow} />
      </Stack>
    </Box>
  );
}

/** Nothing, for a token with which nothing was tried out. */
export function ShadowPanel({ token }: { token: Token }) {
  const asked = useShadow(token.id);
  if (asked.isError && !asked.data) return <Fault error={asked.error} onRetry={() => asked.refetch()} />;
  if (!asked.data) return <Skeleton h={72} />;
  return asked.data.shadow ? <Found token={token} shadow={asked.data.shadow} /> : null;
}
