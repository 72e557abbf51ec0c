// SPDX-License-Identifier: Apache-2.0
//
// Syslog receivers that are not ours: one by node's own sockets, which can be told to
// misbehave, and a real rsyslogd. And what they got, taken apart by the letter of RFC 5424
// and of CEF.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';

/** Frames by octet counting (RFC 6587 §3.4.1); gives what is not whole. */
function takeFrames(bytes, frames) {
  for (;;) {
    const head = /^([1-9][0-9]*) /.exec(bytes.subarray(0, 12).toString('latin1'));
    if (!head) {
      assert.ok(bytes.length < 12, `no length: ${bytes.subarray(0, 40).toString('latin1')}`);
      return bytes;
    }
    const end = head[0].length + Number(head[1]);
    if (bytes.length < end) return bytes;
    frames.push(bytes.subarray(head[0].length, end).toString('utf8'));
    bytes = bytes.subarray(end);
  }
}

/** Opens one. `manners`, which may be changed: 'good'; 'resets' after `bytes`; 'hangs'
 * (takes what comes, and never ends); 'halfCloses' (ends its own side at once). */
export async function openReceiver(t, { secure, port = 0, manners = 'good', bytes = 2000 } = {}) {
  const receiver = { frames: [], connections: 0, manners, bytes, subjects: [] };
  const sockets = new Set();
  const serve = (socket) => {
    let rest = Buffer.alloc(0);
    let got = 0;
    receiver.connections++;
    sockets.add(socket);
    receiver.subjects.push(secure ? socket.getPeerCertificate()?.subject?.CN : undefined);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('end', () => { if (receiver.manners !== 'hangs') socket.end(); });
    if (receiver.manners === 'halfCloses') socket.end();
    socket.on('data', (part) => {
      got += part.length;
      if (receiver.manners === 'resets' && got > receiver.bytes) {
        (socket.resetAndDestroy ?? socket.destroy).call(socket); // what it has not kept is lost
        return;
      }
      if (receiver.manners === 'hangs') return;
      rest = takeFrames(Buffer.concat([rest, part]), receiver.frames);
    });
  };
  const open = () => new Promise((done, fail) => {
    receiver.server = secure
      ? tls.createServer({ ...secure, allowHalfOpen: true }, serve)
      : net.createServer({ allowHalfOpen: true }, serve);
    receiver.server.on('tlsClientError', () => {});
    receiver.server.on('error', fail);
    receiver.server.listen(receiver.port ?? port, '127.0.0.1', done);
  });
  receiver.close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => { receiver.server.close(done); });
  };
  receiver.cut = () => { for (const socket of sockets) socket.destroy(); };
  receiver.reopen = open;
  await open();
  receiver.port = receiver.server.address().port;
  receiver.url = `${secure ? 'tls' : 'tcp'}://127.0.0.1:${receiver.port}`;
  t.after(() => receiver.close().catch(() => {}));
  return receiver;
}

/** A message by RFC 5424, or it fails. */
export function parseSyslog(message) {
  const head = /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /.exec(message);
  assert.ok(head, message);
  const out = { priority: Number(head[1]), at: head[2], host: head[3], app: head[4], process: head[5], id: head[6], data: {} };
  let rest = message.slice(head[0].length);
  if (rest.startsWith('-')) {
    rest = rest.slice(1);
  } else {
    while (rest.startsWith('[')) {
      const element = /^\[([!-~]{1,32}?)((?: [!-~]{1,32}?="(?:[^"\\\]]|\\["\\\]])*")*)\]/.exec(rest);
      assert.ok(element, rest);
      out.data[element[1]] = Object.fromEntries([...element[2].matchAll(/ ([^=]+)="((?:[^"\\\]]|\\["\\\]])*)"/g)]
        .map(([, name, value]) => [name, value.replace(/\\(["\\\]])/g, '$1')]));
      rest = rest.slice(element[0].length);
    }
  }
  assert.ok(rest === '' || rest.startsWith(' '), rest);
  return { ...out, text: rest.slice(1) };
}

/** The body of a CEF message: header fields and extension. */
export function parseCef(text) {
  const parts = [];
  let rest = text;
  for (let i = 0; i < 7; i++) {
    const part = /^((?:[^|\\]|\\[|\\])*)\|/.exec(rest);
    assert.ok(part, rest);
    parts.push(part[1].replace(/\\([|\\])/g, '$1'));
    rest = rest.slice(part[0].length);
  }
  const [version, vendor, product, deviceVersion, classId, name, severity] = parts;
  assert.deepEqual([version, vendor, product], ['CEF:0', 'Tokenhouse', 'Tokenhouse']);
  assert.ok(!/[\r\n]/.test(rest), 'one line');
  const extension = {};
  const keys = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)(?<!\\)=/g)];
  keys.forEach((key, i) => {
    const value = rest.slice(key.index + key[0].length, keys[i + 1]?.index ?? rest.length);
    assert.ok(/^(?:[^=\\]|\\[=\\nr])*$/.test(value), `escaped: ${value}`);
    extension[key[1]] = value.replace(/\\([=\\nr])/g, (_, c) => ({ n: '\n', r: '\r' })[c] ?? c);
  });
  return { deviceVersion, classId, name, severity: Number(severity), extension };
}

/** rsyslogd with octet counting, on a free port; `read()` gives the lines that it has written. */
export async function openRsyslog(t, folder, { secure, authority } = {}) {
  const work = join(folder, 'rsyslog');
  const out = join(work, 'out.log');
  const port = await new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port: free } = probe.address(); probe.close(() => done(free)); });
  });
  mkdirSync(work, { recursive: true });
  const driver = secure ? `global(DefaultNetstreamDriverCAFile="${authority}" DefaultNetstreamDriverCertFile="${secure.cert}" DefaultNetstreamDriverKeyFile="${secure.key}")\n` : '';
  const stream = secure ? 'StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"' : '';
  writeFileSync(join(work, 'rsyslog.conf'), `global(workDirectory="${work}" maxMessageSize="16k")
${driver}module(load="imtcp" ${stream})
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="keep")
ruleset(name="keep") { action(type="omfile" file="${out}" template="raw") }
`);
  const daemon = spawn('rsyslogd', ['-n', '-f', join(work, 'rsyslog.conf'), '-i', join(work, 'pid')],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  let said = '';
  daemon.stdout.on('data', (part) => { said += part; });
  daemon.stderr.on('data', (part) => { said += part; });
  const ended = new Promise((done) => { daemon.on('exit', done); daemon.on('error', done); });
  t.after(async () => { daemon.kill('SIGTERM'); await ended; });
  return {
    url: `${secure ? 'tls' : 'tcp'}://127.0.0.1:${port}`,
    read: () => (existsSync(out) ? readFileSync(out, 'utf8').split('\n').filter((line) => line) : []),
    said: () => said,
  };
}
