// SPDX-License-Identifier: Apache-2.0
// An API is put behind the door by its description: by command and by the admin API, while
// the server runs. (What forwards is tested elsewhere; here a request that is let in ends
// with an answer about an upstream that is not there.)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { assertProblem, loggedIn } from './support/console.mjs';
import { ADMIN, makeHouse, must, openHouse, until } from './support/house.mjs';

const NOWHERE = 'http://127.0.0.1:9'; // discard: nobody listens
const detail = (answer) => answer.json?.details?.[0]?.code;
const isForwarded = (answer) => answer.status === 502 || answer.status === 503 || answer.status === 504;

const ORDERS = `openapi: 3.1.0
info: {title: Orders, version: '2'}
servers: [{url: https://api.example.com/v2}]
paths:
  /orders/{id}:
    get: {operationId: get-order, tags: [Orders], x-tokenhouse: {permissions: ['Orders:View']}}
    put: {tags: [Orders], x-tokenhouse: {permissions: ['Orders:Manage']}}
    delete: {tags: [Orders]}
  /orders/{id}.pdf:
    get: {tags: [Orders], x-tokenhouse: {permissions: []}}
`;

describe('the command', () => {
  test('what somebody else has written in a description plays no tricks on a terminal', (t) => {
    const house = makeHouse(t);
    const evil = '\u001b]0;owned\u0007';
    const add = (paths) => house.cli('upstream', 'add', 'Evil', '--url', NOWHERE, '--prefix', '/evil', '--openapi',
      house.file('evil.json', JSON.stringify({ openapi: '3.0.3', info: { title: 'Evil', version: '1' }, paths })));
    const operation = (more) => ({ get: { 'x-tokenhouse': { permissions: [] }, responses: {}, ...more } });
    const all = [
      add({ [`/a${evil}`]: operation({ 'x-tokenhouse': { [`perm${evil}`]: [] } }) }),
      add({ [`/a${evil}`]: operation(), '/b': operation({ 'x-tokenhouse': { permissions: [], when: [{ query: `q${evil}`, equals: evil, permissions: ['Foo:View'] }] } }), '/c': operation() }),
    ];
    assert.notEqual(all[0].status, 0);
    assert.equal(all[1].status, 0, all[1].stderr);
    all.push(house.cli('upstream', 'show', 'Evil'), house.cli('upstream', 'update', 'Evil', '--prefix', '/other'));
    for (const { stdout, stderr } of all) assert.doesNotMatch(stdout + stderr, /[\0-\x08\x0b-\x1f\x7f]/);
    assert.match(all.map(({ stdout, stderr }) => stdout + stderr).join(''), /\?\]0;owned\?/);
  });

  test('an API is behind the door while the server runs, and goes again', async (t) => {
    const house = await openHouse(t);
    const before = house.hs256('made before');
    await until(() => house.ask(before, 'GET', '/orders/orders/7'), (a) => detail(a) === 'NO_SUCH_OPERATION');
    const file = house.file('orders.yaml', ORDERS);
    const said = house.ok('upstream', 'add', 'Orders', '--openapi', file, '--url', NOWHERE, '--prefix', '/orders');
    assert.match(said, /4 operations below \/orders, 1 of them refused.*2 new permissions/);

    await until(() => house.ask(before, 'GET', '/orders/orders/7.pdf'), isForwarded);
    // the new permissions are nobody's yet: not even of tokens that may do all of before
    const refused = await house.ask(before, 'GET', '/orders/orders/7');
    assert.deepEqual([refused.status, detail(refused)], [403, 'PERMISSION_MISSING']);
    assert.match(refused.json.message, /Orders:View/);
    // the System Administrator has them at once, and so tokens that are made now
    const reader = house.hs256('reads', '--permission', 'Orders:View');
    await until(() => house.ask(reader, 'GET', '/orders/orders/7'), isForwarded);
    assert.match((await house.ask(reader, 'PUT', '/orders/orders/7', { data: {} })).json.message, /lacks Orders:Manage/);
    // Manage implies View, as with ours
    const writer = house.hs256('writes', '--permission', 'Orders:Manage');
    await until(() => house.ask(writer, 'GET', '/orders/orders/7'), isForwarded);
    // what nobody has said anything about is refused to all
    assert.match((await house.ask(writer, 'DELETE', '/orders/orders/7')).json.message, /open to no token/);
    const whoami = await house.ask(writer, 'GET', '/v3/whoami');
    assert.deepEqual(whoami.json.data.permissions, ['Orders:View', 'Orders:Manage']);

    house.ok('upstream', 'suspend', 'Orders');
    await until(() => house.ask(reader, 'GET', '/orders/orders/7'), (a) => detail(a) === 'NO_SUCH_OPERATION');
    house.ok('upstream', 'resume', 'orders');
    await until(() => house.ask(reader, 'GET', '/orders/orders/7'), isForwarded);
    // who used it is written down every few seconds
    let asked;
    await until(() => { asked = house.cli('upstream', 'delete', 'Orders'); }, () => /^2 tokens used what Orders asks for since /m.test(asked.stdout), 30_000);
    assert.deepEqual([asked.status, ...['reads', 'writes', 'made before'].map((title) => asked.stdout.includes(title))], [2, true, true, false]);
    assert.match(asked.stdout, /^1 of its operations need no permission: who calls only these is not known\.$/m);
    house.ok('upstream', 'delete', 'Orders', '--yes');
    await until(() => house.ask(reader, 'GET', '/orders/orders/7'), (a) => detail(a) === 'NO_SUCH_OPERATION');

    const events = house.ok('events', 'export').trim().split('\n').map((line) => JSON.parse(line))
      .filter((event) => event.kind === 'Upstream updated');
    assert.deepEqual(events.map((event) => event.details.action), ['created', 'suspended', 'resumed', 'deleted']);
    assert.deepEqual(events[0].details.after.newPermissions, ['Orders:View', 'Orders:Manage']);
    assert.match(events[0].details.after.openapiSha256, /^[0-9a-f]{64}$/);
  });

  test('what was there before a restart is there after it', async (t) => {
    const house = makeHouse(t);
    house.ok('upstream', 'add', 'Orders', '--openapi', house.file('o.yaml', ORDERS), '--url', NOWHERE);
    const reader = house.hs256('reads', '--permission', 'Orders:View');
    await house.start();
    assert.ok(isForwarded(await house.ask(reader, 'GET', '/v2/orders/7'))); // the server's own path
    assert.equal(detail(await house.ask(reader, 'PUT', '/v2/orders/7')), 'PERMISSION_MISSING');
  });

  test('draft, check and add put a description without permissions behind the door', (t) => {
    const house = makeHouse(t);
    const plain = house.file('plain.yaml', ORDERS.replace(/, x-tokenhouse: \{.*?\}\}/g, '}'));
    const overlay = `${house.folder}/overlay.yaml`;
    assert.match(house.ok('upstream', 'check', 'Orders', '--openapi', plain), /4 of them are refused/);
    const drafted = must(['upstream', 'draft', plain, '--output', overlay]);
    assert.match(drafted, /4 operations have a permission, 1 of them marked with LOOK; 0 had one/);
    assert.match(readFileSync(overlay, 'utf8'), /LOOK: it deletes/);
    const checked = house.ok('upstream', 'check', 'Orders', '--openapi', plain, '--overlay', overlay, '--prefix', '/o');
    assert.match(checked, /DELETE +\/o\/orders\/\{id\} +Orders:Manage/);
    assert.match(checked, /New permissions.*\n +Orders:View\n +Orders:Manage/);
    assert.match(checked, /0 of them are refused/);
    assert.match(house.ok('upstream', 'add', 'Orders', '--openapi', plain, '--overlay', overlay, '--url', NOWHERE),
      /0 of them refused.*2 new permissions/);
  });

  test('an API with more tags than there is room for is drafted coarser, and taken', async (t) => {
    const house = makeHouse(t);
    const many = (count) => JSON.stringify({ openapi: '3.0.0', info: { title: 'Many' }, paths: Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`/s${i % 8}/n${i}`, { get: { tags: [`t${i % 40}.n${i}`] } }])) });
    const file = house.file('many.json', many(800));
    const overlay = `${house.folder}/many.overlay.yaml`;
    const drafted = must(['upstream', 'draft', file, '--output', overlay]);
    assert.match(drafted, /800 operations have a permission/);
    assert.match(drafted, /would bring 800 permissions, and there is room for 768\. So features are the tags up to .*: 40 permissions\./);
    assert.match(readFileSync(overlay, 'utf8'), /# With each tag as a feature it would bring 800 permissions/);
    assert.match(house.ok('upstream', 'check', 'Many', '--openapi', file, '--overlay', overlay), /0 of them are refused/);
    assert.match(house.ok('upstream', 'add', 'Many', '--openapi', file, '--overlay', overlay, '--url', NOWHERE),
      /800 operations.*0 of them refused.*40 new permissions/);
    // fewer, for who wants fewer; all of them where there is room
    assert.match(must(['upstream', 'draft', file, '--most', '39']), /\["s7:View"\]/);
    assert.match(must(['upstream', 'draft', house.file('less.json', many(768))]), /\["t7\.n767:View"\]/);
    // a server knows what the others have taken
    const reader = house.hs256('reads', '--permission', 't7:View');
    await house.start();
    assert.ok(isForwarded(await house.ask(reader, 'GET', '/s7/n7')));
    assert.equal(detail(await house.ask(reader, 'GET', '/s7/n15')), 'PERMISSION_MISSING'); // t15
    const ada = await loggedIn(house);
    const again = (await ada.post('/upstreams/draft', { openapi: many(729) })).json;
    assert.match(again.coarser, /would bring 729 permissions, and there is room for 728/);
    assert.equal(again.permissionCount, 0); // its heads are there already
    assert.equal((await ada.post('/upstreams/draft', { openapi: many(728) })).json.coarser, '');
  });

  test('a change is shown as a difference, and taken with --yes', (t) => {
    const house = makeHouse(t);
    const file = house.file('o.yaml', ORDERS);
    house.ok('upstream', 'add', 'Orders', '--openapi', file, '--url', NOWHERE, '--prefix', '/o');
    const reader = house.hs256('reads', '--permission', 'Orders:View');
    const other = house.file('o2.yaml', ORDERS.replace("['Orders:View']", "['Orders:Audit']"));
    const shown = JSON.parse(house.ok('upstream', 'update', 'Orders', '--openapi', other, '--json'));
    assert.deepEqual(shown.newPermissions, ['Orders:Audit']);
    assert.deepEqual(shown.difference.operations, [{
      change: 'changed', method: 'GET', path: '/o/orders/{id}', before: 'Orders:View', after: 'Orders:Audit' }]);
    assert.deepEqual([shown.difference.losingCount, shown.difference.gainingCount], [1, 0]);
    assert.deepEqual(shown.difference.tokens.map((row) => [row.id, row.title, row.user, row.lost, row.gained]),
      [[reader.id, 'reads', ADMIN, ['GET /o/orders/{id}'], []]]);
    assert.match(house.ok('upstream', 'show', 'Orders'), /GET +\/o\/orders\/\{id\} +Orders:View/); // nothing was taken
    assert.match(house.ok('upstream', 'update', 'Orders', '--openapi', other), /Nothing was changed: give --yes/);
    assert.match(house.ok('upstream', 'update', 'Orders', '--openapi', other, '--yes'), /1 tokens lose something/);
    assert.match(house.ok('upstream', 'show', 'Orders'), /GET +\/o\/orders\/\{id\} +Orders:Audit/);
    // a token that has expired or is suspended loses nothing that it had
    house.ok('token', 'suspend', reader.id);
    const back = JSON.parse(house.ok('upstream', 'update', 'Orders', '--openapi', file, '--json'));
    assert.deepEqual([back.difference.losingCount, back.difference.gainingCount], [0, 0]);
  });

  test('what is wrong is refused by its name', (t) => {
    const house = makeHouse(t);
    const file = house.file('o.yaml', ORDERS);
    const add = (...more) => house.cli('upstream', 'add', 'Orders', '--url', NOWHERE,
      ...(more.includes('--openapi') ? [] : ['--openapi', file]), ...more);
    const refusals = [
      [['--url', 'ftp://a.example'], /http:\/\/ or https:\/\//],
      [['--url', 'https://127.0.0.1:9'], /another scheme or path/],
      [['--url', 'http://u:p@a.example'], /user name or password/],
      [['--url', 'http://a.example:0'], /port/],
      [['--prefix', 'orders'], /cannot be a prefix/],
      [['--prefix', '/a/../b'], /cannot be a prefix/],
      [['--prefix', '/console'], /the house itself answers below \/console/],
      [['--prefix', '/jws/validate'], /the house itself answers below \/jws/],
      [['--tls-cert', '/etc/we.pem'], /go together/],
      [['--tls-ca', 'ca.pem'], /from '\/' on/],
      [['--connect-timeout', '0'], /connectTimeoutMs is 0 ms/],
      [['--overlay', house.file('bad.yaml', 'overlay: 1.0.0\nactions: [{target: paths, update: {}}]\n')], /\/actions\/0\/target/],
      [['--openapi', house.file('none.yaml', 'openapi: 3.0.0\npaths: {}\n')], /no operation/],
      [['--openapi', house.file('console.yaml', ORDERS.replace('Orders:View', 'Users:View'))], /permission of the console/],
    ];
    for (const [more, words] of refusals) {
      const done = add(...more);
      assert.equal(done.status, 1, `${more.join(' ')}\n${done.stdout}`);
      assert.match(done.stderr, words);
    }
    assert.equal(add('--connect-timeout', 'soon').status, 2);
    assert.deepEqual(JSON.parse(house.ok('upstream', 'list', '--json')), []);
    // refused permissions have not got a number
    assert.doesNotMatch(house.ok('role', 'permissions'), /Orders/);

    assert.equal(add().status, 0);
    assert.match(house.cli('upstream', 'add', 'ORDERS', '--openapi', file, '--url', NOWHERE, '--prefix', '/x').stderr,
      /already an upstream/);
    const clash = house.cli('upstream', 'add', 'Second', '--openapi', file, '--url', NOWHERE);
    assert.match(clash.stderr, /4 of its operations clash.*\(of Orders\)/);
    const ours = house.file('v3.yaml', ORDERS.replace('/orders/{id}:', '/whoami:'));
    assert.match(house.cli('upstream', 'add', 'Third', '--openapi', ours, '--url', NOWHERE, '--prefix', '/v3').stderr,
      /GET \/v3\/whoami answer the same requests \(of our own API\)/);
  });
});

