// SPDX-License-Identifier: Apache-2.0
// Attacks that must fail. Each stands beside the honest request that it was made from,
// which must succeed, so that no test here passes because nothing works.
import assert from 'node:assert/strict';
import { createHmac, sign as nodeSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { before, after, describe, test } from 'node:test';
import { b64, header, makeHouse, sign } from './support/house.mjs';

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const WHOAMI = '/v3/whoami';

describe('attacks', () => {
  const undo = [];
  let house, hs, es;
  before(async () => {
    house = makeHouse({ after: (f) => undo.unshift(f) });
    hs = house.hs256('hs');
    es = house.es256('es');
    await house.start();
  });
  after(async () => {
    for (const f of undo) await f();
  });

  /** A JWS with this header (text or object), payload text and signing function. */
  const forge = (head, payload, signer) => {
    const input = `${b64(typeof head === 'string' ? head : JSON.stringify(head))}.${b64(payload)}`;
    return `${input}.${b64(signer(Buffer.from(input)))}`;
  };
  const hmac = (key) => (input) => createHmac('sha256', key).update(input).digest();
  const ecdsa = (encoding = 'ieee-p1363') => (input) => nodeSign('sha256', input, { key: es.key, dsaEncoding: encoding });
  const status = async (jws) => (await house.post(jws)).status;
  const fails = async (jws, name) => {
    const got = await status(jws);
    assert.ok(got === 400 || got === 401, `${name}: ${got}`);
  };

  test('the forge makes good requests, if the signer is honest', async () => {
    assert.equal(await status(forge(header(hs, 'GET', WHOAMI), '{}', hmac(hs.secret))), 200);
    assert.equal(await status(forge(header(es, 'GET', WHOAMI), '{}', ecdsa())), 200);
  });

  test('alg none, in any spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'null']) {
      const head = { ...header(hs, 'GET', WHOAMI), alg };
      for (const signature of ['', 'AA', b64(hmac(hs.secret)(Buffer.from('x')))]) {
        await fails(`${b64(JSON.stringify(head))}.${b64('{}')}.${signature}`, alg);
      }
    }
    await fails(forge({ ...header(hs, 'GET', WHOAMI), alg: null }, '{}', hmac(hs.secret)), 'null');
    await fails(forge({ ...header(hs, 'GET', WHOAMI), alg: ['HS256'] }, '{}', hmac(hs.secret)), 'array');
  });

  test('HS256 with the text or the bytes of the public key', async () => {
    const pem = readFileSync(es.publicFile, 'utf8');
    const head = { ...header(es, 'GET', WHOAMI), alg: 'HS256' };
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    for (const key of [pem, pem.trim(), pem.replace(/-----[^-]+-----|\s/g, ''), der, der.subarray(-64), der.subarray(-65), '']) {
      await fails(forge(head, '{}', hmac(key)), 'public key as secret');
    }
  });

  test('the algorithm of the other kind, and others', async () => {
    await fails(forge({ ...header(hs, 'GET', WHOAMI), alg: 'ES256' }, '{}', ecdsa()), 'ES256 on an HS256 token');
    await fails(forge({ ...header(es, 'GET', WHOAMI), alg: 'HS256' }, '{}', hmac(hs.secret)), 'HS256 on an ES256 token');
    for (const alg of ['HS384', 'HS512', 'ES384', 'RS256', 'PS256', 'EdDSA', 'hs256', 'HS256 ']) {
      await fails(forge({ ...header(hs, 'GET', WHOAMI), alg }, '{}', hmac(hs.secret)), alg);
    }
  });

  test('the secret decoded, cut or extended', async () => {
    const head = header(hs, 'GET', WHOAMI);
    for (const key of [Buffer.from(hs.secret, 'base64'), hs.secret.slice(0, -1), `${hs.secret}\n`, hs.secret.toLowerCase(), hs.id]) {
      await fails(forge(head, '{}', hmac(key)), 'another form of the secret');
    }
  });

  test('DER instead of R ‖ S, and other lengths', async () => {
    const head = header(es, 'GET', WHOAMI);
    await fails(forge(head, '{}', ecdsa('der')), 'DER');
    for (const change of [(s) => s.subarray(0, 63), (s) => Buffer.concat([s, Buffer.from([0])]), (s) => s.subarray(32),
      (s) => Buffer.concat([Buffer.from([0]), s]), (s) => Buffer.concat([s.subarray(32), s.subarray(0, 32)])]) {
      await fails(forge(head, '{}', (input) => change(ecdsa()(input))), 'length');
    }
    await fails(forge(header(hs, 'GET', WHOAMI), '{}', (i) => hmac(hs.secret)(i).subarray(0, 31)), 'short MAC');
    await fails(forge(header(hs, 'GET', WHOAMI), '{}', (i) => Buffer.concat([hmac(hs.secret)(i), Buffer.from([0])])), 'long MAC');
  });

  test('r or s is zero, n, or above', async () => {
    const head = header(es, 'GET', WHOAMI);
    const bytes = (x) => Buffer.from((x & ((1n << 256n) - 1n)).toString(16).padStart(64, '0'), 'hex');
    const top = (1n << 256n) - 1n;
    for (const value of [0n, N, N + 1n, top]) {
      await fails(forge(head, '{}', (i) => Buffer.concat([bytes(value), ecdsa()(i).subarray(32)])), `r = ${value}`);
      await fails(forge(head, '{}', (i) => Buffer.concat([ecdsa()(i).subarray(0, 32), bytes(value)])), `s = ${value}`);
      await fails(forge(head, '{}', () => Buffer.concat([bytes(value), bytes(value)])), `both = ${value}`);
    }
    await fails(forge(head, '{}', () => Buffer.concat([bytes(1n), bytes(1n)])), 'r = s = 1');
  });

  test('names twice, in the header and with escapes', async () => {
    const text = JSON.stringify(header(hs, 'GET', WHOAMI));
    for (const more of ['"kid":"x"', `"kid":"${hs.id}"`, '"alg":"HS256"', '"a\\u006cg":"none"', '"uri":"/v3/whoami"', '"method":"PUT"', '"typ":1,"typ":1']) {
      await fails(forge(text.replace(/}$/, `,${more}}`), '{}', hmac(hs.secret)), more);
      await fails(forge(text.replace(/^{/, `{${more},`), '{}', hmac(hs.secret)), more);
    }
    assert.equal(await status(forge(text.replace(/}$/, ',"typ":"JWT"}'), '{}', hmac(hs.secret))), 200);
  });

  test('crit, whatever it names', async () => {
    for (const crit of [['exp'], ['b64'], [], 'x', null]) {
      await fails(forge({ ...header(hs, 'GET', WHOAMI), crit }, '{}', hmac(hs.secret)), 'crit');
    }
  });

  test('a key that the message brings along', async () => {
    const own = 'an attacker knows this one';
    const jwk = { kty: 'oct', k: b64(own) };
    for (const more of [{ jwk }, { jku: 'http://127.0.0.1:1/keys' }, { x5u: 'http://127.0.0.1:1/x' }, { x5c: ['MIIB'] }]) {
      await fails(forge({ ...header(hs, 'GET', WHOAMI), ...more }, '{}', hmac(own)), JSON.stringify(more));
    }
  });

  test('padding, foreign characters and spare bits in base64url', async () => {
    const jws = await sign(hs, 'GET', WHOAMI);
    assert.equal(await status(jws), 200);
    const [head, payload, signature] = jws.split('.');
    const spare = (part) => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)) ^ 1];
    };
    for (const bad of [`${head}.${payload}.${signature}=`, `${head}=.${payload}.${signature}`, `${head}.${payload}=.${signature}`,
      `${head}.${payload}.${spare(signature)}`, `${head} .${payload}.${signature}`, `${head}.\n${payload}.${signature}`,
      `${head}.${payload}.${signature}?`, `${head}.${payload}.${signature}.`, `.${head}.${payload}.${signature}`,
      `${head}.${payload}.${signature.slice(0, 20)} ${signature.slice(20)}`, `${head}.${payload}.${signature}\u0000`]) {
      await fails(bad, bad.slice(-10));
    }
    // the standard alphabet instead of base64url, where it makes a difference
    for (let i = 0; i < 40; i++) {
      const other = await sign(hs, 'GET', WHOAMI, { issuedAt: Date.now() - i });
      const [h, p, s] = other.split('.');
      const swapped = s.replace(/-/g, '+').replace(/_/g, '/');
      if (swapped !== s) await fails(`${h}.${p}.${swapped}`, 'standard alphabet');
    }
  });

  test('deep, huge and broken JSON', async () => {
    const deep = (n) => '['.repeat(n) + ']'.repeat(n);
    const head = JSON.stringify(header(hs, 'GET', WHOAMI));
    const put = header(hs, 'PUT', '/v3/configurations/customfields/devices/x');
    await fails(forge(head.replace(/}$/, `,"x":${deep(1000)}}`), '{}', hmac(hs.secret)), 'deep header');
    await fails(forge(head.replace(/}$/, `,"x":"${'y'.repeat(9000)}"}`), '{}', hmac(hs.secret)), 'long header');
    for (const payload of [`{"data":${deep(100_000)}}`, '{"data":', '[]', 'x', '{"data":1}{}', '{"data":1,"data":2}', '\u0000{}', '{"data":"\\ud800"}',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]) {
      const jws = forge({ ...put, issuedAt: Date.now() }, payload, hmac(hs.secret));
      const got = await status(jws);
      assert.equal(got, 400, `${String(payload).slice(0, 30)}: ${got}`);
    }
  });

  test('a kid that would mean something elsewhere', async () => {
    for (const kid of ["' OR '1'='1", '../../etc/passwd', `${hs.id}\u0000`, `${hs.id} `, hs.id.toUpperCase(), '%s%s%n', 'x'.repeat(65), '', '*', '__proto__']) {
      await fails(forge({ ...header(hs, 'GET', WHOAMI), kid }, '{}', hmac(hs.secret)), kid);
    }
    for (const kid of [1, null, {}, [hs.id], true]) {
      await fails(forge({ ...header(hs, 'GET', WHOAMI), kid }, '{}', hmac(hs.secret)), JSON.stringify(kid));
    }
  });

  test('issuedAt that is no moment', async () => {
    for (const issuedAt of [null, true, [], {}, '', ' 1', '1e3', '0x10', '1.5', -1, 1e300, '99999999999999999999', `${Date.now()} `, Date.now() + 0.5]) {
      await fails(forge({ ...header(hs, 'GET', WHOAMI), issuedAt }, '{}', hmac(hs.secret)), JSON.stringify(issuedAt));
    }
    await fails(forge({ ...header(hs, 'GET', WHOAMI), issuedAt: undefined }, '{}', hmac(hs.secret)), 'missing');
  });

  test('two requests in one body, and a request behind the message', async () => {
    const jws = await sign(hs, 'GET', WHOAMI);
    const ask = (text) => new Promise((done, fail) => {
      const socket = net.connect(house.port, '127.0.0.1', () => socket.end(text));
      let heard = '';
      socket.on('data', (bytes) => { heard += bytes; });
      socket.on('close', () => done(heard));
      socket.on('error', fail);
    });
    const one = (extra, body) => `POST /jws/validate HTTP/1.1\r\nHost: x\r\n${extra}\r\n${body}`;
    assert.match(await ask(one(`Content-Length: ${jws.length}\r\n`, jws)), /^HTTP\/1\.1 200 /);
    const smuggled = await ask(one(`Content-Length: ${jws.length}\r\nTransfer-Encoding: chunked\r\n`,
      `0\r\n\r\n${one(`Content-Length: ${jws.length}\r\n`, jws)}`));
    assert.match(smuggled, /^HTTP\/1\.1 400 /);
    assert.equal(smuggled.match(/HTTP\/1\.1 /g).length, 1);
    const twice = await ask(one(`Content-Length: ${jws.length}\r\nContent-Length: ${jws.length + 1}\r\n`, jws));
    assert.match(twice, /^HTTP\/1\.1 400 /);
  });

  test('the house still serves', async () => {
    assert.equal((await house.ask(es, 'GET', WHOAMI)).status, 200);
  });
});
