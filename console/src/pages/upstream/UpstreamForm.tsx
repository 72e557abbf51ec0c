// SPDX-License-Identifier: Apache-2.0
//
// Adds an upstream, or changes one: what is given, a check of what it would mean, and only
// then the act. What was checked is exactly what is taken.
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Alert, Box, Button, Group, NumberInput, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { UseFormReturnType } from '@mantine/form';
import { Waypoints } from 'lucide-react';
import { Link } from 'wouter';
import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import type { UpstreamCheck, UpstreamWhole, UpstreamWish } from '../../api/records';
import { upstreamPath, useCheckUpstream, useSaveUpstream } from '../../ask/upstreams';
import { ChangedMeanwhile } from '../../parts/ChangedMeanwhile';
import { Fault } from '../../parts/Fault';
import { Fold } from '../../parts/Fold';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { FormSection, WithSummary } from '../../parts/FormSummary';
import { SubmitButton } from '../../parts/SubmitButton';
import { useUnsaved } from '../../parts/useUnsaved';
import { fileName } from '../../words/download';
import { counted, figures } from '../../words/number';
import { DescriptionField } from './DescriptionField';
import { Outcome } from './Outcome';
import { OverlayField } from './OverlayField';
import { draftOf, MORE_FIELDS, RULES, urlsOf, wishOf } from './wish';
import type { Base, Description, UpstreamDraftForm } from './wish';

type Form = UseFormReturnType<UpstreamDraftForm>;

/** What was checked: the answer, and exactly what it was asked about. */
interface Checked {
  check: UpstreamCheck;
  wish: UpstreamWish;
}

function Where({ form, isNew }: { form: Form; isNew: boolean }) {
  return (
    <Stack gap="md">
      <TextInput label="Name" withAsterisk autoComplete="off" {...form.getInputProps('name')} />
      <Textarea label="Addresses" withAsterisk autosize minRows={2} maxRows={16} autoComplete="off" spellCheck={false} classNames={{ input: 'mono' }}
        description="Where the API is. Several, one a line, are servers that answer the same." placeholder="https://orders.internal:8443" {...form.getInputProps('urls')} />
      <TextInput label="Prefix" autoComplete="off" spellCheck={false} classNames={{ input: 'mono' }} placeholder="/orders"
        description={`What callers’ paths begin with and the API does not see.${isNew ? ' Empty: the path of the description’s first server.' : ''} A slash alone: nothing.`}
        {...form.getInputProps('prefix')} />
    </Stack>
  );
}

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

function More({ form }: { form: Form }) {
  const [isOpen, setOpen] = useState(false);
  const isWrong = MORE_FIELDS.some((name) => form.errors[name]);
  useEffect(() => { if (isWrong) setOpen(true); }, [isWrong, form.errors]);
  const file = (name: 'tlsCaFile' | 'tlsCertificateFile' | 'tlsKeyFile', label: string, description: string) => (
    <TextInput label={label} description={description} autoComplete="off" spellCheck={false} classNames={{ input: 'mono' }} {...form.getInputProps(name)} />
  );
  const timeout = (name: 'connectTimeoutMs' | 'firstByteTimeoutMs' | 'wholeTimeoutMs', label: string, description: string) => (
    <NumberInput label={label} description={description} suffix=" ms" min={0} thousandSeparator="," allowDecimal={false} allowNegative={false} hideControls
      inputWrapperOrder={ORDER} {...form.getInputProps(name)} />
  );
  return (
    <Fold title="TLS, timeouts and health check" hint="as usual, if nobody says otherwise" isOpen={isOpen} onToggle={setOpen}>
      <Stack gap="md" pt="sm">
        <Text size="sm" c="dimmed">The API’s certificate is checked in any case. Files are on the server, in PEM, and named from the first slash on.</Text>
        {file('tlsCaFile', 'Authorities', 'Who vouches for the API. Empty: the system’s authorities.')}
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          {file('tlsCertificateFile', 'Our certificate', 'For APIs that want to know who asks.')}
          {file('tlsKeyFile', 'Its key', 'Certificate and key go together.')}
        </SimpleGrid>
        <TextInput label="Name in the API’s certificate" description="Empty: the name in the address." autoComplete="off" spellCheck={false} {...form.getInputProps('tlsServerName')} />
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
          {timeout('connectTimeoutMs', 'Connect within', 'TLS included')}
          {timeout('firstByteTimeoutMs', 'First byte within', 'After the request')}
          {timeout('wholeTimeoutMs', 'Whole answer within', '0: as long as it moves')}
        </SimpleGrid>
        <TextInput label="Path of its health check" placeholder="/healthz" autoComplete="off" spellCheck={false} classNames={{ input: 'mono' }}
          description="Each address is asked there whether it is well. Empty: only what becomes of requests tells." {...form.getInputProps('healthPath')} />
        {form.values.healthPath.trim() !== '' && (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            <NumberInput label="Well is" description="The status of the answer" allowDecimal={false} allowNegative={false} hideControls
              inputWrapperOrder={ORDER} {...form.getInputProps('healthStatus')} />
            <NumberInput label="Asked every" description="Of each address" suffix=" s" allowDecimal={false} allowNegative={false} hideControls
              inputWrapperOrder={ORDER} {...form.getInputProps('healthIntervalS')} />
          </SimpleGrid>
        )}
      </Stack>
    </Fold>
  );
}

