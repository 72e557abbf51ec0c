// SPDX-License-Identifier: Apache-2.0
//
// Limits of a token, folded away: few tokens need some.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Group, NativeSelect, NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useSession } from '../api/session';
import { LIMIT_FIELDS, limitsInWords, limitsOf, RATE_UNITS } from '../words/limits';
import type { LimitsDraft } from '../words/limits';
import { isDate, todayUtc } from '../words/time';
import { DateField } from './DateField';
import { Fold } from './Fold';

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
const NUMBER = { min: 1, allowDecimal: false, allowNegative: false, thousandSeparator: ',', hideControls: true, placeholder: 'No limit' };

/** So many in so long; typed as two fields, and one value: "300/m". */
function RateField({ value, onChange, onBlur, error }: {
  value: string; onChange: (rate: string) => void; onBlur: () => void; error?: ReactNode;
}) {
  const { session } = useSession();
  const [count = '', unit] = value.split('/');
  const [chosen, setChosen] = useState('m');
  const window = unit ?? chosen;
  const isOwn = session.user.isSystemAdmin;
  const put = (typed: string | number, letter: string) => onChange(typed === '' ? '' : `${typed}/${letter}`);
  return (
    <Stack gap={4}>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <NumberInput label="Rate" {...NUMBER} value={count} disabled={!isOwn} error={!!error} style={{ flex: 1 }} placeholder="The server’s"
          onChange={(typed) => put(typed, window)} onBlur={onBlur} />
        <NativeSelect aria-label="Rate, in how long" data={RATE_UNITS} value={window} disabled={!isOwn} w={120}
          onChange={(event) => { setChosen(event.currentTarget.value); put(count, event.currentTarget.value); }} />
      </Group>
      <Text size="xs" c="dimmed">
        {isOwn ? 'Takes the place of the server’s rate for one token. All of them may come at once.'
          : 'Takes the place of the server’s rate: given by System Administrators only.'}
      </Text>
      {error && <Text size="xs" c="var(--mantine-color-error)" role="alert">{error}</Text>}
    </Stack>
  );
}

export function LimitsField<D extends { limits: LimitsDraft; expiresOn: string }>({ form }: { form: UseFormReturnType<D> }) {
  const { limits, expiresOn } = form.getValues();
  const [isOpen, setOpen] = useState(false);
  const isWrong = LIMIT_FIELDS.some((name) => form.errors[name]);
  useEffect(() => { if (isWrong) setOpen(true); }, [isWrong, form.errors]); // each time something is held against the rules
  const words = limitsInWords(limitsOf(limits));
  const today = todayUtc();
  const set = (name: keyof LimitsDraft, value: string) => {
    form.setFieldValue(`limits.${name}`, value as never);
    form.clearFieldError(`limits.${name}`);
  };
  return (
    <Fold title="Advanced limits" isOpen={isOpen} onToggle={setOpen} hint={words.length > 0 ? words.join(', ') : 'none of its own'}>
      <Stack gap="md" pt="sm">
        <Text size="sm" c="dimmed">What is counted are requests that were permitted. Whatever is left empty is not limited.</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
          <RateField value={limits.rate} error={form.errors['limits.rate']} onChange={(rate) => set('rate', rate)}
            onBlur={() => form.validateField('limits.rate')} />
          <NumberInput label="Quota" {...NUMBER} description="Requests on a day, which begins at 00:00 UTC." inputWrapperOrder={ORDER}
            {...form.getInputProps('limits.quotaPerDay')} />
          <NumberInput label="At the same time" {...NUMBER} description="Requests that wait for their answer." inputWrapperOrder={ORDER}
            {...form.getInputProps('limits.concurrent')} />
          <NumberInput label="Uses in all" {...NUMBER} description="After so many the token can do nothing more." inputWrapperOrder={ORDER}
            {...form.getInputProps('limits.maxUses')} />
          <DateField label="First day" placeholder="At once, or YYYY-MM-DD" calendar="Calendar of the first day" value={limits.notBefore} today={today}
            bounds={{ first: today, last: isDate(expiresOn) ? expiresOn : '9999-12-31' }} error={form.errors['limits.notBefore']}
            description="It does not work before 00:00 UTC of it." inputWrapperOrder={ORDER}
            onChange={(date) => set('notBefore', date)} onBlur={() => form.validateField('limits.notBefore')} />
        </SimpleGrid>
      </Stack>
    </Fold>
  );
}
