// SPDX-License-Identifier: Apache-2.0
// Writes COUNT distinct signed requests, one JWS a line, with node's own cryptography.
//
// presign.mjs ALG KID KEY-FILE URI QUERY COUNT OUT
//   ALG       HS256 (KEY-FILE holds the secret key's text) or ES256 (PEM)
import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [alg, kid, keyFile, uri, query, count, out] = process.argv.slice(2);
const b64 = (text) => Buffer.from(text).toString('base64url');
const text = readFileSync(keyFile, 'utf8').trim();
const key = alg === 'ES256' ? createPrivateKey(text) : text;
const payload = b64('{}');
const now = Date.now();
const lines = [];
for (let i = 0; i < Number(count); i++) {
  const header = b64(JSON.stringify({
    alg, kid, method: 'GET', 'content-type': 'application/json', uri,
    'query-string': query, issuedAt: now + (i % 60000),
  }));
  const input = `${header}.${payload}`;
  const signature = alg === 'ES256'
    ? sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
    : createHmac('sha256', key).update(input).digest();
  lines.push(`${input}.${signature.toString('base64url')}`);
}
writeFileSync(out, lines.join('\n') + '\n');
