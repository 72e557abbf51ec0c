// SPDX-License-Identifier: Apache-2.0
// What existing clients send is taken as it comes: libraries that are not ours, and every
// habit that docs/protocol.md forgives. The command lines are in by_hand.test.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { before, after, describe, test } from 'node:test';
import jsrsasign from 'jsrsasign';
import { header, makeHouse, sign } from './support/house.mjs';

const DEVICE = {
  deviceUid: '11111111-2222-4333-8444-555555555555', esn: '5ESN0001AAVA0001',
  deviceName: 'LT-ONE', agentStatus: 'A', platformOSType: 'Windows', username: 'EXAMPLE\\jordan',
  operatingSystem: { name: 'Windows 11' },
};

describe('clients that are not ours', () => {
  const undo = [];
  let house, hs, es;
  before(async () => {
    house = makeHouse({ after: (f) => undo.unshift(f) });
    house.ok('device', 'import', house.file('devices.json', JSON.stringify([DEVICE])));
    hs = house.hs256('by secret');
    es = house.es256('by key pair');
    await house.start();
  });
  after(async () => {
    for (const f of undo) await f();
  });

  const good = (answer) => {
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };

  test('jose signs ES256 and HS256, and hears of its own device', async () => {
    for (const token of [es, hs]) {
      const { data, metadata } = good(await house.ask(token, 'GET', '/v3/reporting/devices',
        { query: 'select=deviceName&deviceName=LT-ONE' }));
      assert.deepEqual(data, [{ deviceUid: DEVICE.deviceUid, deviceName: 'LT-ONE' }]);
      assert.deepEqual(metadata, {});
    }
  });

  test('jsrsasign signs ES256 and HS256', async () => {
    const pem = readFileSync(es.privateFile, 'utf8');
    for (const [token, key] of [[es, pem], [hs, { utf8: hs.secret }]]) {
      const head = JSON.stringify(header(token, 'GET', '/v3/whoami'));
      const jws = jsrsasign.KJUR.jws.JWS.sign(token.alg, head, '{}', key);
      assert.equal(good(await house.post(jws)).data.tokenId, token.id);
    }
  });

  describe('forgives', () => {
    const cases = {
      'issuedAt as text': { issuedAt: String(Date.now()) },
      'a missing query-string': { query: undefined },
      'a query that begins with &': { query: '&pageSize=1' },
      'a query that begins with ?': { query: '?pageSize=1' },
      'foreign header members': {
        extra: { typ: 'JWT', 'User-Agent': 'x', Accept: '*/*', 'Accept-Encoding': 'gzip', Connection: 'keep-alive' },
      },
      'an embedded key, which is not looked at': { extra: { jwk: { kty: 'oct', k: 'AA' }, x5c: ['AA'], jku: 'https://example.com' } },
      'a payload with empty data': { payload: '{"data":{}}' },
      'a payload with data that is an empty text': { payload: '{"data":""}' },
      'raw blanks and quotes in the query': { query: "select=deviceName, esn&$filter=a eq 'b'&agentStatus=A" },
      'a field that is selected twice': { query: 'select=deviceUid,esn,deviceUid' },
      'parameters that nobody knows': { query: 'orderBy=esn&nonsense=1&=2&3' },
      'issuedAt one minute ahead': { issuedAt: Date.now() + 60_000 },
    };
    for (const [name, more] of Object.entries(cases)) {
      test(name, async () => {
        for (const token of [hs, es]) {
          const { data } = good(await house.ask(token, 'GET', '/v3/reporting/devices', more));
          assert.equal(data.length, 1);
        }
      });
    }

    test('any outer content type, or none', async () => {
      for (const type of ['text/plain', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded',
        'application/octet-stream', 'multipart/form-data']) {
        const jws = await sign(hs, 'GET', '/v3/whoami');
        good(await house.post(jws, { headers: { 'content-type': type } }));
      }
      const jws = await sign(hs, 'GET', '/v3/whoami');
      assert.equal((await raw({ 'content-length': jws.length }, jws)).status, 200);
    });

    test('a chunked outer body', async () => {
      const jws = await sign(hs, 'GET', '/v3/whoami');
      const answer = await raw({ 'transfer-encoding': 'chunked' }, jws.slice(0, 100), jws.slice(100));
      assert.equal(answer.status, 200);
    });

    test('a line break after the message, as files end with', async () => {
      good(await house.post(`${await sign(hs, 'GET', '/v3/whoami')}\r\n`));
    });
  });

  test('a page token may come back as it was given, unencoded or encoded', async () => {
    const more = Array.from({ length: 30 }, (_, i) => ({ deviceName: `N${i}`, esn: `ESN${i}`, agentStatus: 'D' }));
    house.ok('device', 'import', house.file('more.json', JSON.stringify(more)));
    for (const form of [(x) => x, encodeURIComponent]) {
      const names = [];
      let query = 'agentStatus=D&pageSize=7&select=deviceName';
      for (let next = ''; ;) {
        const { data, metadata } = good(await house.ask(hs, 'GET', '/v3/reporting/devices',
          { query: next ? `${query}&nextPage=${form(next)}` : query }));
        names.push(...data.map((d) => d.deviceName));
        if (!('pagination' in metadata)) break;
        next = metadata.pagination.nextPage;
      }
      assert.deepEqual(names.sort(), more.map((d) => d.deviceName).sort());
    }
  });

  test('a page token that was made up, altered or taken elsewhere is refused', async () => {
    const query = 'pageSize=3&sortBy=esn';
    const ask = (uri, q) => house.ask(hs, 'GET', uri, { query: q });
    const { data, metadata } = good(await ask('/v3/reporting/devices', query));
    const next = metadata.pagination.nextPage;
    assert.notEqual(good(await ask('/v3/reporting/devices', `${query}&nextPage=${next}`)).data[0].esn, data[0].esn);
    const altered = `${next.slice(0, 10)}${next[10] === 'A' ? 'B' : 'A'}${next.slice(11)}`;
    for (const [uri, q] of [
      ['/v3/reporting/devices', `${query}&nextPage=${altered}`], ['/v3/reporting/devices', `${query}&nextPage=${next.slice(0, -4)}`],
      ['/v3/reporting/devices', `${query}&nextPage=AAAA`], ['/v3/reporting/devices', `pageSize=3&sortBy=esn:desc&nextPage=${next}`],
      ['/v3/reporting/devices', `${query}&agentStatus=A&nextPage=${next}`], ['/v3/reporting/applications', `pageSize=3&nextPage=${next}`],
    ]) {
      const answer = await ask(uri, q);
      assert.equal(answer.status, 400, `${q}: ${answer.text}`);
      assert.match(answer.text, /nextPage/);
    }
  });

  test('the API document is there for everybody', async () => {
    const document = await (await fetch(`${house.url}/api-doc/spec/openapi.full.json`)).json();
    assert.match(document.openapi, /^3\.0/);
    assert.ok(Object.keys(document.paths).some((path) => path.endsWith('/reporting/devices')));
  });

  /** A request of node's http with exactly these headers. */
  function raw(headers, ...parts) {
    return new Promise((done, fail) => {
      const request = http.request(`${house.url}/jws/validate`, { method: 'POST', headers }, (answer) => {
        let text = '';
        answer.on('data', (bytes) => { text += bytes; });
        answer.on('end', () => done({ status: answer.statusCode, text }));
      });
      request.on('error', fail);
      for (const part of parts) request.write(part);
      request.end();
    });
  }
});
