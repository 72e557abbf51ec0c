// SPDX-License-Identifier: Apache-2.0
//
// One's calendar of coming expiries: an address to subscribe to, shown when it is made.
import { useState } from 'react';
import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useCalendar, useRemoveCalendar, useRenewCalendar } from '../../ask/profile';
import { CopyField } from '../../parts/CopyField';
import { Fault } from '../../parts/Fault';
import { FormSection } from '../../parts/FormSummary';
import { tell, tellFailure } from '../../parts/notices';
import { Time } from '../../parts/Time';

function NewAddress({ address, onClose }: { address: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Calendar address" size="lg" closeOnClickOutside={false}>
      <Stack gap="md">
        <Text size="sm">
          Subscribe to this address in your calendar program. Whoever knows it can read the calendar without logging in, so it
          is shown only now; you can make a new one at any time.
        </Text>
        <CopyField label="Address" text={address} />
        <Group justify="flex-end"><Button data-autofocus onClick={onClose}>Done</Button></Group>
      </Stack>
    </Modal>
  );
}

function AskFirst({ act, words, isPending, onConfirm, onClose }: {
  act: string; words: string; isPending: boolean; onConfirm: () => void; onClose: () => void;
}) {
  return (
    <Modal opened onClose={onClose} title={act} size="sm">
      <Stack gap="md">
        <Text size="sm">{words}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>Cancel</Button>
          <Button loading={isPending} onClick={onConfirm}>{act}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

export function Calendar() {
  const calendar = useCalendar();
  const renew = useRenewCalendar();
  const removal = useRemoveCalendar();
  const [step, setStep] = useState<'renew' | 'remove' | { address: string } | null>(null);
  const close = () => setStep(null);
  const make = () => renew.mutate(undefined, {
    onSuccess: ({ path }) => setStep({ address: location.origin + path }), onError: tellFailure,
  });
  const take = () => removal.mutate(undefined, {
    onSuccess: () => { tell('The calendar address is void.'); close(); }, onError: tellFailure,
  });
  return (
    <FormSection title="Calendar" hint="The expiry dates of your tokens, in your own calendar program.">
      {calendar.isError && !calendar.data ? <Fault error={calendar.error} onRetry={() => calendar.refetch()} />
        : !calendar.data ? <Skeleton h={36} />
          : calendar.data.madeAt ? (
            <Stack gap="md" align="flex-start">
              <Text size="sm" c="dimmed">The address was made <Time at={calendar.data.madeAt} />.</Text>
              <Group gap="xs">
                <Button variant="default" onClick={() => setStep('renew')}>Make a new address</Button>
                <Button variant="default" c="var(--mantine-color-error)" onClick={() => setStep('remove')}>Remove address</Button>
              </Group>
            </Stack>
          ) : <Button variant="default" loading={renew.isPending} onClick={make}>Make a calendar address</Button>}
      {step === 'renew' && (
        <AskFirst act="Make a new address" words="The old address stops working at once, wherever it is subscribed to."
          isPending={renew.isPending} onConfirm={make} onClose={close} />
      )}
      {step === 'remove' && (
        <AskFirst act="Remove address" words="Calendar programs that subscribe to it will show nothing new."
          isPending={removal.isPending} onConfirm={take} onClose={close} />
      )}
      {step !== null && typeof step === 'object' && <NewAddress address={step.address} onClose={close} />}
    </FormSection>
  );
}
