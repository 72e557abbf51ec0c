// SPDX-License-Identifier: Apache-2.0
//
// Key pairs made in this browser, and proofs of possession. The private key leaves it only
// as a file that the person saves.
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const PROOF_PREFIX = 'tokenhouse-key-proof:';

export interface KeyPair {
  publicPem: string;
  privatePem: string;
  sign: (text: string) => Promise<string>;
}

/** Browsers make keys only on pages that came over TLS, or from this very machine. */
export function canMakeKeys(): boolean {
  return window.isSecureContext && !!window.crypto?.subtle;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function pem(name: string, der: ArrayBuffer): string {
  const lines = base64(new Uint8Array(der)).match(/.{1,64}/g)!;
  return `-----BEGIN ${name}-----\n${lines.join('\n')}\n-----END ${name}-----\n`;
}

export function proofText(challenge: string): string {
  return PROOF_PREFIX + challenge;
}

export async function makeKeyPair(): Promise<KeyPair> {
  const { subtle } = window.crypto;
  const pair = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const [spki, pkcs8] = await Promise.all([
    subtle.exportKey('spki', pair.publicKey), subtle.exportKey('pkcs8', pair.privateKey)]);
  return {
    publicPem: pem('PUBLIC KEY', spki),
    privatePem: pem('PRIVATE KEY', pkcs8),
    // WebCrypto gives R and S as they are wanted, 32 bytes each
    sign: async (text) =>
      base64url(new Uint8Array(await subtle.sign(SIGNATURE, pair.privateKey, new TextEncoder().encode(text)))),
  };
}

function bytesOfBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** What somebody pasted is a private key, with its lines or bare: it must not leave this page. */
export function isPrivateKey(text: string): boolean {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) return true;
  const der = bytesOfBase64(text.replace(/-----[^-]*-----/g, '').replace(/\s+/g, ''));
  if (!der || der[0] !== 0x30) return false;
  // SEC 1 and PKCS #8 begin with a version, INTEGER 0 or 1; a public key does not
  const at = der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f);
  return der[at] === 2 && der[at + 1] === 1 && der[at + 2]! <= 1;
}

/** One INTEGER of a DER signature as 32 bytes; null when it is none. */
function integer(der: Uint8Array, at: number): { bytes: Uint8Array; next: number } | null {
  const length = der[at + 1];
  if (der[at] !== 2 || length === undefined || length < 1 || length > 33 || at + 2 + length > der.length) return null;
  let bytes = der.subarray(at + 2, at + 2 + length);
  if (bytes.length === 33) {
    if (bytes[0] !== 0) return null;
    bytes = bytes.subarray(1);
  }
  const padded = new Uint8Array(32);
  padded.set(bytes, 32 - bytes.length);
  return { bytes: padded, next: at + 2 + length };
}

/**
 * A pasted proof as the server wants it: base64url of R and S. OpenSSL gives DER in
 * base64; 64 bytes are taken as they are. Null when it is neither.
 */
export function readProof(text: string): string | null {
  const plain = text.replace(/\s+/g, '').replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '');
  const raw = bytesOfBase64(plain);
  if (!raw) return null;
  if (raw.length === 64) return base64url(raw);
  if (raw[0] !== 0x30 || raw[1] !== raw.length - 2) return null;
  const r = integer(raw, 2);
  const s = r && integer(raw, r.next);
  if (!r || !s || s.next !== raw.length) return null;
  return base64url(new Uint8Array([...r.bytes, ...s.bytes]));
}
