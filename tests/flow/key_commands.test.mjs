// SPDX-License-Identifier: Apache-2.0
// keygen, sign and verify, and the keys that people make with openssl (rule 3 of a token).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CompactSign, compactVerify, exportJWK, importPKCS8, importSPKI } from 'jose';
import { ADMIN, PROGRAM, freshFolder, makeHouse, must, openHouse, run, until } from './support/house.mjs';
import { contents, list, refused } from './support/outside.mjs';

const openssl = (cwd, ...args) => execFileSync('openssl', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const mode = (path) => statSync(path).mode & 0o777;

test('keygen makes a pair that openssl reads, and overwrites nothing', (t) => {
  const folder = freshFolder(t);
  const told = must(['keygen'], { cwd: folder });
  const [privateFile, publicFile] = [join(folder, 'privateKey.pem'), join(folder, 'publicKey.pem')];
  assert.match(told, /privateKey\.pem .*0600.*\npublicKey\.pem .*public key/);
  assert.deepEqual([mode(privateFile), mode(publicFile)], [0o600, 0o644]);
  assert.match(readFileSync(privateFile, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/, 'PKCS #8');
  assert.match(openssl(folder, 'pkcs8', '-in', privateFile, '-nocrypt'), /BEGIN PRIVATE KEY/);
  assert.match(openssl(folder, 'pkey', '-in', privateFile, '-check', '-noout', '-text'), /Key is valid[^]*prime256v1/);
  assert.equal(openssl(folder, 'pkey', '-in', privateFile, '-pubout'), readFileSync(publicFile, 'utf8'));
  assert.match(openssl(folder, 'pkey', '-pubin', '-in', publicFile, '-noout', '-text'), /prime256v1/);
  assert.ok(!told.includes(readFileSync(privateFile, 'utf8').split('\n')[1]));

  const before = readFileSync(privateFile, 'utf8') + readFileSync(publicFile, 'utf8');
  refused(run(['keygen'], { cwd: folder }), 1, /privateKey\.pem' exists already/);
  // half a pair is not left behind
  refused(run(['keygen', '--out-private', 'new.pem'], { cwd: folder }), 1, /publicKey\.pem' exists already/);
  assert.equal(existsSync(join(folder, 'new.pem')), false);
  refused(run(['keygen', '--out-private', 'no/new.pem'], { cwd: folder }), 1, /no\/new\.pem/);
  refused(run(['keygen', '--out-private', 'x', '--out-public', 'x'], { cwd: folder }), 2, /both keys cannot go into 'x'/);
  assert.equal(readFileSync(privateFile, 'utf8') + readFileSync(publicFile, 'utf8'), before);
  must(['keygen', '--out-private', 'b.pem', '--out-public', 'b.pub.pem'], { cwd: folder });
  assert.notEqual(readFileSync(join(folder, 'b.pem'), 'utf8'), readFileSync(privateFile, 'utf8'));
});

test('keys made by the three openssl commands work as they are', async (t) => {
  const house = await openHouse(t);
  const at = (name) => join(house.folder, name);
  openssl(house.folder, ...'ecparam -genkey -name prime256v1 -out ec256-key-pair.pem'.split(' '));
  openssl(house.folder, ...'pkcs8 -topk8 -inform pem -in ec256-key-pair.pem -outform pem -nocrypt -out privateKey.pem'.split(' '));
  openssl(house.folder, ...'ec -in ec256-key-pair.pem -pubout -out publicKey.pem'.split(' '));

  // the public one makes a token; the private ones are refused, and not kept
  const before = contents(house);
  for (const name of ['ec256-key-pair.pem', 'privateKey.pem']) {
    refused(house.cli('token', 'create', '--user', ADMIN, '--title', 'x', '--public-key', at(name)), 1,
      /this is a private key, not a public key\. Nobody but its owner may ever have it: treat it as leaked.*give us only the public key/);
    refused(run(['verify', '--public-key', at(name), 'a.b.c']), 1, /this is a private key/);
  }
  assert.equal(contents(house), before);
  const made = list(house, 'token', 'create', '--user', ADMIN, '--title', 'by openssl', '--public-key', at('publicKey.pem'));

  // and both files with the private key sign
  for (const name of ['privateKey.pem', 'ec256-key-pair.pem']) {
    const call = () => run(['call', 'GET', '/v3/whoami', '--server', house.url, '--token-id', made.id, '--private-key', at(name)]);
    await until(async () => call(), (done) => done.status === 0);
    assert.equal(JSON.parse(call().stdout).data.tokenId, made.id);
    const jws = must(['sign', 'GET', '/v3/whoami', '--token-id', made.id, '--private-key', at(name)]).trim();
    assert.equal(run(['verify', '--public-key', at('publicKey.pem'), jws]).status, 0);
    await compactVerify(jws, await importSPKI(readFileSync(at('publicKey.pem'), 'utf8'), 'ES256'));
  }

  // the lines BEGIN and END may be missing, and white space does not matter
  const body = readFileSync(at('publicKey.pem'), 'utf8').replace(/-----[^-]+-----/g, '');
  for (const [name, text] of [['bare', body], ['one line', body.replace(/\s/g, '')], ['spread', `\r\n\t${body.replace(/(.{9})/g, '$1 \r\n')}`],
    ['bom', `\ufeff${readFileSync(at('publicKey.pem'), 'utf8')}`]]) {
    assert.equal(list(house, 'token', 'create', '--user', ADMIN, '--title', name, '--public-key', house.file(name, text)).algorithm, 'ES256');
  }
});

test('a private key that others may read is not used', (t) => {
  const house = makeHouse(t);
  const token = house.es256('x');
  const sign = () => run(['sign', 'GET', '/v3/whoami', '--token-id', token.id, '--private-key', token.privateFile]);
  chmodSync(token.privateFile, 0o644);
  refused(sign(), 1, /key-\w+\.pem' .*0600/);
  chmodSync(token.privateFile, 0o400);
  assert.equal(sign().status, 0);
});

test('sign prints a message that jose verifies, whatever is asked', async (t) => {
  const house = makeHouse(t);
  const es = house.es256('es');
  const out = join(house.folder, 'hs.token');
  const hs = { id: /Token ID: +(\S+)/.exec(house.ok('token', 'create', '--user', ADMIN, '--title', 'hs', '--out', out))[1] };
  const secret = /Secret key: (\S+)/.exec(readFileSync(out, 'utf8'))[1];
  const secretFile = house.file('secret', `${secret}\n`);
  const body = house.file('body.json', '{"a":[1,2,"é"]}\n');
  const key = new TextEncoder().encode(secret);
  const before = Date.now();
  const jws = must(['sign', 'put', '/v3/x?a=1&b=é', '--token', out, '--data', `@${body}`]);
  assert.match(jws, /^[\w-]+\.[\w-]+\.[\w-]{43}\n$/);
  const { payload, protectedHeader } = await compactVerify(jws.trim(), key);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), { data: { a: [1, 2, 'é'] } });
  const { issuedAt, ...rest } = protectedHeader;
  assert.deepEqual(rest, { alg: 'HS256', kid: hs.id, method: 'PUT', 'content-type': 'application/json', uri: '/v3/x', 'query-string': 'a=1&b=é' });
  assert.ok(issuedAt >= before && issuedAt <= Date.now());

  const other = must(['sign', 'GET', '/v3/x', '--token-id', hs.id, '--secret-file', secretFile, '--issued-at', '1234567890123']).trim();
  const read = await compactVerify(other, key);
  assert.deepEqual([read.protectedHeader.issuedAt, new TextDecoder().decode(read.payload)], [1234567890123, '{}']);
  const publicKey = await importSPKI(readFileSync(es.publicFile, 'utf8'), 'ES256');
  const piped = must(['sign', 'POST', '/v3/x', '--token-id', es.id, '--private-key', es.privateFile, '--data', '@-'], { input: '[]' });
  assert.equal(new TextDecoder().decode((await compactVerify(piped.trim(), publicKey)).payload), '{"data":[]}');

  const wrong = (args, status, words) => refused(run(['sign', ...args]), status, words);
  wrong(['GET', '/v3/x'], 2, /say who signs: --token FILE, or --token-id ID with --private-key FILE or --secret-file FILE/);
  wrong(['GET', '/v3/x', '--token', out, '--token-id', 'x'], 2, /say who signs/);
  wrong(['GET', '/v3/x', '--token-id', 'x'], 2, /say who signs/);
  wrong(['GET', '/v3/x', '--token-id', 'x', '--private-key', es.privateFile, '--secret-file', secretFile], 2, /say who signs/);
  wrong(['GET', '/v3/x', '--token-id', 'x'.repeat(65), '--secret-file', secretFile], 2, /--token-id has 65 characters; wanted are 1 to 64/);
  wrong(['G-T', '/v3/x', '--token', out], 2, /'G-T' is not a method; wanted is one like GET/);
  wrong(['GET', 'v3/x', '--token', out], 2, /the path 'v3\/x' does not begin with '\/'/);
  // a byte that is no text (0xFF); node passes text only, so a shell does
  const raw = spawnSync('bash', ['-c', `"$0" sign GET $'/v3/\\xff' --token "$1"`, PROGRAM, out], { encoding: 'utf8' });
  assert.equal(raw.status, 2);
  assert.match(raw.stderr, /the path is not well-formed UTF-8; wanted is text, or bytes written as %XX/);
  wrong(['GET', '/v3/x', '--token', out, '--issued-at', 'now'], 2, /--issued-at 'now' is not a Unix time in milliseconds/);
  wrong(['PUT', '/v3/x', '--token', out, '--data', '{"a":'], 1, /--data is not JSON: /);
  wrong(['PUT', '/v3/x', '--token', out, '--data', `@${join(house.folder, 'none')}`], 1, /none/);
  wrong(['GET', `/v3/x?${'x'.repeat(9000)}`, '--token', out], 1, /the request is too large.*header 8 KiB/);
  wrong(['GET', '/v3/x', '--token', secretFile], 1, /the \.token file is not readable: .*wanted are the lines 'Token ID: …' and 'Secret key: …'/);
  wrong(['GET', '/v3/x', '--token', join(house.folder, 'none')], 1, /none/);
  wrong(['GET', '/v3/x', '--token-id', 'x', '--private-key', es.publicFile], 1, /pub\.pem/);
  wrong(['GET', '/v3/x', '--token-id', 'x', '--secret-file', house.file('empty', '\n')], 1, /empty is empty; wanted is the text of a secret key/);
  // a token file that a browser saved for all to read is used, with a note
  chmodSync(out, 0o644);
  const noted = run(['sign', 'GET', '/v3/x', '--token', out]);
  assert.equal(noted.status, 0);
  assert.match(noted.stderr, /note: .*hs\.token may be read by others; 'chmod 600/);
});

test('verify: 0 only when the signature holds and the message is well-formed', async (t) => {
  const house = makeHouse(t);
  const es = house.es256('es');
  const hs = house.hs256('hs');
  const secretFile = house.file('secret', `${hs.secret}\n`);
  const publicKey = await importSPKI(readFileSync(es.publicFile, 'utf8'), 'ES256', { extractable: true });
  const jwkFile = house.file('ec.jwk', JSON.stringify(await exportJWK(publicKey)));
  const octFile = house.file('oct.jwk', JSON.stringify({ kty: 'oct', k: Buffer.from(hs.secret).toString('base64url') }));
  const esJws = must(['sign', 'GET', '/v3/whoami', '--token-id', es.id, '--private-key', es.privateFile]).trim();
  const hsJws = must(['sign', 'GET', '/v3/whoami', '--token-id', hs.id, '--secret-file', secretFile]).trim();
  const keys = { es: [['--public-key', es.publicFile], ['--jwk', jwkFile]], hs: [['--secret-file', secretFile], ['--jwk', octFile]] };

  for (const [jws, good, bad] of [[esJws, keys.es, keys.hs], [hsJws, keys.hs, keys.es]]) {
    const file = house.file('message', `${jws}\n`);
    for (const key of good) {
      for (const given of [jws, `@${file}`]) {
        const done = run(['verify', ...key, given]);
        assert.equal(done.status, 0, done.stdout);
        assert.match(done.stdout, /^holds +form +three parts[^]*^holds +header [^]*^holds +alg [^]*^holds +signature [^]*The signature holds and the message is well-formed\.\n$/m);
      }
      assert.equal(run(['verify', ...key, '-'], { input: jws }).status, 0);
      const json = JSON.parse(must(['verify', ...key, '--json', jws]));
      assert.deepEqual([json.ok, json.header.uri, json.payload], [true, '/v3/whoami', {}]);
      assert.deepEqual(json.steps.slice(0, 4).map((s) => [s.step, s.result]), [['form', 'holds'], ['header', 'holds'], ['alg', 'holds'], ['signature', 'holds']]);
      assert.ok(json.steps.every((s) => typeof s.text === 'string'));

      const fails = (text, step, words) => {
        const wrong = run(['verify', ...key, '--json', text]);
        assert.equal(wrong.status, 1, wrong.stdout);
        const report = JSON.parse(wrong.stdout);
        assert.equal(report.ok, false);
        const found = report.steps.find((s) => s.result === 'fails');
        assert.equal(found.step, step, JSON.stringify(report.steps));
        assert.match(found.text, words);
        const told = run(['verify', ...key, text]);
        assert.equal(told.status, 1);
        assert.match(told.stdout, new RegExp(`^fails +${step} [^]*It does not hold\\.\\n$`, 'm'));
      };
      const [h, p, s] = jws.split('.');
      const flip = (part) => `${part.slice(0, 4)}${part[4] === 'A' ? 'B' : 'A'}${part.slice(5)}`;
      fails(`${h}.${p}.${flip(s)}`, 'signature', /not made with this key, or the message was altered/);
      fails(`${h}.${Buffer.from('{"data":1}').toString('base64url')}.${s}`, 'signature', /altered/);
      fails(`${h}.${p}`, 'form', /not a compact JWS/);
      fails(`${h}.${p}.${s}=`, 'form', /signature is not strict base64url/);
      fails(`${h}.${p}.${Buffer.from(s, 'base64url').subarray(1).toString('base64url')}`, 'signature', /bytes; [EH]S256 has (64|32)/);
      const twice = Buffer.from(Buffer.from(h, 'base64url').toString().replace('{', '{"alg":"none",')).toString('base64url');
      fails(`${twice}.${p}.${s}`, 'header', /alg/);
      for (const other of bad) {
        const wrong = run(['verify', ...other, jws]);
        assert.equal(wrong.status, 1);
        assert.match(wrong.stdout, /^fails +alg .*a message cannot choose$/m);
      }
    }
  }
  // well signed, and still no message: a header that is critical
  const critical = await new CompactSign(new TextEncoder().encode('{}')).setProtectedHeader({ alg: 'HS256', kid: hs.id, crit: ['b64'], b64: true }).sign(hs.key);
  assert.equal(run(['verify', '--secret-file', secretFile, critical]).status, 1);
  // any JWS is judged, not only a request
  const plain = await new CompactSign(new TextEncoder().encode('text')).setProtectedHeader({ alg: 'HS256' }).sign(hs.key);
  assert.equal(run(['verify', '--secret-file', secretFile, plain]).status, 0);
  // DER is named
  const [h, p] = esJws.split('.');
  const der = execFileSync('openssl', ['dgst', '-sha256', '-sign', es.privateFile], { input: `${h}.${p}` }).toString('base64url');
  const told = run(['verify', '--public-key', es.publicFile, `${h}.${p}.${der}`]);
  assert.equal(told.status, 1);
  assert.match(told.stdout, /this looks like DER/);

  const wrong = (args, status, words) => refused(run(['verify', ...args]), status, words);
  wrong([esJws], 2, /no key is given; wanted is --public-key FILE, --secret-file FILE or --jwk FILE/);
  wrong(['--public-key', es.publicFile, '--jwk', jwkFile, esJws], 2, /--public-key and --jwk are given; wanted is one key/);
  wrong(['--public-key', join(house.folder, 'none'), esJws], 1, /none/);
  wrong(['--public-key', es.publicFile, `@${join(house.folder, 'none')}`], 1, /none/);
  wrong(['--jwk', secretFile, esJws], 1, /secret: /);
  wrong(['--secret-file', house.file('nothing', '\n'), esJws], 1, /the secret key is empty/);
  // a private JWK is not needed, and that is said
  const privateKey = await importPKCS8(readFileSync(es.privateFile, 'utf8'), 'ES256', { extractable: true });
  const noted = run(['verify', '--jwk', house.file('private.jwk', JSON.stringify(await exportJWK(privateKey))), esJws]);
  assert.equal(noted.status, 0);
  assert.match(noted.stderr, /note: the JWK holds a private key/);
});
