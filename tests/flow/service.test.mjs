// SPDX-License-Identifier: Apache-2.0
// The unit for systemd that docs/examples has: systemd takes every line of it, and the
// program the command.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROGRAM, ROOT } from './support/house.mjs';

const UNIT = readFileSync(join(ROOT, 'docs/examples/tokenhouse.service'), 'utf8');
const COMMAND = '/usr/local/bin/tokenhouse';

/** What systemd finds wrong with a unit: "" for nothing. */
function complaints(t, text) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenhouse-unit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const unit = join(folder, 'tokenhouse.service');
  writeFileSync(unit, text.replaceAll(COMMAND, PROGRAM));
  const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  return stderr.split('\n').filter((line) => line.includes('tokenhouse.service')).join('\n');
}

test('systemd takes every line of the unit, and would say if it did not', (t) => {
  assert.ok(UNIT.includes(`ExecStart=${COMMAND} serve `));
  assert.equal(complaints(t, UNIT), '');
  assert.match(complaints(t, UNIT.replace('ProtectHome=yes', 'ProtectHouse=yes')), /Unknown key.* 'ProtectHouse'/);
});

test('the program takes the command of the unit', () => {
  const [, line] = /^ExecStart=(.*)$/m.exec(UNIT);
  const [, ...given] = line.split(' ');
  const run = spawnSync(PROGRAM, given, { encoding: 'utf8' });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /the data folder '\/var\/lib\/tokenhouse' cannot be opened/);
});
