// SPDX-License-Identifier: Apache-2.0
//
// A calendar of coming expiries: the next 13 weeks as a line, a token's coin where it will
// die; several on one day lie on a pile.
import { useState } from 'react';
import { Box, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useLocation } from 'wouter';
import type { Token } from '../../api/types';
import { useComingExpiries } from '../../ask/tokens';
import { Coin } from '../../parts/Coin';
import { useNow } from '../../parts/Time';
import { counted } from '../../words/number';
import { dayInWords } from '../../words/time';
import classes from './ComingExpiries.module.css';

const DAYS = 91;
const DAY_MS = 86_400_000;
const COIN = 20;
const GAP = 4;

/** Tokens by where on the line they stand: what would overlap shares a place. */
function places(tokens: Token[], now: number, width: number): Map<number, Token[]> {
  const slots = Math.max(1, Math.floor(width / (COIN + GAP)));
  const found = new Map<number, Token[]>();
  for (const token of tokens) {
    const part = (Date.parse(token.expiresAt) - now) / (DAYS * DAY_MS);
    if (part < 0 || part > 1) continue;
    const slot = Math.min(slots - 1, Math.floor(part * slots));
    found.set(slot, [...(found.get(slot) ?? []), token]);
  }
  return found;
}

function Months({ now, width }: { now: number; width: number }) {
  const begin = new Date(now);
  const months = [1, 2, 3].map((n) => new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + n, 1)));
  const name = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' });
  const marks = months.map((day) => ({ x: ((day.getTime() - now) / (DAYS * DAY_MS)) * width, words: name.format(day) }));
  return (
    <>
      <Text size="xs" c="dimmed" style={{ position: 'absolute', left: 0, top: 4 }}>Today</Text>
      {marks.filter((mark) => mark.x > 56 && mark.x < width - 24).map((mark) => (
        <Box key={mark.words} style={{ position: 'absolute', left: mark.x, top: 0, borderLeft: '1px solid var(--th-line)', paddingLeft: 6, height: 20 }}>
          <Text size="xs" c="dimmed" style={{ marginTop: 4 }}>{mark.x < width - 72 ? mark.words : ''}</Text>
        </Box>
      ))}
    </>
  );
}

/** One token's coin, or a pile of them. */
function Pile({ here, left, onTell }: { here: Token[]; left: number; onTell: (here: Token[] | null) => void }) {
  const [, go] = useLocation();
  const [first, ...more] = here;
  if (!first) return null;
  return (
    <button type="button" onClick={() => go(`/tokens/${first.id}`)} className={classes.pile} style={{ left }}
      aria-label={`${first.title} expires on ${dayInWords(first.expiresOn)}${more.length ? `, and ${more.length} more about then` : ''}`}
      onMouseEnter={() => onTell(here)} onMouseLeave={() => onTell(null)} onFocus={() => onTell(here)} onBlur={() => onTell(null)}>
      {more.slice(0, 2).map((token) => <span key={token.id} className={classes.below} />)}
      <Coin id={first.id} size={COIN} />
    </button>
  );
}

export function ComingExpiries() {
  const { ref, width } = useElementSize();
  const now = useNow();
  const [told, setTold] = useState<Token[] | null>(null);
  const coming = useComingExpiries();
  const tokens = coming.data?.data ?? [];
  const soon = tokens.filter((token) => Date.parse(token.expiresAt) - now < DAYS * DAY_MS);
  const words = told ? told.map((token) => `${token.title}, ${dayInWords(token.expiresOn)}`).join(' · ')
    : !coming.data ? '\u00a0' : soon.length === 0 ? 'No token will expire in the next 13 weeks.'
      : `${counted(soon.length, 'token')} will expire in the next 13 weeks.`;
  return (
    <Box component="section" aria-label="Coming expiries" mb="md" visibleFrom="sm">
      <Text size="sm" c="dimmed" truncate>{words}</Text>
      <Box ref={ref} className={classes.line}>
        {width > 0 && [...places(soon, now, width)].map(([slot, here]) => (
          <Pile key={slot} here={here} left={slot * (COIN + GAP)} onTell={setTold} />
        ))}
        <Box className={classes.scale}>{width > 0 && <Months now={now} width={width} />}</Box>
      </Box>
    </Box>
  );
}
