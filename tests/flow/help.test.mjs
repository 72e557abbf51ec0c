// SPDX-License-Identifier: Apache-2.0
// Every command explains itself, and says in one sentence what was asked wrongly. The
// forms and options are read from the help itself, so that a new one is held to it too.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { must, run } from './support/house.mjs';
import { refused } from './support/outside.mjs';

/** The contract with scripts: these forms stay (issue 2). */
const CONTRACT = {
  init: ['data', 'admin-email', 'admin-password-file'],
  serve: ['data', 'listen', 'health'],
  'user add': ['data', 'role', 'password-file'],
  'user list': ['data', 'json'],
  'user suspend': ['data', 'yes'],
  'user resume': ['data'],
  'user delete': ['data', 'yes'],
  'user password': ['data', 'password-file'],
  'role list': ['data', 'json'],
  'role show': ['data', 'json'],
  'role add': ['data', 'permission'],
  'role change': ['data', 'permission'],
  'role delete': ['data'],
  'group add': ['data'],
  'group list': ['data', 'json'],
  'group assign': ['data', 'user', 'device'],
  'group delete': ['data'],
  'token create': ['data', 'user', 'title', 'public-key', 'expires', 'permission', 'approved-ip', 'group', 'out', 'json'],
  'token list': ['data', 'json', 'unused'],
  'token show': ['data', 'json'],
  'token edit': ['data', 'title', 'description', 'expires', 'approved-ip'],
  'token roll': ['data', 'overlap', 'title', 'description', 'public-key', 'expires', 'permission', 'approved-ip', 'group', 'out', 'json'],
  'token overlap': ['data', 'json'],
  'token unroll': ['data', 'json'],
  'token suspend': ['data', 'creator', 'group', 'unused-days', 'made-before', 'yes'],
  'token resume': ['data'],
  'token delete': ['data', 'creator', 'group', 'unused-days', 'made-before', 'yes'],
  'device import': ['data', 'skip-bad'],
  'device list': ['data', 'json'],
  keygen: ['out-private', 'out-public'],
  sign: ['token', 'token-id', 'private-key', 'data'],
  verify: ['public-key', 'secret-file', 'jwk'],
  call: ['data', 'token', 'token-id', 'private-key', 'server', 'all'],
  'events list': ['data', 'json'],
  'config check': ['data'],
  'config show': ['data', 'json'],
};

const rows = (text) => [...text.matchAll(/^ {2}(\S+) .*$/gm)].map((m) => m[1]);
const commands = rows(must(['help'])).filter((name) => name !== 'help');

/** The forms of a command: ['token', 'create'] …, or the command alone. */
const formsOf = (command) => {
  const text = must([command, '--help']);
  return / has these forms:/.test(text) ? rows(text).map((form) => [command, form]) : [[command]];
};

/** What the help of a form says: { arguments, options: [{ name, value, isRequired, isRepeatable }] }. */
function explained(form) {
  const text = must([...form, '--help']);
  const [, typed] = /^tokenhouse ([^:]+): \S/.exec(text);
  const options = [...text.matchAll(/^ {2}--(\S+)(?: ([A-Z]\S*))? +(\S.*)$/gm)]
    .map(([, name, value, meaning]) => ({
      name, value, isRequired: /\(required\)/.test(meaning), isRepeatable: /\(may be repeated\)/.test(meaning),
    }));
  return {
    text, options: options.filter(({ name }) => name !== 'help'),
    arguments: typed.split(' ').slice(form.length).filter((word) => word !== '[options]'),
  };
}

describe('the table of commands', () => {
  test('help, --help, -h and nothing at all list every command', () => {
    const text = must(['help']);
    for (const args of [['--help'], ['-h'], [], ['help', '--help'], ['help', 'help']]) assert.equal(must(args), text);
    for (const form of Object.keys(CONTRACT)) assert.ok(commands.includes(form.split(' ')[0]), form);
    assert.match(must(['--version']), /^tokenhouse \d+\.\d+\.\d+\n$/);
  });

  test('a command that is not there', () => {
    refused(run(['tokens']), 2, /there is no command 'tokens'; 'tokenhouse help' lists them/);
    refused(run(['help', 'tokens']), 2, /there is no command 'tokens'/);
    refused(run(['']), 2, /there is no command ''/);
    refused(run(['--data', 'x']), 2, /there is no command '--data'/);
  });

  test('the contract with scripts holds', () => {
    for (const [form, names] of Object.entries(CONTRACT)) {
      const known = explained(form.split(' ')).options.map(({ name }) => name);
      for (const name of names) assert.ok(known.includes(name), `${form} --${name}`);
    }
  });
});

for (const command of commands) {
  const forms = formsOf(command);

  test(`${command}: help and what is asked wrongly`, () => {
    assert.equal(must(['help', command]), must([command, '--help']));
    if (forms[0].length === 2) {
      const none = run([command]);
      assert.equal(none.status, 2);
      assert.equal(none.stdout, '');
      assert.equal(none.stderr, must([command, '--help']));
      refused(run([command, 'nonsense']), 2, new RegExp(`there is no '${command} nonsense'; wanted is one of:( \\S+)+`));
    }
    for (const form of forms) asksWrongly(form);
  });
}

/** Every way of asking a form wrongly: status 2, and a sentence that names the thing. */
function asksWrongly(form) {
  const { text, options, arguments: wanted } = explained(form);
  const name = form.join(' ');
  const good = wanted.map((_, i) => `x${i}`);
  const required = options.filter((o) => o.isRequired).flatMap((o) => [`--${o.name}`, 'x']);
  const wrongly = (args, words) => refused(run([...form, ...args]), 2, words);
  const see = new RegExp(`^tokenhouse ${name}: .*; see 'tokenhouse ${name} --help'`);

  assert.equal(must(['help', ...form]), text);
  assert.ok(text.split('\n')[0].startsWith(`tokenhouse ${name}`), text);
  wrongly([...good, ...required, '--no-such-option'], /there is no option '--no-such-option'/);
  wrongly([...good, ...required, '-x'], see);
  wrongly([...good, ...required, 'one', 'too', 'many', 'words'], /'\S+' is too much; wanted: ./);
  if (good.length > 0) wrongly(required, new RegExp(`something is missing; wanted: ${wanted[0].replace(/[|\\^$.*+?()[\]{}]/g, '\\$&')}`));
  for (const { name: missing } of options.filter((o) => o.isRequired)) {
    const others = options.filter((o) => o.isRequired && o.name !== missing).flatMap((o) => [`--${o.name}`, 'x']);
    wrongly([...good, ...others], new RegExp(`--${missing} \\S+ is missing`));
  }
  const valued = options.find((o) => o.value && !o.isRepeatable);
  if (valued) {
    wrongly([...good, `--${valued.name}`], new RegExp(`--${valued.name} wants a value: ${valued.value}`));
    wrongly([...good, `--${valued.name}=a`, `--${valued.name}`, 'b'], new RegExp(`--${valued.name} is given twice`));
  }
  const flag = options.find((o) => !o.value);
  if (flag) wrongly([...good, `--${flag.name}=yes`], new RegExp(`--${flag.name} takes no value`));
}
