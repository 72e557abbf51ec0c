// SPDX-License-Identifier: Apache-2.0
//
// Keys and certificates by openssl.
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key and a certificate in `file`.key and .crt: its own authority, or signed by one. */
export function makeCertificate(folder, name, { subjectAltName = 'IP:127.0.0.1', by, file = name } = {}) {
  const [key, cert] = [join(folder, `${file}.key`), join(folder, `${file}.crt`)];
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-keyout', key];
  if (by === undefined) {
    openssl('req', '-x509', ...made, '-days', '2', '-addext', `subjectAltName=${subjectAltName}`, '-out', cert);
  } else {
    const request = join(folder, `${file}.csr`);
    openssl('req', ...made, '-out', request);
    writeFileSync(join(folder, `${file}.ext`), `subjectAltName=${subjectAltName}\n`);
    openssl('x509', '-req', '-in', request, '-CA', by.cert, '-CAkey', by.key, '-CAcreateserial', '-days', '2',
      '-extfile', join(folder, `${file}.ext`), '-out', cert);
  }
  chmodSync(key, 0o600);
  return { key, cert };
}

/** A certificate for a house, in place of the one before; and the settings that name it. */
export function tlsOf(house, name = 'localhost') {
  const { key, cert } = makeCertificate(house.folder, name, { file: 'tls' });
  return { key, cert, ini: `[server]\ntls_cert = ${cert}\ntls_key = ${key}\n` };
}