describe('the admin API', () => {
  test('checks, adds, shows, changes and deletes; and says so in the change feed', async (t) => {
    const house = await openHouse(t);
    const admin = await loggedIn(house);
    const wish = { name: 'Orders', urls: [NOWHERE], prefix: '/orders', openapi: ORDERS };
    const checked = await admin.post('/upstreams/check', wish);
    assert.equal(checked.status, 200, checked.text);
    assert.deepEqual(checked.json.newPermissions, ['Orders:View', 'Orders:Manage']);
    assert.equal(checked.json.refusedCount, 1);
    assert.deepEqual((await admin.get('/upstreams')).json.data, []);

    const added = await admin.post('/upstreams', wish);
    assert.equal(added.status, 201, added.text);
    const { id } = added.json.upstream;
    const shown = await admin.get(`/upstreams/${id}`);
    assert.deepEqual(shown.json.operations.map((row) => [row.method, row.access]),
      [['GET', 'permissions'], ['PUT', 'permissions'], ['DELETE', 'refused'], ['GET', 'open']]);
    assert.deepEqual((await admin.get(`/upstreams/${id}/texts`)).json, { openapi: ORDERS, overlay: '' });
    // roles are offered the new permissions at once, and they are shown with what asks for them
    const grid = (await admin.get('/permissions')).json.data.find((row) => row.feature === 'Orders');
    await until(async () => (await admin.get('/permissions')).json.data.find((row) => row.feature === 'Orders'),
      (row) => row.view.operations.includes('GET /orders/orders/{id}'));
    assert.equal(grid.manage.name, 'Orders:Manage');

    const overlay = "overlay: 1.0.0\nactions: [{target: \"$.paths['/orders/{id}'].delete\", update: {x-tokenhouse: {permissions: ['Orders:Manage']}}}]\n";
    const difference = await admin.post(`/upstreams/${id}/check`, { overlay });
    assert.deepEqual(difference.json.difference.operations.map((row) => [row.change, row.method]), [['changed', 'DELETE']]);
    const stale = await admin.patch(`/upstreams/${id}`, { overlay }, { headers: { 'if-match': '"99"' } });
    assertProblem(stale, 412, 'CHANGED');
    const etag = shown.headers.etag;
    assert.equal((await admin.patch(`/upstreams/${id}`, { overlay }, { headers: { 'if-match': etag } })).status, 200);
    assert.equal((await admin.get(`/upstreams/${id}`)).json.operations[2].access, 'permissions');

    const use = (await admin.get(`/upstreams/${id}/use`)).json;
    assert.deepEqual([use.days, use.tokenCount, use.tokens, use.openCount, use.isWhole], [30, 0, [], 1, false]);
    assert.equal((await admin.get('/upstreams/none/use')).status, 404);
    assert.equal((await admin.post(`/upstreams/${id}/suspend`)).json.upstream.isSuspended, true);
    assert.equal((await admin.post(`/upstreams/${id}/resume`)).json.upstream.isSuspended, false);
    assert.equal((await admin.delete(`/upstreams/${id}`)).status, 204);
    assert.equal((await admin.get(`/upstreams/${id}`)).status, 404);
  });

  test('a bad description is a problem of its field', async (t) => {
    const house = await openHouse(t);
    const admin = await loggedIn(house);
    const answer = await admin.post('/upstreams/check', { name: 'X', urls: [NOWHERE], openapi: 'swagger: "2.0"\n' });
    assertProblem(answer, 422, 'INVALID');
    assert.equal(answer.json.errors[0].field, 'openapi');
    const bad = await admin.post('/upstreams/check', { name: 'X', urls: ['gopher:x'], openapi: ORDERS });
    assert.equal(bad.json.errors[0].field, 'urls');
  });
});

