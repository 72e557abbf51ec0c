// SPDX-License-Identifier: Apache-2.0
// Our own signatures are made in a quick way of our own, and samples are shown to OpenSSL
// before they are given out. When OpenSSL does not accept one, it is not given out, the
// quick way ends until the next start, and everybody hears of it. The program is the one
// that is shipped: a shim in front of OpenSSL says no.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVerifier, httpbis } from 'http-message-signatures';
import { send } from './support/console.mjs';
import { ROOT, makeHouse, until } from './support/house.mjs';
import { HAS_LANES } from './support/lanes.mjs';
import { list } from './support/outside.mjs';
import { signRequest } from './support/signed.mjs';

const SAMPLED_EVERY = 1024; // signatures, the first after the start among them
const LOGGED = [/a check of ES256 differed from OpenSSL's answer/];

/** The programs of this test ask an OpenSSL that can be told to accept nothing. */
function refusingOpenssl(t, house) {
  const library = join(house.folder, 'refuse_verify.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(ROOT, 'tests/support/refuse_verify.c')]);
  const path = join(house.folder, 'refuses');
  process.env.VERIFY_REFUSES = path;
  process.env.LD_PRELOAD = library;
  t.after(() => {
    delete process.env.LD_PRELOAD;
    delete process.env.VERIFY_REFUSES;
  });
  return { refuse: () => writeFileSync(path, ''), accept: () => rmSync(path) };
}

async function isQuick(house) {
  return /^tokenhouse_es256_signing_lanes (\d)$/m.exec(await (await fetch(`${house.health}/metrics`)).text())?.[1] === '1';
}

const differed = (house) => list(house, 'events', 'list', '--count', '1000').filter((event) => event.event === 'Signature check differed');

const skip = HAS_LANES ? false : 'this processor has no lanes: OpenSSL signs anyway';

test('a signature that OpenSSL does not accept ends the quick way, with an event, and is not given out', { skip }, async (t) => {
  const house = makeHouse(t);
  const openssl = refusingOpenssl(t, house);
  const token = house.hs256('asks');
  await house.start();
  const key = createPublicKey(house.ok('events', 'key'));
  const ask = async () => {
    const request = await signRequest(house, token, 'GET', '/v3/whoami', { headers: { 'accept-signature': 'sig1=("@status" "content-digest")' } });
    const reply = await send(house, 'GET', '/v3/whoami', { headers: request.headers });
    assert.equal(reply.status, 200);
    assert.ok(reply.headers.signature, 'signed, whoever signs');
    return { request, reply };
  };
  const verifies = ({ request, reply }) => httpbis.verifyMessage({
    keyLookup: ({ keyid }) => ({ id: keyid, algs: ['ecdsa-p256-sha256'], verify: createVerifier(key, 'ecdsa-p256-sha256') }),
  }, { status: reply.status, headers: reply.headers }, request);

  await ask(); // the first sample has passed
  assert.equal(await verifies(await ask()), true);
  assert.deepEqual([await isQuick(house), differed(house)], [true, []]);

  openssl.refuse();
  let quick = 0;
  while (await isQuick(house)) {
    const answers = await Promise.all(Array.from({ length: 16 }, ask));
    quick += answers.length;
    assert.equal(await verifies(answers[0]), true);
    assert.ok(quick <= 2 * SAMPLED_EVERY, 'a sample would have come long ago');
  }
  await until(() => differed(house), (events) => events.length > 0, 20_000);
  assert.deepEqual(differed(house).map(({ details }) => details), [{ action: 'switched off', what: 'signing in lanes' }]);
  for (let n = 0; n < 3; n++) assert.equal(await verifies(await ask()), true, 'by OpenSSL from now on');

  // off until the next start, even if OpenSSL would accept it now; and said once
  openssl.accept();
  await ask();
  assert.equal(await isQuick(house), false);
  await house.stop({ expect: LOGGED });
  assert.match(house.log, LOGGED[0]);
  await house.start();
  assert.equal(await isQuick(house), true);
  assert.equal(await verifies(await ask()), true);
  assert.equal(differed(house).length, 1);
});
