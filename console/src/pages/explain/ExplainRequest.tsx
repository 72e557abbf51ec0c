// SPDX-License-Identifier: Apache-2.0
//
// A request is described, by hand or from a kept refusal, and the steps that it would walk
// are shown. What is described stands in the address bar, so that it can be sent to others.
import { useEffect, useState } from 'react';
import { Anchor, Autocomplete, Box, Grid, Group, Select, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSearchParams } from 'wouter';
import type { Explained } from '../../api/explained';
import type { Refusal } from '../../api/types';
import { useOperations } from '../../ask/catalogue';
import { useExplanation } from '../../ask/explain';
import type { Described } from '../../ask/explain';
import { Fault } from '../../parts/Fault';
import { focusFirstFault, sentence, showProblem } from '../../parts/FormFields';
import { SubmitButton } from '../../parts/SubmitButton';
import { Time } from '../../parts/Time';
import { reasonInWords } from '../../words/verdicts';
import { ExplainedSteps } from './ExplainedSteps';
import { TokenField } from './TokenField';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
const NAMES = ['token', 'method', 'path', 'body', 'address', 'at'] as const;

type Draft = Record<(typeof NAMES)[number], string>;

function draftOf(params: URLSearchParams): Draft {
  const value = (name: string) => params.get(name) ?? '';
  return { token: value('token'), method: value('method') || 'GET', path: value('path'), body: value('body'), address: value('address'), at: value('at') };
}

function describedOf(draft: Draft): Described | null {
  if (!draft.token || !draft.path) return null;
  const cut = draft.path.indexOf('?');
  return {
    tokenId: draft.token.trim(), method: draft.method, uri: cut < 0 ? draft.path.trim() : draft.path.slice(0, cut).trim(),
    query: cut < 0 ? '' : draft.path.slice(cut + 1).trim(), body: draft.body.trim(), address: draft.address.trim(), at: draft.at.trim(),
  };
}

function draftOfExplained({ explanation: { request } }: Explained): Draft {
  return {
    token: request.tokenId, method: request.method, path: request.query ? `${request.uri}?${request.query}` : request.uri,
    body: request.body ?? '', address: request.address ?? '', at: request.at,
  };
}

/** Paths as the operations have them; choosing one brings its method along. */
function PathField({ form }: { form: ReturnType<typeof useForm<Draft>> }) {
  const operations = useOperations();
  const all = (operations.data ?? []).map((operation) => `${operation.method} ${operation.path}`);
  const typed = form.values.path.split('?')[0]!.toLowerCase();
  return (
    <Autocomplete label="Path and query" withAsterisk autoComplete="off" placeholder="/v3/reporting/devices?select=geoData"
      data={all.filter((text) => text.toLowerCase().includes(typed))} filter={({ options }) => options} limit={30}
      {...form.getInputProps('path')}
      onOptionSubmit={(text) => {
        const [method, path] = text.split(' ') as [string, string];
        form.setValues({ method, path });
      }}
      onChange={(text) => { if (!all.includes(text)) form.setFieldValue('path', text); }} />
  );
}

function Fields({ form, isPending }: { form: ReturnType<typeof useForm<Draft>>; isPending: boolean }) {
  const hasBody = form.values.body !== '' || !['GET', 'HEAD', 'DELETE'].includes(form.values.method);
  return (
    <Box className="panel" p="md">
      <Grid gutter="md" align="flex-end">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <TokenField value={form.values.token} error={form.errors.token as string | undefined}
            onChange={(id) => { form.setFieldValue('token', id); form.clearFieldError('token'); }} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
          <TextInput label="From address" description="Empty: not asked about" placeholder="203.0.113.9" autoComplete="off" {...form.getInputProps('address')} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
          <TextInput label="At" description="In UTC; empty: now" placeholder="2026-11-26T21:51:42Z" autoComplete="off" {...form.getInputProps('at')} />
        </Grid.Col>
        <Grid.Col span={{ base: 4, md: 2 }}>
          <Select label="Method" allowDeselect={false} data={METHODS.includes(form.values.method) ? METHODS : [...METHODS, form.values.method]}
            value={form.values.method} onChange={(method) => form.setFieldValue('method', method ?? 'GET')} />
        </Grid.Col>
        <Grid.Col span={{ base: 8, md: 10 }}><PathField form={form} /></Grid.Col>
        {hasBody && (
          <Grid.Col span={12}>
            <Textarea label="Body" description="JSON, as the caller would send it" autosize minRows={2} maxRows={12}
              classNames={{ input: 'mono' }} {...form.getInputProps('body')} />
          </Grid.Col>
        )}
      </Grid>
      <Group justify="flex-end" mt="md"><SubmitButton loading={isPending}>Explain</SubmitButton></Group>
    </Box>
  );
}

