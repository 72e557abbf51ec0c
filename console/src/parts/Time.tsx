// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';
import { VisuallyHidden } from '@mantine/core';
import { localTime, relativeTime, utcTime } from '../words/time';

const TICK_MS = 30_000;
let now = Date.now();
const readers = new Set<() => void>();
let timer = 0;

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  if (readers.size === 1) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      readers.forEach((tell) => tell());
    }, TICK_MS);
  }
  return () => {
    readers.delete(reader);
    if (readers.size === 0) window.clearInterval(timer);
  };
}

/** One clock for all times on the page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/**
 * A moment: "in 12 days" with the full date on hover and for screen readers; or, `isFull`,
 * the local date and time with UTC on hover. Nothing there: `none`.
 */
export function Time({ at, isFull = false, none = '–' }: {
  at: string | null; isFull?: boolean; none?: string;
}) {
  useNow(); // written anew as time goes by
  if (!at) return <span>{none}</span>;
  if (isFull) return <time dateTime={at} title={utcTime(at)}>{localTime(at)}</time>;
  return (
    <time dateTime={at} title={`${localTime(at)} (${utcTime(at)})`}>
      {relativeTime(at, Date.now())}<VisuallyHidden>, {localTime(at)}</VisuallyHidden>
    </time>
  );
}
