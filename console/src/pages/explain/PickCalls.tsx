// SPDX-License-Identifier: Apache-2.0
//
// Calls are picked or pasted; the least permissions that a token needs for them come out,
// with a link that opens the page of a new token filled in.
import { useEffect, useMemo, useState } from 'react';
import { ActionIcon, Box, Checkbox, Group, Select, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { X } from 'lucide-react';
import type { Operation } from '../../api/types';
import { useOperations } from '../../ask/catalogue';
import { useCallsNeed } from '../../ask/explain';
import { Fault } from '../../parts/Fault';
import { FormSection } from '../../parts/FormSummary';
import { CallsNeeded } from './CallsNeeded';
import classes from './explain.module.css';

const TEXT_MAX = 1_000_000;

type When = Operation['when'][number];

/** An operation that was picked, with the conditions that its calls meet. */
interface Pick {
  name: string;
  whens: number[];
}

const nameOf = (operation: Operation) => `${operation.method} ${operation.path}`;

/** A JSON pointer's place with its value, as an object. */
function bodyAt(pointer: string, value: unknown): unknown {
  return pointer.split('/').slice(1).reverse().reduce<unknown>(
    (inner, name) => ({ [name.replace(/~1/g, '/').replace(/~0/g, '~')]: inner }), value);
}

function valueOf(equals: string | null): unknown {
  if (equals === null) return 'x';
  try {
    return JSON.parse(equals) as unknown;
  } catch {
    return equals;
  }
}

/** One line of JSON for each condition: what they need together is the same. */
function linesOf(operation: Operation, whens: number[]): string[] {
  const call = { method: operation.method, uri: operation.path };
  const lines = whens.map((index) => {
    const when = operation.when[index]!;
    if (when.in === 'body') return { ...call, body: bodyAt(when.name, valueOf(when.equals)) };
    const [name, value] = when.in === 'field' ? ['select', when.name] : [when.name, when.equals ?? ''];
    return { ...call, query: `${encodeURIComponent(name!)}=${encodeURIComponent(value!)}` };
  });
  return [call, ...lines].map((line) => JSON.stringify(line));
}

function whenWords(when: When): string {
  const what = when.in === 'field' ? 'asks for the field' : when.in === 'query' ? 'has the parameter' : 'has in its body';
  return `${what} ${when.name}${when.equals ? ` = ${when.equals}` : ''}`;
}

function Picked({ operation, pick, onChange, onRemove }: {
  operation: Operation; pick: Pick; onChange: (whens: number[]) => void; onRemove: () => void;
}) {
  const toggle = (index: number, isOn: boolean) =>
    onChange(isOn ? [...pick.whens, index] : pick.whens.filter((one) => one !== index));
  return (
    <Box className="panel" p="sm" component="li">
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <Box style={{ minWidth: 0 }}>
          <Text size="sm" className="mono wrap-anywhere">{pick.name}</Text>
          <Text size="xs" c="dimmed">{operation.summary}</Text>
        </Box>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${pick.name}`} onClick={onRemove}><X size={16} aria-hidden /></ActionIcon>
      </Group>
      {operation.when.length > 0 && (
        <Stack gap={0} mt="xs" role="group" aria-label={`Parameters of ${pick.name}`}>
          {operation.when.map((when, index) => (
            <Checkbox key={index} size="xs" py={4} label={whenWords(when)} checked={pick.whens.includes(index)}
              onChange={(event) => toggle(index, event.currentTarget.checked)} />
          ))}
        </Stack>
      )}
    </Box>
  );
}

function Picks({ picks, onChange }: { picks: Pick[]; onChange: (picks: Pick[]) => void }) {
  const operations = useOperations();
  const all = operations.data ?? [];
  if (operations.isError) return <Fault error={operations.error} onRetry={() => operations.refetch()} />;
  return (
    <Stack gap="xs">
      <Select aria-label="Add an operation" placeholder="Add an operation" searchable value={null} limit={50} nothingFoundMessage="No such operation"
        data={all.map(nameOf).filter((name) => !picks.some((pick) => pick.name === name))}
        onChange={(name) => { if (name) onChange([...picks, { name, whens: [] }]); }} />
      {picks.length > 0 && (
        <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label="Picked operations">
          {picks.map((pick) => {
            const operation = all.find((one) => nameOf(one) === pick.name);
            return operation && (
              <Picked key={pick.name} operation={operation} pick={pick}
                onChange={(whens) => onChange(picks.map((one) => (one === pick ? { ...pick, whens } : one)))}
                onRemove={() => onChange(picks.filter((one) => one !== pick))} />
            );
          })}
        </Stack>
      )}
    </Stack>
  );
}

export function PickCalls() {
  const operations = useOperations();
  const [picks, setPicks] = useState<Pick[]>([]);
  const [log, setLog] = useState('');
  const [prefix, setPrefix] = useState('');
  const need = useCallsNeed();
  const { mutate, reset } = need;
  const wanted = useMemo(() => ({ picks, log, prefix }), [picks, log, prefix]);
  const [asked] = useDebouncedValue(wanted, 300);
  const isTooLong = log.length > TEXT_MAX;
  const known = operations.data;
  useEffect(() => {
    const picked = asked.picks.flatMap((pick) => {
      const operation = known?.find((one) => nameOf(one) === pick.name);
      return operation ? linesOf(operation, pick.whens) : [];
    });
    const text = [asked.log, ...picked].join('\n').replace(/^\n/, '');
    if (text.trim() === '' || asked.log.length > TEXT_MAX) reset();
    else mutate({ text, ...(asked.prefix.trim() && picked.length === 0 ? { prefix: asked.prefix.trim() } : {}) });
  }, [asked, known, mutate, reset]);
  const isAsked = picks.length > 0 || log.trim() !== '';
  return (
    <div className={classes.columns}>
      <Box>
        <FormSection title="Pick calls" hint="What the token is going to do.">
          <Picks picks={picks} onChange={setPicks} />
        </FormSection>
        <FormSection title="Or paste an access log" hint="Common or combined log format, JSON lines with method, uri, query and body, or METHOD /path?query. It is read and forgotten.">
          <Stack gap="md">
            <Textarea aria-label="Access log" autosize minRows={6} maxRows={16} classNames={{ input: 'mono' }} spellCheck={false} value={log}
              error={isTooLong ? 'At most a million characters can be read at once; the command “tokenhouse permissions for” takes more.' : undefined}
              placeholder={'203.0.113.9 - - [27/Nov/2026:01:00:00 +0000] "GET /v3/reporting/devices HTTP/1.1" 200 512\nGET /v3/whoami'}
              onChange={(event) => setLog(event.currentTarget.value)} />
            {log.trim() !== '' && picks.length === 0 && (
              <TextInput label="Prefix" description="Put before each path of the log: where that API stands here" placeholder="/orders" autoComplete="off"
                value={prefix} onChange={(event) => setPrefix(event.currentTarget.value)} />
            )}
          </Stack>
        </FormSection>
      </Box>
      <Box component="section" aria-label="What these calls need" aria-live="polite">
        {need.isError && <Fault error={need.error} />}
        {need.data ? <CallsNeeded need={need.data} />
          : isAsked && need.isPending ? <Skeleton h={240} />
            : !need.isError && (
              <Box className="panel" p="lg"><Text size="sm" c="dimmed">The least permissions for the calls appear here, with a link that opens the page of a new token filled in.</Text></Box>
            )}
      </Box>
    </div>
  );
}
