// SPDX-License-Identifier: Apache-2.0
//
// Settings as the server runs with them: read-only here, because they are in its file.
import { Stack, Text, Title } from '@mantine/core';
import type { Setting } from '../../api/records';
import { sentence } from '../../parts/FormFields';
import { SearchField } from '../../parts/SearchField';
import { useListState } from '../../parts/useListState';
import { figures } from '../../words/number';
import classes from './Settings.module.css';

const SECTIONS: Record<string, string> = {
  server: 'Server', limits: 'Limits', gate: 'Checking of requests', console: 'Console', history: 'Event History', mail: 'Mail',
};

function shown(value: Setting['value']): string {
  if (value === null || value === '') return 'empty';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** "0..600" → "0 to 600" */
function boundsInWords(bounds: string): string {
  return bounds.replace(/^(-?\d+)\.\.(-?\d+)$/, (_, least: string, most: string) => `${figures(Number(least))} to ${figures(Number(most))}`);
}

function Row({ setting }: { setting: Setting }) {
  return (
    <div className={classes.row}>
      <div>
        <Text size="sm" className="mono wrap-anywhere">{setting.name}</Text>
        <Text size="sm" c="dimmed">{sentence(setting.meaning)}</Text>
      </div>
      <div>
        <Text size="sm" fw={setting.isUsual ? 400 : 600} className="mono wrap-anywhere">{shown(setting.value)}</Text>
        <Text size="xs" c="dimmed" className="wrap-anywhere">
          {setting.isUsual ? 'Usual' : `Usually ${shown(setting.usual)}`}{setting.bounds ? ` · ${boundsInWords(setting.bounds)}` : ''}
        </Text>
      </div>
    </div>
  );
}

export function Settings({ settings }: { settings: Setting[] }) {
  const state = useListState();
  const wanted = state.value('q').trim().toLowerCase();
  const found = settings.filter((one) => !wanted || `${one.section}.${one.name} ${one.meaning}`.toLowerCase().includes(wanted));
  const sections = [...new Set(found.map((one) => one.section))];
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed" maw={680}>
        They are in the server’s configuration file, so they are changed there; “tokenhouse config check” looks at it before the server does.
      </Text>
      <SearchField label="Search settings" value={state.value('q')} onSearch={(q) => state.set({ q, tab: 'settings-and-limits' }, true)} />
      {sections.length === 0 && <Text c="dimmed" role="status">No setting is named like that.</Text>}
      {sections.map((section) => (
        <section key={section} aria-label={SECTIONS[section] ?? section}>
          <Title order={2} fz={16} lh="24px" mb="xs">{SECTIONS[section] ?? section}</Title>
          <div className={`${classes.rows} panel`}>
            {found.filter((one) => one.section === section).map((one) => <Row key={one.name} setting={one} />)}
          </div>
        </section>
      ))}
    </Stack>
  );
}
