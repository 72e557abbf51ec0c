// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Licence } from '../../api/records';
import { useSaveLicence } from '../../ask/account';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { tell } from '../../parts/notices';
import { lengthFault, nameFault } from '../../words/texts';
import { isDate, todayUtc } from '../../words/time';

const ORDER_NO_MAX = 40;

interface Draft {
  name: string;
  orderNo: string;
  startsOn: string;
  endsOn: string;
  seatCount: number | string;
}

function dateFault(value: string): string | null {
  return isDate(value) ? null : 'Enter a date as YYYY-MM-DD.';
}

export function LicenceForm({ licence, onClose }: { licence: Licence | null; onClose: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const save = useSaveLicence(licence);
  const form = useForm<Draft>({
    initialValues: {
      name: licence?.name ?? '', orderNo: licence?.orderNo ?? '', startsOn: licence?.startsOn ?? todayUtc(),
      endsOn: licence?.endsOn ?? '', seatCount: licence?.seatCount || '',
    },
    validateInputOnBlur: true,
    validate: {
      name: (value) => nameFault(value, 'Enter the name of the product, as the vendor writes it.'),
      orderNo: (value) => lengthFault(value, 'The order number', ORDER_NO_MAX),
      startsOn: dateFault,
      endsOn: (value, all) => (value.trim() === '' ? null : dateFault(value) ?? (value < all.startsOn ? 'The last day is before the first.' : null)),
    },
  });
  const submit = async (draft: Draft) => {
    setError(null);
    try {
      await save.mutateAsync({
        name: draft.name.trim(), orderNo: draft.orderNo.trim(), startsOn: draft.startsOn, endsOn: draft.endsOn.trim() || null,
        seatCount: Number(draft.seatCount || 0),
      });
      tell(licence ? 'The licence is saved.' : 'The licence is added.');
      onClose();
    } catch (thrown) {
      setError(showProblem(form, thrown));
    }
  };
  return (
    <Modal opened onClose={onClose} title={licence ? 'Change licence' : 'Add licence'} size="md">
      <form noValidate onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <Stack gap="md">
          <TextInput label="Product" withAsterisk data-autofocus autoComplete="off" description="Some resources of the API need one of these."
            {...form.getInputProps('name')} />
          <TextInput label="Order number" autoComplete="off" {...form.getInputProps('orderNo')} />
          <Group grow gap="md" align="flex-start" preventGrowOverflow={false}>
            <TextInput label="First day" withAsterisk placeholder="YYYY-MM-DD" maxLength={10} autoComplete="off" {...form.getInputProps('startsOn')} />
            <TextInput label="Last day" placeholder="No end" maxLength={10} autoComplete="off" {...form.getInputProps('endsOn')} />
          </Group>
          <NumberInput label="Seats" placeholder="No limit" description="How many devices it covers." min={0} allowDecimal={false} allowNegative={false} thousandSeparator="," hideControls
            inputWrapperOrder={['label', 'description', 'input', 'error']} {...form.getInputProps('seatCount')} />
        </Stack>
        <FormEnd error={error} cancel={onClose} words={licence ? 'Save' : 'Add licence'} isPending={save.isPending} />
      </form>
    </Modal>
  );
}
