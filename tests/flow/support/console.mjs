// SPDX-License-Identifier: Apache-2.0
//
// Somebody at the console: keeps the cookie and the CSRF mark as the pages do. Written
// over node:http, so that a test can send every header that a browser would not let it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { ADMIN } from './house.mjs';

export const PASSWORD = 'correct horse battery staple';
export const API = '/console/api';

/** One request as it is; gives { status, headers, cookie, text, json }. */
export function send(house, method, path, { headers = {}, body } = {}) {
  const { request } = house.scheme === 'https' ? https : http;
  return new Promise((done, fail) => {
    const asked = request({
      host: '127.0.0.1', port: house.port, method, path, agent: false, rejectUnauthorized: false,
      headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
    }, (reply) => {
      const parts = [];
      reply.on('data', (part) => parts.push(part));
      reply.on('end', () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString('utf8');
        const isJson = /\bjson\b/.test(reply.headers['content-type'] ?? '');
        done({
          status: reply.statusCode, headers: reply.headers, cookie: reply.headers['set-cookie']?.[0],
          bytes, text, json: isJson && text ? JSON.parse(text) : undefined,
        });
      });
    });
    asked.on('error', fail);
    asked.end(body);
  });
}

/** A person with a cookie jar. */
export class Visitor {
  constructor(house) {
    this.house = house;
    this.cookie = null;
    this.csrf = null;
  }

  /** Asks the admin API. `headers` with the value undefined are left out. */
  async ask(method, path, { body, headers = {}, raw } = {}) {
    const all = {
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...(this.csrf && !['GET', 'HEAD'].includes(method) ? { 'x-csrf-token': this.csrf } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const reply = await send(this.house, method, API + path, {
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    if (reply.cookie !== undefined) {
      const value = /^tokenhouse-session=([^;]*)/.exec(reply.cookie)[1];
      this.cookie = value ? `tokenhouse-session=${value}` : null;
    }
    if (reply.json?.csrf) this.csrf = reply.json.csrf;
    return reply;
  }

  get(path, more) { return this.ask('GET', path, more); }

  post(path, body, more) { return this.ask('POST', path, { body, ...more }); }

  put(path, body, more) { return this.ask('PUT', path, { body, ...more }); }

  patch(path, body, more) { return this.ask('PATCH', path, { body, ...more }); }

  delete(path, body, more) { return this.ask('DELETE', path, { body, ...more }); }

  /** Logs in; gives the session. */
  async logIn(email = ADMIN, password = PASSWORD) {
    const reply = await this.post('/session', { email, password });
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }
}

/** Somebody who is logged in. */
export async function loggedIn(house, email, password) {
  const visitor = new Visitor(house);
  await visitor.logIn(email, password);
  return visitor;
}

/** It is this problem, with all that RFC 9457 and docs/admin-api.md ask for. */
export function assertProblem(reply, status, code) {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.headers['content-type'], 'application/problem+json');
  assert.equal(reply.json.code, code, reply.text);
  assert.equal(reply.json.status, status);
  assert.equal(reply.json.type, 'about:blank');
  assert.ok(reply.json.title.length > 0 && reply.json.detail.length > 0);
  assert.ok(Array.isArray(reply.json.errors));
}

/** The six digits of an authenticator app (RFC 6238), by node's own HMAC. */
export function totp(base32, atMs = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...base32].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
