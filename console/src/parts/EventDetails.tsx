// SPDX-License-Identifier: Apache-2.0
//
// The details of an event for people: what was, what is, name by name.
import { Text } from '@mantine/core';
import classes from './EventDetails.module.css';

const SHOWN = 4;

type Details = Record<string, unknown>;

function isObject(value: unknown): value is Details {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `approvedAddresses` → "Approved addresses" */
function nameInWords(name: string): string {
  const words = name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueInWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueInWords).join(', ');
  if (isObject(value)) {
    return Object.entries(value).map(([name, one]) => `${nameInWords(name)}: ${valueInWords(one)}`).join('; ');
  }
  return String(value);
}

/** One line for a table: "title, expiry date" of what changed. */
export function detailsInShort(details: Details): string {
  const { before, after, action, ...rest } = details;
  if (isObject(before) && isObject(after)) {
    return `Changed: ${[...new Set([...Object.keys(before), ...Object.keys(after)])].map((n) => nameInWords(n).toLowerCase()).join(', ')}`;
  }
  const one = isObject(after) ? after : isObject(before) ? before : {};
  return Object.entries({ ...rest, ...one }).filter(([, value]) => typeof value === 'string' && value !== '')
    .slice(0, SHOWN).map(([name, value]) => `${nameInWords(name)}: ${valueInWords(value)}`).join('; ');
}

export function EventDetails({ details }: { details: Details }) {
  const { before, after, action: _, ...rest } = details;
  const was = isObject(before) ? before : {};
  const is = isObject(after) ? after : {};
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const hasBoth = isObject(before) && isObject(after);
  const others = Object.entries(rest);
  if (names.length === 0 && others.length === 0) return <Text size="sm" c="dimmed">Nothing more is on record.</Text>;
  return (
    <table className={classes.details}>
      {hasBoth && <thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>}
      <tbody>
        {others.map(([name, value]) => (
          <tr key={name}><th scope="row">{nameInWords(name)}</th><td colSpan={2}>{valueInWords(value)}</td></tr>
        ))}
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{nameInWords(name)}</th>
            {hasBoth ? <><td>{valueInWords(was[name])}</td><td>{valueInWords(is[name])}</td></>
              : <td colSpan={2}>{valueInWords(is[name] ?? was[name])}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