test('our own document is one like theirs: it can stand behind the door too', (t) => {
  const house = makeHouse(t);
  const own = new URL('../../api/tokenhouse.openapi.json', import.meta.url).pathname;
  const document = JSON.parse(readFileSync(own, 'utf8'));
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item)) if (operation['x-tokenhouse']) delete operation['x-tokenhouse'].when;
  }
  const file = house.file('own.json', JSON.stringify(document));
  assert.match(house.ok('upstream', 'add', 'Again', '--openapi', file, '--url', NOWHERE, '--prefix', '/again'), /0 of them refused/);
});

describe('a permission that no description asks for any more', () => {
  const used = (house) => Object.fromEntries(JSON.parse(house.ok('role', 'permissions', '--json')).map((one) => [one.name, one.isUsed]));
  const offered = async (ada) => (await ada.get('/tokens/new')).json.permissions.flatMap((row) => [row.view, row.manage, ...row.other]).filter(Boolean);
  const names = async (ada) => (await offered(ada)).map((action) => action.name);

  test('is offered to nobody, and who has it keeps it', async (t) => {
    const house = await openHouse(t);
    const ada = await loggedIn(house);
    const file = house.file('orders.yaml', ORDERS);
    house.ok('upstream', 'add', 'Orders', '--openapi', file, '--url', NOWHERE, '--prefix', '/orders');
    house.ok('role', 'add', 'Clerks', '--permission', 'Orders:Manage', '--permission', 'Device reports:View');
    const token = house.hs256('clerk', '--permission', 'Orders:Manage');
    await until(() => names(ada), (all) => all.includes('Orders:Manage') && all.includes('Orders:View'));
    assert.equal(used(house)['Orders:Manage'], true);
    const clerks = JSON.parse(house.ok('role', 'show', 'Clerks', '--json'));

    house.ok('upstream', 'suspend', 'Orders');
    assert.ok((await names(ada)).includes('Orders:Manage'), 'a suspended upstream may come back');
    house.ok('upstream', 'delete', 'Orders', '--yes');
    await until(() => names(ada), (all) => !all.includes('Orders:Manage') && !all.includes('Orders:View'));
    assert.deepEqual([used(house)['Orders:Manage'], used(house)['Orders:View'], used(house)['Device reports:View']], [false, false, true]);
    const row = (await ada.get('/permissions')).json.data.find(({ feature }) => feature === 'Orders');
    assert.deepEqual([row.view.isUsed, row.manage.isUsed], [false, false], 'shown, as no longer used');
    assert.match(house.ok('role', 'permissions'), /Orders:Manage +no longer used/);
    // nobody gains or loses anything
    assert.deepEqual(JSON.parse(house.ok('role', 'show', 'Clerks', '--json')).permissions, clerks.permissions);
    assert.deepEqual(JSON.parse(house.ok('token', 'show', token.id, '--json')).permissions, ['Orders:View', 'Orders:Manage']);
    const rolled = JSON.parse(house.ok('token', 'roll', token.id, '--json'));
    assert.deepEqual(rolled.permissions, ['Orders:View', 'Orders:Manage'], 'nor by a roll');

    house.ok('upstream', 'add', 'Orders again', '--openapi', file, '--url', NOWHERE, '--prefix', '/orders');
    await until(() => names(ada), (all) => all.includes('Orders:Manage'));
    assert.equal(used(house)['Orders:Manage'], true);
  });

  test('is told from one that another upstream, or a changed description, still asks for', (t) => {
    const house = makeHouse(t);
    const file = house.file('orders.yaml', ORDERS);
    house.ok('upstream', 'add', 'One', '--openapi', file, '--url', NOWHERE, '--prefix', '/one');
    house.ok('upstream', 'add', 'Two', '--openapi', house.file('two.yaml', ORDERS.replace("'Orders:Manage'", "'Orders:Delete'")), '--url', NOWHERE, '--prefix', '/two');
    house.ok('upstream', 'delete', 'One', '--yes');
    assert.deepEqual(['Orders:View', 'Orders:Manage', 'Orders:Delete'].map((name) => used(house)[name]), [true, false, true]);
    house.ok('upstream', 'update', 'Two', '--openapi', file, '--yes');
    assert.deepEqual(['Orders:View', 'Orders:Manage', 'Orders:Delete'].map((name) => used(house)[name]), [true, true, false]);
  });
});