function Line({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box>
      <Text size="xs" c="dimmed">{title}</Text>
      <Box fz={14} className="wrap-anywhere">{children}</Box>
    </Box>
  );
}

/** What will be, as it is typed; the numbers come with the check. */
function Summary({ draft, check, isFresh }: { draft: UpstreamDraftForm; check: UpstreamCheck | null; isFresh: boolean }) {
  const prefix = isFresh && check ? check.upstream.prefix : draft.prefix.trim().replace(/\/$/, '');
  const [first, ...others] = isFresh && check ? check.upstream.urls : urlsOf(draft.urls);
  const isOpen = prefix !== '' || (isFresh && check) || draft.prefix.trim() === '/';
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap">
        <Waypoints size={32} strokeWidth={1.2} color="var(--mantine-color-dimmed)" aria-hidden style={{ flexShrink: 0 }} />
        <Box style={{ minWidth: 0 }}>
          <Text fw={600} className="wrap-anywhere" c={draft.name.trim() ? undefined : 'dimmed'}>{draft.name.trim() || 'No name yet'}</Text>
          <Text size="xs" c="dimmed">{check ? [check.title, check.version && `version ${check.version}`].filter(Boolean).join(', ') : draft.openapi || 'No description yet'}</Text>
        </Box>
      </Group>
      <Line title="Callers ask"><span className="mono">{isOpen ? `${location.origin}${prefix}/…` : 'below the path of the description’s server'}</span></Line>
      <Line title="The API is asked">
        {first ? <span className="mono">{first.replace(/\/$/, '')}/…</span> : 'No address yet'}
        {others.length > 0 && <Text size="xs" c="dimmed">or at {counted(others.length, 'other address', 'other addresses')}</Text>}
      </Line>
      {check && isFresh ? (
        <Line title="Who may call it">
          <div>{counted(check.operations.length, 'operation')}, {check.refusedCount === 0 ? 'none refused' : `${figures(check.refusedCount)} refused to everybody`}</div>
          {check.newPermissions.length > 0 && <div>{counted(check.newPermissions.length, 'new permission')}</div>}
          {check.difference.losingCount > 0 && <Text size="sm" c="var(--th-refused)">{counted(check.difference.losingCount, 'token')} would lose something</Text>}
        </Line>
      ) : <Line title="Who may call it">{check ? 'Something has changed: check again.' : 'The check tells, before anything is taken.'}</Line>}
    </Stack>
  );
}

/** The check's answer, brought into view when it comes. */
function Checks({ checked, isFresh, isNew }: { checked: Checked; isFresh: boolean; isNew: boolean }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current?.focus({ preventScroll: true });
    head.current?.scrollIntoView({ block: 'start' });
  }, [checked]);
  return (
    <Box component="section" aria-label="What it means" mt={48} style={{ opacity: isFresh ? 1 : 0.6 }}>
      <Title order={2} fz={20} lh="28px" mb="md" ref={head} tabIndex={-1} style={{ scrollMarginTop: 80, outline: 'none' }}>What it means</Title>
      {!isFresh && <Alert color="gray" variant="light" mb="md" role="status"><Text size="sm">This is of what you had typed before. Check again.</Text></Alert>}
      <Outcome check={checked.check} isNew={isNew} />
    </Box>
  );
}

const stay = (event: React.MouseEvent) => event.preventDefault();

function End({ cancel, isNew, isFresh, mayTake, isChecking, isTaking, onTake }: {
  cancel: string; isNew: boolean; isFresh: boolean; mayTake: boolean; isChecking: boolean; isTaking: boolean; onTake: () => void;
}) {
  return (
    <Group justify="flex-end" gap="xs" mt={32}>
      <Button variant="default" onMouseDown={stay} renderRoot={(props) => <Link href={cancel} replace {...props} />}>Cancel</Button>
      <SubmitButton variant={mayTake ? 'default' : 'filled'} loading={isChecking}>{isFresh ? 'Check again' : 'Check'}</SubmitButton>
      {mayTake && <Button loading={isTaking} onClick={onTake}>{isNew ? 'Add upstream' : 'Take this change'}</Button>}
    </Group>
  );
}

