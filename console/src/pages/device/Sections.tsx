// SPDX-License-Identifier: Apache-2.0
//
// A device's document in sections: plain values as facts, objects under a heading, lists of
// objects as tables. What a device holds is its own business; nothing is left out.
import type { ReactNode } from 'react';
import { Anchor, Box, Group, Stack, Title } from '@mantine/core';
import type { Device } from '../../api/records';
import { Time } from '../../parts/Time';
import { nameInWords, valueInWords } from '../../words/changes';
import { bytesInWords, codeInWords, isBytes, isMoment, sectionsOf } from '../../words/device';
import type { Section } from '../../words/device';
import classes from './Sections.module.css';

type Doc = Record<string, unknown>;

function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTable(value: unknown): value is Doc[] {
  return Array.isArray(value) && value.length > 0 && value.every(isDoc);
}

/** `lastUpdatedDateTimeUtc` → "Last updated": the moment is shown as one anyway. */
function fieldInWords(name: string): string {
  return nameInWords(name.replace(/DateTimeUtc$|Utc$/, '').replace(/Bytes$/, '').replace(/^rnr/, '') || name);
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (isMoment(value)) return <Time at={value} />;
  if (typeof value === 'number' && isBytes(name)) return <span title={`${value} bytes`}>{bytesInWords(value)}</span>;
  const words = valueInWords(codeInWords(name, value));
  return <span className={/(^|[a-z])(Ip|uid|Uid|esn|macAddress|ipV\dAddress)$|^esn$|ddress$/.test(name) ? 'mono' : undefined}>{words}</span>;
}

function FactList({ fields }: { fields: [string, unknown][] }) {
  return (
    <dl className={classes.facts}>
      {fields.map(([name, value]) => (
        <div key={name}><dt title={name}>{fieldInWords(name)}</dt><dd><Value name={name} value={value} /></dd></div>
      ))}
    </dl>
  );
}

function DocTable({ rows, label }: { rows: Doc[]; label: string }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    .filter((name) => rows.some((row) => row[name] !== null && row[name] !== '' && row[name] !== undefined));
  return (
    <Box style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead><tr>{names.map((name) => <th key={name} scope="col" title={name}>{fieldInWords(name)}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{names.map((name) => <td key={name}><Value name={name} value={row[name]} /></td>)}</tr>
          ))}
        </tbody>
      </table>
    </Box>
  );
}

/** One object or list of a section; where it is called like the section, that is heading enough. */
function Part({ name, section, children }: { name: string; section: string; children: ReactNode }) {
  if (name === section) return <>{children}</>;
  return (
    <div className={classes.part}>
      <Title order={3} fz={14} lh="20px" mb="xs">{name}</Title>
      {children}
    </div>
  );
}

function SectionBox({ section }: { section: Section }) {
  const plain = section.fields.filter(([, value]) => !isDoc(value) && !isTable(value));
  const rest = section.fields.filter(([, value]) => isDoc(value) || isTable(value));
  return (
    <section className={`${classes.section} panel`} aria-label={section.name} id={`section-${section.name.replace(/\W+/g, '-')}`}>
      <Title order={2} fz={16} lh="24px" mb="md">{section.name}</Title>
      {plain.length > 0 && <FactList fields={plain} />}
      {rest.map(([name, value]) => (
        <Part key={name} name={fieldInWords(name)} section={section.name}>
          {isTable(value) ? <DocTable rows={value} label={`${section.name}: ${fieldInWords(name)}`} />
            : <FactList fields={Object.entries(value as Doc).filter(([, one]) => one !== null && one !== '')} />}
        </Part>
      ))}
    </section>
  );
}

export function Sections({ device }: { device: Device }) {
  const sections = sectionsOf(device);
  const jump = (name: string) => {
    document.getElementById(`section-${name.replace(/\W+/g, '-')}`)?.scrollIntoView();
  };
  return (
    <Stack gap="md">
      <Group component="nav" gap="md" aria-label="Sections">
        {sections.map(({ name }) => (
          <Anchor key={name} component="button" type="button" size="sm" onClick={() => jump(name)}>{name}</Anchor>
        ))}
      </Group>
      {sections.map((section) => <SectionBox key={section.name} section={section} />)}
    </Stack>
  );
}
