// SPDX-License-Identifier: Apache-2.0
//
// Something unsaved is on the page. The browser asks before it is closed; the frame asks
// before a link or Back leads away. Whoever navigates with `replace` has decided already:
// Cancel, and what follows a save.
import { useEffect } from 'react';
import type { AroundNavHandler } from 'wouter';

let unsaved = 0;
let ask: ((go: () => void) => void) | null = null;

export function useUnsaved(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const stop = (event: BeforeUnloadEvent) => event.preventDefault();
    unsaved++;
    window.addEventListener('beforeunload', stop);
    return () => {
      unsaved--;
      window.removeEventListener('beforeunload', stop);
    };
  }, [isUnsaved]);
}

/** The frame's question: it calls `go` when the person wants to leave. */
export function onLeaving(question: (go: () => void) => void): () => void {
  ask = question;
  return () => { ask = null; };
}

const isElsewhere = (path: string) => path !== '' && path !== here;

/** Where the page stands: its path, and its place in the browser's history. */
let here = location.pathname;
let place = placeOf(history.state);

function placeOf(state: unknown): number {
  return typeof state === 'object' && state !== null && 'place' in state && typeof state.place === 'number' ? state.place : 0;
}

/** For the router: every step goes through here. */
export const guardNavigation: AroundNavHandler = (navigate, to, options) => {
  const path = to.replace(/[?#].*/, '');
  const go = () => {
    if (!options?.replace) place++;
    navigate(to, { ...options, state: { place } });
    here = location.pathname;
  };
  if (unsaved > 0 && ask && isElsewhere(path) && !options?.replace) ask(go);
  else go();
};

/**
 * Back and Forward: the browser has gone already. It is sent back to where it was, and the
 * person is asked; the router hears of it only when they want to leave.
 */
let passes: 'back to the page' | 'as the person wants' | null = null;

export function guardHistory(): void {
  window.addEventListener('popstate', (event) => {
    const steps = placeOf(event.state) - place;
    if (passes === 'back to the page') {
      passes = null;
      event.stopImmediatePropagation();
      return;
    }
    if (passes === null && unsaved > 0 && ask && steps !== 0 && isElsewhere(location.pathname)) {
      event.stopImmediatePropagation();
      passes = 'back to the page';
      history.go(-steps);
      ask(() => {
        passes = 'as the person wants';
        history.go(steps);
      });
      return;
    }
    passes = null;
    place += steps;
    here = location.pathname;
  }, { capture: true });
}
