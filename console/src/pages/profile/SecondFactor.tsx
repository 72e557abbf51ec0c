// SPDX-License-Identifier: Apache-2.0
//
// The second factor: a QR code for an authenticator, proved by a first code; recovery codes.
import { useState } from 'react';
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import type { Profile } from '../../api/records';
import { Problem, wordsOf } from '../../api/problem';
import { beginSecondFactor, useNewRecoveryCodes, useProveSecondFactor, useRemoveSecondFactor } from '../../ask/profile';
import type { Enrolment } from '../../ask/profile';
import { ConfirmWithPassword } from '../../parts/ConfirmWithPassword';
import { CopyField } from '../../parts/CopyField';
import { sentence } from '../../parts/FormFields';
import { FormSection } from '../../parts/FormSummary';
import { Label } from '../../parts/Label';
import { tell } from '../../parts/notices';
import { QrCode } from '../../parts/QrCode';
import { SubmitButton } from '../../parts/SubmitButton';
import { counted } from '../../words/number';
import { RecoveryCodes } from './RecoveryCodes';

const FEW_CODES = 3;

function Prove({ enrolment, onProved, onClose }: { enrolment: Enrolment; onProved: (codes: string[]) => void; onClose: () => void }) {
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const prove = useProveSecondFactor();
  const submit = () => {
    const digits = code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(digits)) {
      setFault('Enter the six digits that the app shows.');
      return;
    }
    prove.mutate(digits, {
      onSuccess: onProved,
      onError: (thrown) => {
        setCode('');
        setFault(thrown instanceof Problem && thrown.faults[0] ? sentence(thrown.faults[0].detail) : wordsOf(thrown));
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title="Set up second factor" size="md" closeOnClickOutside={false}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <Stack gap="md">
          <Text size="sm">Scan this with an authenticator app, then enter the code that it shows. Nothing is in force before; then your other sessions end.</Text>
          <Group justify="center"><QrCode text={enrolment.uri} label="QR code for the authenticator app" /></Group>
          <CopyField label="Or type this key into the app" text={enrolment.secret}
            shown={enrolment.secret.match(/.{1,4}/g)?.join(' ')} />
          <TextInput label="Code from the app" inputMode="numeric" autoComplete="one-time-code" data-autofocus className="figures" maxLength={9}
            description="Six digits; a new one every 30 seconds." value={code} error={fault}
            onChange={(event) => { setCode(event.currentTarget.value); setFault(null); }} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <SubmitButton loading={prove.isPending}>Turn on</SubmitButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

type Step = 'begin' | 'remove' | 'renew' | Enrolment | string[] | null;

function Dialogs({ step, onStep, profile }: { step: Step; onStep: (step: Step) => void; profile: Profile }) {
  const removal = useRemoveSecondFactor();
  const renewal = useNewRecoveryCodes();
  const close = () => onStep(null);
  if (Array.isArray(step)) return <RecoveryCodes codes={step} email={profile.email} onClose={close} />;
  if (step === 'begin') {
    return (
      <ConfirmWithPassword act="Set up second factor" onClose={close} onConfirm={async (password) => onStep(await beginSecondFactor(password))}>
        You need an authenticator app on your phone or computer.
      </ConfirmWithPassword>
    );
  }
  if (step === 'remove') {
    return (
      <ConfirmWithPassword act="Turn off second factor" isDangerous onClose={close} onConfirm={async (password) => {
        await removal.mutateAsync(password);
        tell('The second factor is off.');
        close();
      }}>
        Your password alone will then be enough to log in. Your recovery codes are void.
      </ConfirmWithPassword>
    );
  }
  if (step === 'renew') {
    return (
      <ConfirmWithPassword act="Make new recovery codes" onClose={close} onConfirm={async (password) => onStep(await renewal.mutateAsync(password))}>
        The old ones are void as soon as there are new ones.
      </ConfirmWithPassword>
    );
  }
  if (step) return <Prove enrolment={step} onClose={close} onProved={(codes) => onStep(codes)} />;
  return null;
}

export function SecondFactor({ profile }: { profile: Profile }) {
  const [step, setStep] = useState<Step>(null);
  const left = profile.recoveryCodesLeft;
  return (
    <FormSection title="Second factor" hint={profile.hasSecondFactor ? undefined : 'A code from your phone beside your password: a stolen password alone is then worth nothing.'}>
      {profile.hasSecondFactor ? (
        <Stack gap="md" align="flex-start">
          <Group gap="sm">
            <Label label="On" tone="active" icon={ShieldCheck} />
            <Text size="sm" c={left <= FEW_CODES ? 'var(--th-soon)' : 'dimmed'}>
              {left === 0 ? 'No recovery codes left. Make new ones.' : `${counted(left, 'recovery code')} left${left <= FEW_CODES ? '. Make new ones soon.' : ''}`}
            </Text>
          </Group>
          <Group gap="xs">
            <Button variant="default" onClick={() => setStep('renew')}>Make new recovery codes</Button>
            <Button variant="default" c="var(--mantine-color-error)" onClick={() => setStep('remove')}>Turn off</Button>
          </Group>
        </Stack>
      ) : <Button variant="default" onClick={() => setStep('begin')}>Set up second factor</Button>}
      <Dialogs step={step} onStep={setStep} profile={profile} />
    </FormSection>
  );
}
