// SPDX-License-Identifier: Apache-2.0
//
// What the pages of a new token and of a roll do with their forms: the key that is chosen,
// one attempt after another, and the token that is made in the end.
import { useState } from 'react';
import type { UseFormReturnType } from '@mantine/form';
import type { MadeToken } from '../../api/types';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { useUnsaved } from '../../parts/useUnsaved';
import { canMakeKeys } from '../../words/key';
import { checkUploaded, NO_KEY } from './KeyChoice';
import type { KeyKind, UploadedKey } from './KeyChoice';
import { makeWithKey } from './making';
import type { Key, Made } from './making';

/** `key` is for KeyChoice, `submit` for a form that is valid. */
export function useMaking<Draft extends object>(form: UseFormReturnType<Draft>, { challenge, renew, send }: {
  challenge: string;
  /** Gives a fresh challenge. */
  renew: () => Promise<string>;
  send: (draft: Draft, key: Key) => Promise<MadeToken>;
}) {
  const [kind, setKind] = useState<KeyKind>(canMakeKeys() ? 'browser' : 'generate');
  const [uploaded, setUploaded] = useState<UploadedKey>(NO_KEY);
  const [made, setMade] = useState<Made | null>(null);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useUnsaved(form.isDirty() && !made);
  const hasKey = async () => {
    if (kind !== 'public') return true;
    const checked = await checkUploaded(uploaded);
    setUploaded(checked);
    return !checked.fault && !checked.proofFault;
  };
  const submit = async (draft: Draft) => {
    setError(null);
    setPending(true);
    try {
      if (await hasKey()) {
        setMade(await makeWithKey({ kind, uploaded, challenge, renew, send: (key) => send(draft, key) }));
      } else {
        focusFirstFault();
      }
    } catch (thrown) {
      setError(showProblem(form, thrown));
    } finally {
      setPending(false);
    }
  };
  return { key: { kind, onKind: setKind, uploaded, onUploaded: setUploaded, challenge }, submit, made, isPending, error };
}
