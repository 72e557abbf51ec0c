// SPDX-License-Identifier: Apache-2.0
//
// Making a token with each kind of key: for the page of a new token and that of a roll.
import { Problem } from '../../api/problem';
import type { MadeToken, NewToken } from '../../api/types';
import { makeKeyPair, proofText, readProof } from '../../words/key';
import type { KeyPair } from '../../words/key';
import type { KeyKind, UploadedKey } from './KeyChoice';

export type Key = NewToken['key'];

export interface Made extends MadeToken {
  privatePem: string | null;
}

function isAboutProof(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.faults.some((fault) => /proof/i.test(fault.field));
}

async function keyFor(kind: KeyKind, uploaded: UploadedKey, pair: KeyPair | null, challenge: string): Promise<Key> {
  if (kind === 'generate' || kind === 'bearer') return { kind };
  if (pair) return { kind: 'public', publicKey: pair.publicPem, proof: await pair.sign(proofText(challenge)) };
  return { kind: 'public', publicKey: uploaded.text, proof: uploaded.proof.trim() ? readProof(uploaded.proof) : null };
}

/** Makes it. A challenge that has run out meanwhile is fetched anew, once. */
export async function makeWithKey({ kind, uploaded, challenge, send, renew }: {
  kind: KeyKind;
  uploaded: UploadedKey;
  challenge: string;
  send: (key: Key) => Promise<MadeToken>;
  /** Gives a fresh challenge. */
  renew: () => Promise<string>;
}): Promise<Made> {
  const pair = kind === 'browser' ? await makeKeyPair() : null;
  try {
    return { ...await send(await keyFor(kind, uploaded, pair, challenge)), privatePem: pair?.privatePem ?? null };
  } catch (thrown) {
    if (!isAboutProof(thrown)) throw thrown;
    const fresh = await renew();
    if (!pair) throw thrown;
    return { ...await send(await keyFor(kind, uploaded, pair, fresh)), privatePem: pair.privatePem };
  }
}
