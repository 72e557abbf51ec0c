// SPDX-License-Identifier: Apache-2.0
//
// The walk of one import: up in parts, run, and what came of it.
import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Import } from '../../api/records';
import { beginImport, dropImport, runImport, sendFile, watchImport } from '../../ask/imports';

export interface ImportWalk {
  file: File | null;
  sent: number;
  now: Import | null;
  /** Is something on the way? */
  isBusy: boolean;
  error: unknown;
  start: (file: File) => void;
  /** Runs once more and leaves out the bad rows. */
  skipBad: () => void;
  /** Gives up, or begins anew. */
  reset: () => void;
}

export function useImport(): ImportWalk {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const [now, setNow] = useState<Import | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const id = useRef<string | null>(null);
  const stop = useRef(new AbortController());

  const run = async (withoutBad: boolean, signal: AbortSignal) => {
    await runImport(id.current!, withoutBad);
    const end = await watchImport(id.current!, setNow, signal);
    if (end.state === 'done') {
      await Promise.all(['devices', 'groups', 'events'].map((name) => client.invalidateQueries({ queryKey: [name] })));
    }
  };
  const work = async (steps: (signal: AbortSignal) => Promise<void>) => {
    stop.current.abort();
    const control = stop.current = new AbortController();
    setBusy(true);
    setError(null);
    try {
      await steps(control.signal);
    } catch (thrown) {
      if (!control.signal.aborted) setError(thrown);
    } finally {
      if (!control.signal.aborted) setBusy(false);
    }
  };
  const forget = () => {
    stop.current.abort();
    // a file that nobody waits for; if this fails the server drops it in time
    if (id.current) dropImport(id.current).catch(() => undefined);
    id.current = null;
  };
  const isRunning = useRef(false);
  isRunning.current = now?.state === 'running';
  // who leaves the page leaves no half file behind; what is going in already goes on
  useEffect(() => () => {
    if (isRunning.current) stop.current.abort();
    else forget();
  }, []);
  return {
    file, sent, now, isBusy, error,
    start: (chosen) => {
      forget();
      setFile(chosen);
      setSent(0);
      setNow(null);
      void work(async (signal) => {
        id.current = (await beginImport(chosen)).id;
        await sendFile(id.current, chosen, setSent, signal);
        await run(false, signal);
      });
    },
    skipBad: () => void work((signal) => run(true, signal)),
    reset: () => {
      forget();
      setFile(null);
      setNow(null);
      setError(null);
      setBusy(false);
    },
  };
}
