// SPDX-License-Identifier: Apache-2.0
//
// A real mail server (smtp-server, not ours) on a free port, which keeps what it was given
// as mailparser reads it.
import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { makeCertificate } from './certificates.mjs';

export const MAIL_USER = 'house';
export const MAIL_PASSWORD = 'a pass word of the mail server';

/** Opens one; it goes when the test ends. `hooks`: onRcptTo, onMailFrom, onData … of
 * smtp-server; they may be changed later on, through `office.hooks`. */
export async function openPostOffice(t, folder, { hooks = {}, ...options } = {}) {
  const { key, cert } = makeCertificate(folder, `post${Math.random().toString(36).slice(2)}`);
  const office = { hooks, letters: [], commands: [], cert, isSecure: [] };
  const server = new SMTPServer({
    key: readFileSync(key), cert: readFileSync(cert), logger: false, ...options,
    onAuth(auth, session, done) {
      office.commands.push('AUTH');
      done(auth.username === MAIL_USER && auth.password === MAIL_PASSWORD ? null : new Error('no such user'), { user: 1 });
    },
    onMailFrom(address, session, done) {
      office.commands.push('MAIL');
      office.isSecure.push(session.secure);
      (office.hooks.onMailFrom ?? ((a, s, d) => d()))(address, session, done);
    },
    onRcptTo(address, session, done) {
      office.commands.push('RCPT');
      (office.hooks.onRcptTo ?? ((a, s, d) => d()))(address, session, done);
    },
    onData(stream, session, done) {
      office.commands.push('DATA');
      if (office.hooks.onData?.(stream, session, done)) return;
      const parts = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('end', async () => {
        const raw = Buffer.concat(parts);
        office.letters.push({ raw: raw.toString('latin1'), ...await simpleParser(raw), readers: session.envelope.rcptTo.map((r) => r.address) });
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  office.port = server.server.address().port;
  office.url = `smtp://127.0.0.1:${office.port}`;
  office.server = server;
  t.after(() => new Promise((done) => { server.close(done); }));
  return office;
}
