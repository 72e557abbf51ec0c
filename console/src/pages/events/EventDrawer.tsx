// SPDX-License-Identifier: Apache-2.0
import { Anchor, Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import type { HistoryEvent } from '../../api/types';
import { CopyIcon } from '../../parts/CopyField';
import { objectKind, objectPath } from '../../parts/EventColumns';
import { EventDetails } from '../../parts/EventDetails';
import { Facts } from '../../parts/Facts';
import { localTime, utcTime } from '../../words/time';

/** In the middle of a sentence; API stays as it is. */
function objectWord(kind: string): string {
  const words = objectKind(kind);
  return words.startsWith('API') ? words : words.toLowerCase();
}

function actorWords({ actor }: HistoryEvent): string {
  const kind = { user: 'User', command: 'Command', system: 'The server', token: 'API token' }[actor.kind] ?? actor.kind;
  return actor.name ? `${kind} ${actor.name}` : kind;
}

/** One event in full, beside the list. */
export function EventDrawer({ event, onClose, onFilter }: {
  event: HistoryEvent | undefined; onClose: () => void; onFilter: (changes: Record<string, string>) => void;
}) {
  const object = event?.object;
  const path = object ? objectPath(object) : undefined;
  return (
    <Drawer opened={!!event} onClose={onClose} position="right" size={520} title={event?.kind ?? 'Event'}
      closeButtonProps={{ 'aria-label': 'Close' }} styles={{ title: { fontSize: 16, fontWeight: 600 } }}>
      {event && (
        <Stack gap="lg">
          <Facts facts={[
            ['When', <>{localTime(event.at)}<Text size="xs" c="dimmed">{utcTime(event.at)}</Text></>],
            event.action ? ['Action', event.action] : null,
            ['By', actorWords(event)],
            event.address ? ['From', <span key="from" className="mono">{event.address}</span>] : null,
            object ? [objectKind(object.kind), path
              ? <Anchor key="object" component={Link} href={path} size="sm">{object.name || object.id}</Anchor> : object.name || object.id] : null,
            event.requestId ? ['Request ID', (
              <Group gap={4} wrap="nowrap"><span className="mono">{event.requestId}</span><CopyIcon text={event.requestId} what="request ID" /></Group>
            )] : null,
            ['Event number', String(event.id)],
          ]} />
          <div>
            <Title order={3} fz={14} lh="20px" mb={4}>Details</Title>
            <EventDetails details={event.details} />
          </div>
          <Group gap="xs">
            {event.actor.name && (
              <Button size="xs" variant="default" onClick={() => onFilter({ actor: event.actor.name })}>Only this actor</Button>
            )}
            {object?.id && <Button size="xs" variant="default" onClick={() => onFilter({ object: object.id })}>Only this {objectWord(object.kind)}</Button>}
            <Button size="xs" variant="default" onClick={() => onFilter({ kind: event.kind })}>Only this kind</Button>
          </Group>
        </Stack>
      )}
    </Drawer>
  );
}
