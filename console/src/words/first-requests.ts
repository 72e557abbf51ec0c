// SPDX-License-Identifier: Apache-2.0
//
// A first request, ready to run, in four ways. All of them sign `GET /v3/whoami`: it needs
// no permission, so it works with every token.
import type { Kind } from '../api/types';

export interface Sample {
  name: string;
  needs: string;
  text: string;
}

interface Token {
  id: string;
  kind: Kind;
  server: string;
  /** Where the person has saved the private key, or the .token file. */
  file: string;
}

function header(id: string, kind: Kind): string {
  return `{"alg":"${kind}","kid":"${id}","method":"GET","content-type":"application/json","uri":"/v3/whoami","query-string":"","issuedAt":%s000}`;
}

function shell({ id, kind, server, file }: Token): string {
  const sign = kind === 'ES256'
    ? `# OpenSSL signs in DER; the message wants R and S, 32 bytes each
hex=$(printf %s "$header.$payload" | openssl dgst -sha256 -sign '${file}' \\
  | openssl asn1parse -inform DER | awk -F: '/INTEGER/ { printf "%64s", $4 }' | tr ' ' 0)
signature=$(printf "$(printf %s "$hex" | sed 's/../\\\\x&/g')" | b64)`
    : `secret=$(sed -n 's/^Secret key: //p' '${file}' | tr -d '\\r')
signature=$(printf %s "$header.$payload" | openssl dgst -sha256 -hmac "$secret" -binary | b64)`;
  return `#!/usr/bin/env bash
b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
header=$(printf '${header(id, kind)}' "$(date +%s)" | b64)
payload=$(printf '{}' | b64)
${sign}
curl -sS --data-binary "$header.$payload.$signature" '${server}/jws/validate'
`;
}

function node({ id, kind, server, file }: Token): string {
  const sign = kind === 'ES256'
    ? `const key = readFileSync('${file}');
const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });`
    : `const secret = /^Secret key: (\\S+)/m.exec(readFileSync('${file}', 'utf8'))[1];
const signature = createHmac('sha256', secret).update(signed).digest();`;
  return `// first-request.mjs
import { ${kind === 'ES256' ? 'sign' : 'createHmac'} } from 'node:crypto';
import { readFileSync } from 'node:fs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = [
  encode({
    alg: '${kind}', kid: '${id}', method: 'GET',
    'content-type': 'application/json', uri: '/v3/whoami', 'query-string': '', issuedAt: Date.now(),
  }),
  encode({}),
].join('.');
${sign}
const reply = await fetch('${server}/jws/validate', {
  method: 'POST', body: \`\${signed}.\${signature.toString('base64url')}\`,
});
console.log(reply.status, await reply.text());
`;
}

function python({ id, kind, server, file }: Token): string {
  const imports = kind === 'ES256' ? `from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
` : '';
  const sign = kind === 'ES256'
    ? `with open("${file}", "rb") as f:
    key = serialization.load_pem_private_key(f.read(), password=None)
r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")`
    : `with open("${file}", encoding="utf-8") as f:
    secret = re.search(r"^Secret key: (\\S+)", f.read(), re.M).group(1)
signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()`;
  return `# first_request.py
import base64, ${kind === 'ES256' ? 'json, time' : 'hashlib, hmac, json, re, time'}
import urllib.request
${imports}
def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

header = {
    "alg": "${kind}", "kid": "${id}", "method": "GET",
    "content-type": "application/json", "uri": "/v3/whoami", "query-string": "",
    "issuedAt": int(time.time() * 1000),
}
signed = b64(json.dumps(header).encode()) + "." + b64(b"{}")
${sign}
request = urllib.request.Request("${server}/jws/validate", (signed + "." + b64(signature)).encode())
print(urllib.request.urlopen(request).read().decode())
`;
}

function ownCommand({ id, kind, server, file }: Token): string {
  return kind === 'ES256'
    ? `chmod 600 '${file}'
tokenhouse call GET /v3/whoami --token-id ${id} --private-key '${file}' --server ${server}
`
    : `tokenhouse call GET /v3/whoami --token '${file}' --server ${server}
`;
}

export function firstRequests(token: Token): Sample[] {
  return [
    { name: 'Shell', needs: 'bash, curl and openssl', text: shell(token) },
    { name: 'Node', needs: 'Node 18 or newer', text: node(token) },
    {
      name: 'Python', text: python(token),
      needs: token.kind === 'ES256' ? 'Python 3 with the package cryptography' : 'Python 3',
    },
    { name: 'tokenhouse', needs: 'the program itself, on any machine', text: ownCommand(token) },
  ];
}
