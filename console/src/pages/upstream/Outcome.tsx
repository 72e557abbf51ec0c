// SPDX-License-Identifier: Apache-2.0
//
// What taking a description would mean, before it is taken.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Alert, Anchor, Box, Stack, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import type { TokenDifference, UpstreamCheck, UpstreamDifference, UpstreamNote } from '../../api/records';
import { Fold } from '../../parts/Fold';
import { sentence } from '../../parts/FormFields';
import { counted, figures } from '../../words/number';
import { grouped } from '../../words/permissions';
import { Operations } from './Operations';
import classes from './Operations.module.css';

const SHOWN = 20;

/** The first of a long list, and the rest at a click. */
function Some<T>({ items, label, children }: { items: T[]; label: string; children: (item: T) => ReactNode }) {
  const [isAll, setAll] = useState(false);
  return (
    <>
      <Box component="ul" aria-label={label} className={classes.list}>{(isAll ? items : items.slice(0, SHOWN)).map(children)}</Box>
      {items.length > SHOWN && (
        <Anchor component="button" type="button" size="sm" mt={4} onClick={() => setAll(!isAll)}>
          {isAll ? 'Show fewer' : `and ${figures(items.length - SHOWN)} more`}
        </Anchor>
      )}
    </>
  );
}

function Part({ title, hint, children }: { title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <Box component="section" aria-label={title}>
      <Title order={3} fz={14} lh="20px">{title}</Title>
      {hint && <Text size="sm" c="dimmed" maw={680}>{hint}</Text>}
      {children && <Box mt="xs">{children}</Box>}
    </Box>
  );
}

function Clashes({ clashes }: { clashes: string[] }) {
  if (clashes.length === 0) return null;
  return (
    <Alert color="red" variant="light" role="alert" title={`${counted(clashes.length, 'operation')} ${clashes.length === 1 ? 'clashes' : 'clash'} with what is there`}
      styles={{ root: { background: 'var(--th-refused-back)' }, title: { color: 'var(--th-refused)' }, message: { color: 'var(--mantine-color-text)' } }}>
      <Text size="sm" mb="xs">It cannot be taken like that. Another prefix helps.</Text>
      <Some items={clashes} label="Clashes">{(words) => <li key={words}><Text size="sm" className="wrap-anywhere">{sentence(words)}</Text></li>}</Some>
    </Alert>
  );
}

function NewPermissions({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Part title={counted(names.length, 'new permission')}
      hint="Offered to user roles at once; the System Administrator has them. Tokens that were made before do not get them.">
      <Some items={grouped(names)} label="New permissions">
        {([feature, actions]) => <li key={feature}><Text size="sm" className="wrap-anywhere">{feature}: {actions.join(', ')}</Text></li>}
      </Some>
    </Part>
  );
}

const CHANGES = { added: 'New', removed: 'Goes', changed: 'Changes' };

function ChangedOperations({ rows }: { rows: UpstreamDifference['operations'] }) {
  if (rows.length === 0) return <Part title="No operation changes" />;
  return (
    <Part title={`${counted(rows.length, 'operation')} ${rows.length === 1 ? 'comes, goes or needs' : 'come, go or need'} something else`}>
      <Box className="panel">
        <Some items={rows} label="Operations that change">
          {(row) => (
            <li key={`${row.method} ${row.path}`} className={`${classes.row} ${classes.change}`}>
              <Text size="sm" fw={500} c={row.change === 'removed' ? 'var(--th-refused)' : row.change === 'added' ? 'var(--th-active)' : undefined}>{CHANGES[row.change]}</Text>
              <span className={`mono ${classes.method}`}>{row.method}</span>
              <Text size="sm" className="mono wrap-anywhere">{row.path}</Text>
              <Box>
                {row.before && <Text size="sm" c="dimmed" td={row.after ? 'line-through' : undefined} className="wrap-anywhere">{row.before}</Text>}
                {row.after && <Text size="sm" className="wrap-anywhere">{row.after}</Text>}
              </Box>
            </li>
          )}
        </Some>
      </Box>
    </Part>
  );
}

