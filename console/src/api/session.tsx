// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import {
  ask, onSessionEnd, sessionGoesOn, sessionHasEnded, sessionIdleEnd, sessionIsOver,
  takeSession,
} from './client';
import { Problem } from './problem';
import type { Session } from './types';

interface SessionHandle {
  session: Session;
  /** The session ended in mid-work: the log-in dialog is up. */
  hasEnded: boolean;
  /** Does the role hold this permission? `Device reports:View` */
  may: (permission: string) => boolean;
  /** Not limited to device groups: only then one may import devices and change groups. */
  seesAllDevices: boolean;
}

const Context = createContext<SessionHandle | null>(null);

/** The session of the one who is logged in. Only below SessionProvider. */
export function useSession(): SessionHandle {
  const handle = useContext(Context);
  if (!handle) throw new Error('useSession outside of SessionProvider');
  return handle;
}

/** The session as the server sees it: undefined while asking, null when there is none. */
export function useSessionState(): { session: Session | null | undefined; error: unknown } {
  const { data, error } = useQuery({
    queryKey: ['session'],
    queryFn: async () => {
      try {
        const session = (await ask<Session>('/session', { open: true })).data;
        takeSession(session);
        return session;
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.status === 401) return null;
        throw thrown;
      }
    },
    staleTime: Infinity,
    retry: false,
  });
  return { session: data, error };
}

/** What one person was answered is nothing for the next. */
function forgetAnswers(client: QueryClient): void {
  const isOpen = (key: unknown) => key === 'state' || key === 'session';
  client.removeQueries({ predicate: (query) => !isOpen(query.queryKey[0]) });
  client.getMutationCache().clear();
}

/** Takes a session that a log-in has given. Another person's leftovers are thrown away. */
export function useEnter(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => {
    const before = client.getQueryData<Session | null>(['session']);
    if (before && before.user.uid !== session.user.uid) {
      sessionIsOver();
      forgetAnswers(client);
    }
    client.setQueryData(['session'], session);
    if (session.state === 'active') sessionGoesOn(session);
    else takeSession(session);
  };
}

export function useLeave(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    try {
      await ask('/session', { method: 'DELETE', open: true });
    } catch (thrown) {
      if (!(thrown instanceof Problem && thrown.status === 401)) throw thrown;
    }
    sessionIsOver();
    takeSession(null);
    forgetAnswers(client);
    client.setQueryData(['session'], null);
  };
}

const CHECK_EVERY_MS = 5_000;

/** Looks, without counting as use, whether an idle session has really ended. */
function useIdleWatch(): void {
  useEffect(() => {
    const timer = window.setInterval(() => {
      const end = sessionIdleEnd();
      if (!end || Date.now() < end) return;
      ask<Session>('/session', { background: true, open: true })
        .then((answer) => takeSession(answer.data))
        .catch((thrown: unknown) => {
          if (!(thrown instanceof Problem && thrown.status === 401)) return;
          takeSession(null);
          sessionHasEnded().catch(() => undefined);
        });
    }, CHECK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => onSessionEnd(setEnded), []);
  useIdleWatch();
  const held = new Set(session.permissions);
  const handle = {
    session, hasEnded, may: (name: string) => held.has(name),
    seesAllDevices: session.user.isSystemAdmin || session.groups.length === 0,
  };
  return <Context.Provider value={handle}>{children}</Context.Provider>;
}
