// SPDX-License-Identifier: Apache-2.0
//
// Everything about one upstream; changes go through the form and its check.
import { useState } from 'react';
import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { Download, Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { useLocation, useParams, useSearchParams } from 'wouter';
import { NotFound } from '../../app/NotFound';
import { Problem } from '../../api/problem';
import type { Upstream, UpstreamWhole } from '../../api/records';
import { useSession } from '../../api/session';
import { upstreamTexts, useDeleteUpstream, useUpstream, useUpstreamAct, useUpstreamHealth, useUpstreamTexts } from '../../ask/upstreams';
import { Aside } from '../../parts/Aside';
import { ConfirmByTitle } from '../../parts/ConfirmByTitle';
import { EventsOf } from '../../parts/EventColumns';
import { Facts } from '../../parts/Facts';
import { Fault } from '../../parts/Fault';
import { tell, tellFailure, tellWithUndo } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { Time } from '../../parts/Time';
import { UpstreamStateLabel } from '../../parts/UpstreamState';
import { download, fileName } from '../../words/download';
import { counted, figures } from '../../words/number';
import { descriptionFile } from './DescriptionField';
import { Health } from './Health';
import { Operations } from './Operations';
import { Notes } from './Outcome';
import { UpstreamForm } from './UpstreamForm';
import { WhoUsesIt } from './WhoUsesIt';

const CRUMBS = [{ name: 'Upstreams', path: '/upstreams' }];

const titleOf = ({ title, version }: UpstreamWhole) => [title, version && `version ${version}`].filter(Boolean).join(', ');

/** Who would miss it is told first; it can come back. */
function SuspendUpstream({ upstream, onClose, onSuspend, isPending }: {
  upstream: Upstream; onClose: () => void; onSuspend: () => void; isPending: boolean;
}) {
  return (
    <Modal opened onClose={onClose} title="Suspend upstream" size="md">
      <Stack gap="md">
        <Text size="sm">
          What is below <span className="mono">{upstream.prefix || '/'}</span> is not there until “{upstream.name}” is resumed: whoever calls it hears 404.
        </Text>
        <WhoUsesIt id={upstream.id} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button loading={isPending} onClick={onSuspend} data-autofocus>Suspend upstream</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Acts({ whole, onEdit }: { whole: UpstreamWhole; onEdit: () => void }) {
  const { upstream, operations } = whole;
  const { may } = useSession();
  const [, go] = useLocation();
  const [asking, setAsking] = useState<'suspend' | 'delete' | null>(null);
  const act = useUpstreamAct(upstream.id);
  const deletion = useDeleteUpstream(upstream.id);
  if (!may('Upstreams:Manage')) return null;
  const resume = (words: string) => act.mutate('resume', { onError: tellFailure, onSuccess: () => tell(words) });
  const suspend = () => act.mutate('suspend', {
    onError: tellFailure,
    onSuccess: () => {
      setAsking(null);
      tellWithUndo(`“${upstream.name}” is suspended: callers hear 404.`, () => resume('It is there again.'));
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>Change</Button>
      {upstream.isSuspended
        ? <Button leftSection={<Play size={16} aria-hidden />} loading={act.isPending} onClick={() => resume(`“${upstream.name}” is there again.`)}>Resume</Button>
        : <Button variant="default" leftSection={<Pause size={16} aria-hidden />} onClick={() => setAsking('suspend')}>Suspend</Button>}
      <Button variant="default" c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setAsking('delete')}>Delete</Button>
      {asking === 'suspend' && <SuspendUpstream upstream={upstream} onClose={() => setAsking(null)} onSuspend={suspend} isPending={act.isPending} />}
      <ConfirmByTitle isOpen={asking === 'delete'} onClose={() => setAsking(null)} act="Delete upstream" title={upstream.name} what="name"
        isPending={deletion.isPending} error={deletion.error}
        onConfirm={() => deletion.mutate(undefined, {
          onSuccess: () => {
            tell(`The upstream “${upstream.name}” is deleted.`);
            go('/upstreams', { replace: true });
          },
        })}>
        <Stack gap="sm">
          <Text size="sm">
            Its {counted(operations.length, 'operation')} below <span className="mono">{upstream.prefix || '/'}</span> are not there any more: whoever calls them hears 404. The API
            itself is not touched. This cannot be undone; suspending can.
          </Text>
          {asking === 'delete' && <WhoUsesIt id={upstream.id} />}
        </Stack>
      </ConfirmByTitle>
    </>
  );
}

function timesOf(upstream: Upstream): string {
  const seconds = (ms: number) => `${figures(ms / 1000)} s`;
  return `Connect ${seconds(upstream.connectTimeoutMs)}, first byte ${seconds(upstream.firstByteTimeoutMs)}, ${upstream.wholeTimeoutMs === 0
    ? 'the rest as long as it moves' : `whole ${seconds(upstream.wholeTimeoutMs)}`}`;
}

function tlsOf(upstream: Upstream): string | null {
  const words = [
    upstream.tlsCaFile && `authorities in ${upstream.tlsCaFile}`, upstream.tlsCertificateFile && `our certificate ${upstream.tlsCertificateFile}`,
    upstream.tlsServerName && `it must name ${upstream.tlsServerName}`,
  ].filter(Boolean).join('; ');
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : null;
}

/** The texts as they were given, fetched when somebody wants them. */
function Texts({ whole }: { whole: UpstreamWhole }) {
  const [isPending, setPending] = useState(false);
  const { upstream } = whole;
  const save = async (which: 'openapi' | 'overlay') => {
    setPending(true);
    try {
      const texts = await upstreamTexts(upstream.id);
      if (which === 'openapi') download(descriptionFile({ upstream, texts }), texts.openapi);
      else if (texts.overlay) download(`${fileName(upstream.name)}.overlay.yaml`, texts.overlay, 'application/yaml');
      else tell('There is no overlay: the description itself says what its operations need.');
    } catch (thrown) {
      tellFailure(thrown);
    } finally {
      setPending(false);
    }
  };
  return (
    <Stack gap="lg" maw={800}>
      <Text size="sm">{titleOf(whole)}</Text>
      <Group gap="xs">
        <Button variant="default" leftSection={<Download size={16} aria-hidden />} loading={isPending} onClick={() => { void save('openapi'); }}>Download description</Button>
        <Button variant="default" leftSection={<Download size={16} aria-hidden />} loading={isPending} onClick={() => { void save('overlay'); }}>Download overlay</Button>
      </Group>
      {whole.notes.length > 0 ? <Notes notes={whole.notes} /> : <Text size="sm" c="dimmed">Nothing in it is left out.</Text>}
    </Stack>
  );
}

function Details({ whole }: { whole: UpstreamWhole }) {
  const { upstream, operations } = whole;
  const { may } = useSession();
  const refused = operations.filter((one) => one.access === 'refused').length;
  const tls = tlsOf(upstream);
  return (
    <Stack gap="lg">
      {upstream.isSuspended && (
        <Aside icon={Pause} label="Suspension">
          Suspended: what is below <span className="mono">{upstream.prefix || '/'}</span> is not there until it is resumed, and whoever calls it hears 404.
        </Aside>
      )}
      <Facts facts={[
        ['Callers ask', <span key="prefix" className="mono">{`${location.origin}${upstream.prefix}/…`}</span>],
        [upstream.urls.length > 1 ? 'Addresses' : 'Address', upstream.urls.map((url) => <div key={url} className="mono">{url}</div>)],
        ['Description', titleOf(whole)],
        ['Operations', (
          <>
            {figures(operations.length)}
            {refused > 0 && <Text size="xs" c="var(--th-refused)">{figures(refused)} refused to everybody</Text>}
          </>
        )],
        ['Patience', timesOf(upstream)],
        tls ? ['TLS', tls] : null,
        upstream.healthPath ? ['Health check', <><span className="mono">{upstream.healthPath}</span> every {counted(upstream.healthIntervalS, 'second')}</>] : null,
        ['Added', <Time key="added" at={upstream.createdAt} />],
        ['Modified', <Time key="changed" at={upstream.changedAt} />],
      ]} />
      <PageTabs tabs={[
        { name: 'Operations', count: operations.length, content: <Operations operations={operations} hasKey /> },
        { name: 'Health', content: <Health id={upstream.id} /> },
        { name: 'Description', content: <Texts whole={whole} /> },
        may('Audit Event History:View') && { name: 'Events', content: <EventsOf id={upstream.id} what="upstream" /> },
      ]} />
    </Stack>
  );
}

function Editing({ whole, etag, onDone }: { whole: UpstreamWhole; etag: string; onDone: () => void }) {
  const texts = useUpstreamTexts(whole.upstream.id);
  if (texts.isError) return <Fault error={texts.error} onRetry={() => texts.refetch()} />;
  if (!texts.data) return <PageSkeleton />;
  return (
    <UpstreamForm base={{ upstream: whole.upstream, texts: texts.data }} etag={etag} title={titleOf(whole)} cancel={`/upstreams/${whole.upstream.id}`}
      onDone={() => {
        tell('The upstream is changed.');
        onDone();
      }} />
  );
}

function State({ id }: { id: string }) {
  const { data } = useUpstreamHealth(id);
  return data ? <UpstreamStateLabel state={data.state} /> : <Skeleton h={26} w={88} />;
}

export default function UpstreamPage() {
  const { id = '' } = useParams<{ id: string }>();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const query = useUpstream(id);
  if (query.error instanceof Problem && query.error.status === 404 && !query.data) return <NotFound what="There is no such upstream" />;
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  const { whole, etag } = query.data;
  const isEditing = params.has('edit') && may('Upstreams:Manage');
  return (
    <>
      <PageHead title={whole.upstream.name} crumbs={CRUMBS} hint={<Group mt={4}><State id={id} /></Group>}>
        {!isEditing && <Acts whole={whole} onEdit={() => setParams({ edit: '' })} />}
      </PageHead>
      {isEditing ? <Editing key={id} whole={whole} etag={etag} onDone={() => setParams({}, { replace: true })} /> : <Details whole={whole} />}
    </>
  );
}