function callsInWords(names: string[], count: number): string {
  const shown = names.slice(0, 3).join(', ');
  return count > 3 ? `${shown} and ${figures(count - 3)} more` : shown;
}

function TokenRows({ tokens, label, isLost }: { tokens: TokenDifference[]; label: string; isLost: boolean }) {
  return (
    <Box className="panel">
      <Some items={tokens} label={label}>
        {(token) => (
          <li key={token.id} className={classes.row} style={{ gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 2fr)' }}>
            <Box style={{ minWidth: 0 }}>
              <Anchor component={Link} href={`/tokens/${token.id}`} size="sm" className="wrap-anywhere" target="_blank">{token.title}</Anchor>
              <Text size="xs" c="dimmed" truncate>{token.user}</Text>
            </Box>
            <Text size="sm" className="mono wrap-anywhere">{isLost ? callsInWords(token.lost, token.lostCount) : callsInWords(token.gained, token.gainedCount)}</Text>
          </li>
        )}
      </Some>
    </Box>
  );
}

function Tokens({ difference, isNew }: { difference: UpstreamDifference; isNew: boolean }) {
  const losing = difference.tokens.filter((token) => token.lostCount > 0);
  const gaining = difference.tokens.filter((token) => token.gainedCount > 0);
  return (
    <>
      {difference.losingCount > 0 ? (
        <Part title={`${counted(difference.losingCount, 'token')} ${difference.losingCount === 1 ? 'loses' : 'lose'} something`}
          hint="What they can call today, and could not any more.">
          <TokenRows tokens={losing} label="Tokens that lose something" isLost />
        </Part>
      ) : !isNew && <Part title="No token loses anything" />}
      {difference.gainingCount > 0 && (
        <Part title={`${counted(difference.gainingCount, 'token')} ${difference.gainingCount === 1 ? 'gains' : 'gain'} something`}
          hint="What they could call at once, with the permissions that they have.">
          <TokenRows tokens={gaining} label="Tokens that gain something" isLost={false} />
        </Part>
      )}
    </>
  );
}

export function Notes({ notes }: { notes: UpstreamNote[] }) {
  return (
    <Some items={notes} label="Notes">
      {(note) => (
        <li key={note.pointer + note.words} style={{ padding: '4px 0' }}>
          <Text size="sm" className="wrap-anywhere">{sentence(note.words)}</Text>
          <Text size="xs" c="dimmed" className="mono wrap-anywhere" fz={12}>{note.pointer}</Text>
        </li>
      )}
    </Some>
  );
}

export function Outcome({ check, isNew }: { check: UpstreamCheck; isNew: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const { difference, operations, refusedCount, newPermissions, notes } = check;
  return (
    <Stack gap="lg">
      <Clashes clashes={check.clashes} />
      <dl className={`${classes.figures} panel`}>
        <div><dt>Operations</dt><dd>{figures(operations.length)}</dd></div>
        <div><dt>Refused to everybody</dt><dd style={refusedCount > 0 ? { color: 'var(--th-refused)' } : undefined}>{figures(refusedCount)}</dd></div>
        <div><dt>New permissions</dt><dd>{figures(newPermissions.length)}</dd></div>
        <div><dt>Tokens that lose</dt><dd style={difference.losingCount > 0 ? { color: 'var(--th-refused)' } : undefined}>{figures(difference.losingCount)}</dd></div>
        <div><dt>Tokens that gain</dt><dd>{figures(difference.gainingCount)}</dd></div>
      </dl>
      <Tokens difference={difference} isNew={isNew} />
      {!isNew && <ChangedOperations rows={difference.operations} />}
      <NewPermissions names={newPermissions} />
      <Part title="Every operation, and what it needs" hint={refusedCount > 0
        ? 'An operation without x-tokenhouse is refused to everybody, until the description or an overlay says what it needs.' : undefined}>
        <Operations operations={operations} />
      </Part>
      {notes.length > 0 && (
        <div>
          <Fold title={`${counted(notes.length, 'note')} about the description`} hint="what is left out, and why" isOpen={isOpen} onToggle={setOpen}>
            <Notes notes={notes} />
          </Fold>
        </div>
      )}
    </Stack>
  );
}