function useUpstreamForm(base: Base | null, onChange: () => void) {
  return useForm<UpstreamDraftForm>({
    initialValues: draftOf(base),
    validateInputOnBlur: ['name', 'urls', 'prefix', ...MORE_FIELDS],
    validate: { ...RULES, openapi: (name) => (name || base ? null : 'Choose the API’s OpenAPI description.') },
    onValuesChange: onChange,
  });
}

export function UpstreamForm({ base, etag, title, cancel, onDone }: {
  base: Base | null;
  etag: string;
  /** Of the description that is there. */
  title?: string;
  cancel: string;
  onDone: (check: UpstreamCheck) => void;
}) {
  const isNew = base === null;
  const id = base?.upstream.id ?? null;
  const [description, setDescription] = useState<Description | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [isFresh, setFresh] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [version, setVersion] = useState(etag);
  const [theirs, setTheirs] = useState<UpstreamWhole | null>(null);
  const [isDone, setDone] = useState(false);
  const check = useCheckUpstream(id);
  const save = useSaveUpstream(id);
  const form = useUpstreamForm(base, () => setFresh(false));
  useUnsaved((form.isDirty() || description !== null) && !isDone);
  const choose = (chosen: Description) => {
    setDescription(chosen);
    form.setFieldValue('openapi', chosen.name);
    form.clearFieldError('openapi');
    setFresh(false);
  };
  const look = async (draft: UpstreamDraftForm) => {
    setError(null);
    const wish = wishOf(draft, description, base);
    try {
      setChecked({ check: await check.mutateAsync(wish), wish });
      setFresh(true);
    } catch (thrown) {
      setError(showProblem(form, thrown));
    }
  };
  const take = async () => {
    if (!checked) return;
    setError(null);
    try {
      const { data } = await save.mutateAsync({ wish: checked.wish, etag: version });
      setDone(true);
      onDone(data);
    } catch (thrown) {
      setFresh(false);
      if (thrown instanceof Problem && thrown.code === 'CHANGED' && id) {
        const now = await ask<UpstreamWhole>(upstreamPath(id));
        setVersion(now.etag ?? '');
        setTheirs(now.data);
      } else {
        setError(showProblem(form, thrown));
      }
    }
  };
  const isChanged = isNew || (checked !== null && Object.keys(checked.wish).length > 0);
  return (
    <form noValidate aria-label={isNew ? 'Add upstream' : 'Change upstream'} onSubmit={form.onSubmit(look, focusFirstFault)}>
      {theirs && (
        <ChangedMeanwhile what="upstream">
          It now has the name “{theirs.upstream.name}”, the addresses {theirs.upstream.urls.join(', ')} and {counted(theirs.operations.length, 'operation')}. Check
          what your change means to that.
        </ChangedMeanwhile>
      )}
      <WithSummary title={isNew ? 'This upstream' : 'This upstream, changed'} summary={<Summary draft={form.values} check={checked?.check ?? null} isFresh={isFresh} />}>
        <FormSection title="Description">
          <DescriptionField value={description} base={base} error={form.errors.openapi} onChange={choose}
            title={description ? undefined : title} onFault={(words) => form.setFieldError('openapi', words)} />
        </FormSection>
        <FormSection title="Permissions" hint={<>What each operation needs is said by <span className="mono">x-tokenhouse</span> in the description, or, where nobody must touch it, by an overlay on it.</>}>
          <OverlayField value={form.values.overlay} openapi={description?.text ?? base?.texts.openapi ?? null} error={form.errors.overlay}
            fileName={`${fileName(form.values.name || 'permissions')}.overlay.yaml`}
            onChange={(overlay) => { form.setFieldValue('overlay', overlay); form.clearFieldError('overlay'); }} />
        </FormSection>
        <FormSection title="Where it is"><Where form={form} isNew={isNew} /></FormSection>
        <FormSection title="How it is reached"><More form={form} /></FormSection>
      </WithSummary>
      {checked && <Checks checked={checked} isFresh={isFresh} isNew={isNew} />}
      <Box mt="lg"><Fault error={error} /></Box>
      <End cancel={cancel} isNew={isNew} isFresh={isFresh} mayTake={isFresh && isChanged && checked?.check.clashes.length === 0}
        isChecking={check.isPending} isTaking={save.isPending} onTake={() => { void take(); }} />
      {isFresh && !isChanged && <Text size="sm" c="dimmed" ta="right" mt="xs">Nothing is different from what is there.</Text>}
    </form>
  );
}
