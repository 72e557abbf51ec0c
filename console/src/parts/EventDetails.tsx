// SPDX-License-Identifier: Apache-2.0
//
// The details of an event for people: what was and what is, side by side; of lists what
// came and what went.
import { Text, VisuallyHidden } from '@mantine/core';
import { ArrowRight } from 'lucide-react';
import { changesOf, detailsInShort, factsOf, stateOf } from '../words/changes';
import type { Change, Details } from '../words/changes';
import classes from './EventDetails.module.css';

const LINES = 2;

function Came({ words }: { words: string }) {
  return <ins className={classes.added}><VisuallyHidden>added </VisuallyHidden>{words}</ins>;
}

function Went({ words }: { words: string }) {
  return <del className={classes.removed}><VisuallyHidden>was </VisuallyHidden>{words}</del>;
}

function Line({ change }: { change: Change }) {
  const { name, was, is, isList, added, removed } = change;
  return (
    <div className={classes.line}>
      <span className={classes.name}>{name}: </span>
      {isList
        ? <>{added.map((one) => <Came key={one} words={`+ ${one}`} />)}{removed.map((one) => <Went key={one} words={one} />)}</>
        : <><Went words={was} /> <ArrowRight size={12} aria-hidden style={{ verticalAlign: -1 }} /> <Came words={is} /></>}
    </div>
  );
}

/** For a row of a table: the first changes, or a few facts. */
export function ChangesInShort({ details }: { details: Details }) {
  const changes = changesOf(details);
  if (changes.length === 0) {
    return <Text size="sm" lineClamp={2} className="wrap-anywhere" c="dimmed">{detailsInShort(details)}</Text>;
  }
  return (
    <div className={classes.lines}>
      {changes.slice(0, LINES).map((change) => <Line key={change.name} change={change} />)}
      {changes.length > LINES && <Text size="xs" c="dimmed">and {changes.length - LINES} more</Text>}
    </div>
  );
}

function Cells({ change }: { change: Change }) {
  if (!change.isList) return <><td>{change.was}</td><td>{change.is}</td></>;
  return (
    <>
      <td>{change.removed.length > 0 ? change.removed.map((one) => <div key={one}><Went words={one} /></div>) : '–'}</td>
      <td>{change.added.length > 0 ? change.added.map((one) => <div key={one}><Came words={`+ ${one}`} /></div>) : '–'}</td>
    </>
  );
}

/** All of it. */
export function EventDetails({ details }: { details: Details }) {
  const changes = changesOf(details);
  const facts = [...factsOf(details), ...stateOf(details)];
  if (changes.length === 0 && facts.length === 0) return <Text size="sm" c="dimmed">Nothing more is on record.</Text>;
  return (
    <table className={classes.details}>
      {changes.length > 0 && (
        <thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
      )}
      <tbody>
        {facts.map(([name, value]) => (
          <tr key={name}><th scope="row">{name}</th><td colSpan={2}>{value}</td></tr>
        ))}
        {changes.map((change) => (
          <tr key={change.name}><th scope="row">{change.name}</th><Cells change={change} /></tr>
        ))}
      </tbody>
    </table>
  );
}
