// SPDX-License-Identifier: Apache-2.0
//
// The one way to the server. It adds the CSRF token, reads problem details, and waits when
// the session has ended: the log-in dialog opens over the page, and once somebody has
// logged in the request is made again, so that nothing typed is lost.
import { Problem, readProblem } from './problem';
import type { Session } from './types';

const ROOT = '/console/api';
const LONG_BODY = 500_000; // characters

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Query;
  /** Sent as JSON; a Blob is sent as it is. */
  body?: unknown;
  /** The version that an edit is of. */
  ifMatch?: string;
  /** Does not count as use of the session. */
  background?: boolean;
  /** The answer is a file, not JSON: `data` is a Blob. */
  wantsFile?: boolean;
  /** Asked without a session, or about it: an ended one is then an ordinary answer. */
  open?: boolean;
  signal?: AbortSignal;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

let csrf = '';
let idleEndsAt = 0;
let idleMs = 0;
let ended: Promise<void> | null = null;
let renewed: (() => void) | null = null;
let refused: ((problem: Problem) => void) | null = null;
const listeners = new Set<(isEnded: boolean) => void>();

/** Takes over what the server says about the session. */
export function takeSession(session: Session | null): void {
  csrf = session?.csrf ?? '';
  idleEndsAt = session ? Date.parse(session.idleEndsAt) : 0;
  idleMs = session ? Math.max(idleMs, idleEndsAt - Date.now()) : 0;
}

/** When the session ends unless something is asked before. 0: there is none. */
export function sessionIdleEnd(): number {
  return idleEndsAt;
}

/** Tells when the session ends in mid-work, and when it goes on. */
export function onSessionEnd(listener: (isEnded: boolean) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says that the session has ended; the promise holds until somebody has logged in. */
export function sessionHasEnded(): Promise<void> {
  ended ??= new Promise<void>((resolve, reject) => {
    renewed = resolve;
    refused = reject;
    listeners.forEach((tell) => tell(true));
  });
  return ended;
}

/** The log-in dialog has done its work: what waits is asked again. */
export function sessionGoesOn(session: Session): void {
  takeSession(session);
  const go = renewed;
  ended = renewed = refused = null;
  listeners.forEach((tell) => tell(false));
  go?.();
}

/** Nobody goes on (log-out, or another person): what waits is refused. */
export function sessionIsOver(): void {
  const refuse = refused;
  ended?.catch(() => undefined);
  ended = renewed = refused = null;
  listeners.forEach((tell) => tell(false));
  refuse?.(new Problem(401, 'NOT_LOGGED_IN', 'You are logged out.'));
}

export function address(path: string, query: Query = {}): string {
  const wanted = Object.entries(query)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => [name, String(value)] as [string, string]);
  const text = new URLSearchParams(wanted).toString();
  return ROOT + path + (text ? `?${text}` : '');
}

function headersOf(ask: Ask): Headers {
  const headers = new Headers({ Accept: 'application/json' });
  if ((ask.method ?? 'GET') !== 'GET') headers.set('X-CSRF-Token', csrf);
  if (ask.background) headers.set('X-Background', '1');
  if (ask.ifMatch !== undefined) headers.set('If-Match', ask.ifMatch);
  if (ask.body !== undefined) {
    headers.set('Content-Type',
      ask.body instanceof Blob ? 'application/octet-stream' : 'application/json');
  }
  return headers;
}

async function once(path: string, ask: Ask, body?: Blob | string): Promise<Response> {
  try {
    return await fetch(address(path, ask.query), {
      method: ask.method ?? 'GET', headers: headersOf(ask), body, signal: ask.signal,
      credentials: 'same-origin', cache: 'no-store', redirect: 'error',
    });
  } catch (thrown) {
    if (ask.signal?.aborted) throw thrown;
    throw new Problem(0, 'UNREACHABLE', 'The server does not answer. What you typed is kept; try again.');
  }
}

async function renewCsrf(): Promise<void> {
  const reply = await once('/session', { background: true });
  if (!reply.ok) throw await readProblem(reply);
  takeSession(await reply.json() as Session);
}

/** Before much is sent: a session that has ended, or a mark that is not its own, is found out by little. */
async function renewSession(): Promise<void> {
  for (;;) {
    try {
      await renewCsrf();
      return;
    } catch (thrown) {
      if (!(thrown instanceof Problem && thrown.code === 'NOT_LOGGED_IN')) throw thrown;
      await sessionHasEnded();
    }
  }
}

/** Asks the server; gives the answer with its ETag, or throws a Problem. */
export async function ask<T>(path: string, how: Ask = {}): Promise<Answer<T>> {
  let mayRenewCsrf = true;
  const body = how.body === undefined || how.body instanceof Blob ? how.body : JSON.stringify(how.body);
  if (typeof body === 'string' && body.length > LONG_BODY && !how.open) await renewSession();
  for (;;) {
    const reply = await once(path, how, body);
    if (reply.ok) {
      if (!how.background && idleEndsAt) idleEndsAt = Date.now() + idleMs;
      const data = how.wantsFile ? await reply.blob() : reply.status === 204 ? undefined : await reply.json();
      return { data: data as T, etag: reply.headers.get('ETag') };
    }
    const problem = await readProblem(reply);
    if (problem.code === 'NOT_LOGGED_IN' && !how.open) {
      await sessionHasEnded();
    } else if (problem.code === 'CSRF' && mayRenewCsrf && !how.open) {
      mayRenewCsrf = false;
      await renewCsrf();
    } else {
      throw problem;
    }
  }
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, { query, signal })).data;
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await ask<T>(path, { method: 'POST', body })).data;
}

export async function remove(path: string, body?: unknown): Promise<void> {
  await ask<void>(path, { method: 'DELETE', body });
}
