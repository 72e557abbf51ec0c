// SPDX-License-Identifier: Apache-2.0
//
// Saving an edit of a certain version. When somebody else was faster, theirs is fetched and
// shown, what was typed stays, and saving again puts it in the place of theirs.
import { useState } from 'react';
import type { UseFormReturnType } from '@mantine/form';
import { ask } from '../api/client';
import type { Answer } from '../api/client';
import { Problem } from '../api/problem';
import { showProblem } from './FormFields';

export interface Saving<T, E> {
  /** What somebody else has made of it meanwhile. */
  theirs: T | null;
  /** What belongs to no field. */
  error: unknown;
  isPending: boolean;
  /** Saves; an edit without a change only ends. */
  save: (edit: E) => Promise<void>;
}

export function useSaving<T, E extends object, F extends object>({ path, etag, form, send, onSaved }: {
  path: string;
  etag: string | null;
  form: UseFormReturnType<F>;
  send: (edit: { edit: E; etag: string }) => Promise<Answer<T>>;
  /** With false when nothing was different. */
  onSaved: (hasChanged: boolean) => void;
}): Saving<T, E> {
  const [version, setVersion] = useState(etag ?? '');
  const [theirs, setTheirs] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isPending, setPending] = useState(false);
  const save = async (edit: E) => {
    setError(null);
    if (Object.keys(edit).length === 0) {
      onSaved(false);
      return;
    }
    setPending(true);
    try {
      await send({ edit, etag: version });
      onSaved(true);
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'CHANGED') {
        const now = await ask<T>(path);
        setVersion(now.etag ?? '');
        setTheirs(now.data);
      } else {
        setError(showProblem(form, thrown));
      }
    } finally {
      setPending(false);
    }
  };
  return { theirs, error, isPending, save };
}
