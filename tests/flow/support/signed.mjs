// SPDX-License-Identifier: Apache-2.0
//
// Ordinary requests signed by RFC 9421, by the library http-message-signatures (not ours),
// and sent over node:http.
import { createHash, randomUUID } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import { send } from './console.mjs';

const ALGORITHMS = { HS256: 'hmac-sha256', ES256: 'ecdsa-p256-sha256' };

/** What the library signs with. The HMAC key is the text of the secret. */
export function signerOf(token) {
  return createSigner(token.alg === 'HS256' ? Buffer.from(token.secret) : token.key, ALGORITHMS[token.alg], token.id);
}

export const digestOf = (body, algorithm = 'sha256') => {
  const name = algorithm === 'sha256' ? 'sha-256' : 'sha-512';
  return `${name}=:${createHash(algorithm).update(body).digest('base64')}:`;
};

/** A signed message { method, url, headers }; everything can be had otherwise by `more`. */
export async function signRequest(house, token, method, path, {
  body, fields, more = [], headers = {}, params, paramValues = {}, name = 'sig1', key,
} = {}) {
  const isSafe = method === 'GET' || method === 'HEAD';
  const message = {
    method,
    url: `${house.scheme}://127.0.0.1:${house.port}${path}`,
    headers: {
      host: `127.0.0.1:${house.port}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-digest': digestOf(body) }),
      ...headers,
    },
  };
  return httpbis.signMessage({
    key: key ?? signerOf(token),
    name,
    fields: fields ?? ['@method', '@target-uri', ...(body === undefined ? [] : ['content-digest']), ...more],
    params: params ?? ['created', 'keyid', 'alg', ...(isSafe ? [] : ['nonce'])],
    paramValues: { nonce: randomUUID(), ...paramValues },
  }, message);
}

/** Signs and sends: askSigned(house, token, 'GET', '/v3/whoami', { … }). */
export async function askSigned(house, token, method, path, more = {}) {
  const { headers } = await signRequest(house, token, method, path, more);
  return send(house, method, path, { headers, body: more.body });
}