/** What was said to the caller then; it may be another answer today. */
function Kept({ refusal, isSame }: { refusal: Refusal; isSame: boolean }) {
  return (
    <Box p="md" style={{ background: 'var(--th-quiet)', border: '1px solid var(--th-line)', borderRadius: 8 }}>
      <Stack gap={2}>
        <Text size="sm" fw={600}>Refused then: {reasonInWords(refusal.verdict).toLowerCase()} ({refusal.status})</Text>
        <Text size="sm" className="wrap-anywhere">{sentence(refusal.detail)}</Text>
        <Text size="xs" c="dimmed"><Time at={refusal.at} isFull />, request <span className="mono">{refusal.requestId}</span></Text>
        {!isSame && <Text size="sm">Below it is asked again, as token, role and licences are now.</Text>}
        {(refusal.query?.includes('***') || refusal.body?.includes('***')) && (
          <Text size="sm">Values that no verdict depends on are not kept; three asterisks stand for them.</Text>
        )}
      </Stack>
    </Box>
  );
}

export function ExplainRequest() {
  const [params, setParams] = useSearchParams();
  const requestId = params.get('request');
  const described = requestId ? null : describedOf(draftOf(params));
  const asked = useExplanation(requestId ? { requestId } : described);
  const [general, setGeneral] = useState<unknown>(null);
  const form = useForm<Draft>({
    initialValues: draftOf(params),
    validate: {
      token: (value) => (value.trim() ? null : 'Choose a token, or paste its ID.'),
      path: (value) => (value.trim() ? null : 'Type a path, or choose an operation.'),
    },
  });
  const { data, error } = asked;
  useEffect(() => {
    if (requestId && data) form.setValues(draftOfExplained(data));
  }, [requestId, data]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    const names: Record<string, string> = { tokenId: 'token', uri: 'path', query: 'path' };
    setGeneral(error ? showProblem(form, renamed(error, names)) : null);
  }, [error]); // eslint-disable-line react-hooks/exhaustive-deps
  const submit = (draft: Draft) => {
    const next = Object.fromEntries(NAMES.map((name) => [name, draft[name].trim()]).filter(([, value]) => value !== ''));
    if (!requestId && new URLSearchParams(next).toString() === params.toString()) void asked.refetch();
    else setParams(next);
  };
  return (
    <Stack gap="lg">
      {data?.refusal && <Kept refusal={data.refusal} isSame={data.refusal.verdict === data.explanation.verdict} />}
      <form noValidate aria-label="A request" onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <Fields form={form} isPending={asked.isFetching} />
      </form>
      <Fault error={general} />
      {asked.isPending && asked.isFetching && <Skeleton h={400} />}
      {data && !error && <ExplainedSteps explanation={data.explanation} />}
      {!data && !asked.isFetching && !error && (
        <Text size="sm" c="dimmed">
          The gate’s own steps are asked, all that still make sense, so that everything that is missing is seen at once. Refused requests of
          a token can be opened here from its page. To know what calls need before there is a token,
          see <Anchor inherit component="button" type="button" onClick={() => setParams({ tab: 'permissions-for-calls' })}>permissions for calls</Anchor>.
        </Text>
      )}
    </Stack>
  );
}

/** The server's names of fields as this form has them. */
function renamed(thrown: unknown, names: Record<string, string>): unknown {
  const problem = thrown as { faults?: { field: string }[] };
  problem.faults?.forEach((fault) => { fault.field = names[fault.field] ?? fault.field; });
  return thrown;
}
