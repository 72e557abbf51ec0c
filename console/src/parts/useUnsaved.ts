// SPDX-License-Identifier: Apache-2.0
//
// Something unsaved is on the page. The browser asks before it is closed; the frame asks
// before a link leads away. Whoever navigates with `replace` has decided already: Cancel,
// and what follows a save.
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

/** For the router: every step goes through here. */
export const guardNavigation: AroundNavHandler = (navigate, to, options) => {
  const path = to.replace(/[?#].*/, '');
  const isElsewhere = path !== '' && path !== location.pathname;
  if (unsaved > 0 && ask && isElsewhere && !options?.replace) ask(() => navigate(to, options));
  else navigate(to, options);
};
