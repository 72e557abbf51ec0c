// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Output } from '../../api/records';
import { useSaveOutput } from '../../ask/outputs';
import type { OutputWish } from '../../ask/outputs';
import { Fold } from '../../parts/Fold';
import { FormEnd } from '../../parts/FormEnd';
import { focusFirstFault, showProblem } from '../../parts/FormFields';
import { tell } from '../../parts/notices';
import { nameFault } from '../../words/texts';

interface Draft {
  name: string;
  url: string;
  format: string;
  from: string;
  ca: string;
  certificate: string;
  key: string;
}

const isSyslog = (url: string) => /^(tcp|tls):/i.test(url.trim());
const isEncrypted = (url: string) => /^(tls|https):/i.test(url.trim());

function urlFault(url: string): string | null {
  if (/^(tcp|tls):\/\/[^/@\s]+$/.test(url.trim()) || /^https?:\/\/[^/@\s]+(\/\S*)?$/.test(url.trim())) return null;
  return 'Enter an address like tls://siem.example.com:6514 or https://hooks.example.com/events.';
}

/** What is typed is sent; of an output that is there, only what differs. */
function wishOf(draft: Draft, old: Output | null): OutputWish {
  const wish: OutputWish = { name: draft.name.trim(), url: draft.url.trim() };
  if (isSyslog(draft.url)) wish.format = draft.format;
  if (!old) wish.fromNow = draft.from === 'now';
  if (isEncrypted(draft.url)) {
    if (draft.ca.trim()) wish.ca = draft.ca;
    if (draft.certificate.trim() || draft.key.trim()) Object.assign(wish, { certificate: draft.certificate, key: draft.key });
  } else if (old) {
    if (old.hasCa) wish.ca = null;
    if (old.hasCertificate) Object.assign(wish, { certificate: null, key: null });
  }
  return wish;
}

function Pem({ kept, ...more }: { label: string; description: string; kept: boolean } & Record<string, unknown>) {
  return (
    <Textarea autosize minRows={2} maxRows={8} autoComplete="off" spellCheck={false} classNames={{ input: 'mono' }}
      placeholder={kept ? 'One is kept; paste another to replace it' : '-----BEGIN …'} {...more} />
  );
}

export function OutputForm({ output, onClose }: { output: Output | null; onClose: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const [isOpen, setOpen] = useState(false);
  const save = useSaveOutput(output);
  const form = useForm<Draft>({
    initialValues: {
      name: output?.name ?? '', url: output?.url ?? '', format: output && output.format !== 'json' ? output.format : 'rfc5424', from: 'start',
      ca: '', certificate: '', key: '',
    },
    validateInputOnBlur: true,
    validate: { name: (value) => nameFault(value, 'Enter a name by which you will know it.'), url: urlFault },
  });
  const submit = async (draft: Draft) => {
    setError(null);
    try {
      await save.mutateAsync(wishOf(draft, output));
      tell(output ? 'The output is saved.' : `Events go to “${draft.name.trim()}” from here on.`);
      onClose();
    } catch (thrown) {
      setOpen(true); // what is wrong may be a certificate
      setError(showProblem(form, thrown));
    }
  };
  const { url } = form.values;
  return (
    <Modal opened onClose={onClose} title={output ? 'Change output' : 'Add output'} size="lg">
      <form noValidate onSubmit={form.onSubmit(submit, focusFirstFault)}>
        <Stack gap="md">
          <TextInput label="Name" withAsterisk data-autofocus autoComplete="off" {...form.getInputProps('name')} />
          <TextInput label="Receiver" withAsterisk autoComplete="off" placeholder="tls://siem.example.com:6514" classNames={{ input: 'mono' }}
            description="Syslog over TLS (tls://) or TCP (tcp://), or a webhook (https://) that gets signed JSON." {...form.getInputProps('url')} />
          {isSyslog(url) && (
            <Stack gap={4}>
              <Text size="sm" fw={500} id="output-format">Format</Text>
              <SegmentedControl aria-labelledby="output-format" data={[{ value: 'rfc5424', label: 'RFC 5424 with JSON' }, { value: 'cef', label: 'CEF' }]}
                {...form.getInputProps('format')} />
            </Stack>
          )}
          {!output && (
            <Stack gap={4}>
              <Text size="sm" fw={500} id="output-from">Begin with</Text>
              <SegmentedControl aria-labelledby="output-from" {...form.getInputProps('from')}
                data={[{ value: 'start', label: 'All events that are there' }, { value: 'now', label: 'What happens from now on' }]} />
            </Stack>
          )}
          {isEncrypted(url) && (
            <Fold title="Certificates" isOpen={isOpen} onToggle={setOpen}
              hint={<>{output?.hasCa ? 'its own authority' : 'the system’s authorities'}{output?.hasCertificate && ', and ours'}</>}>
              <Stack gap="md">
                <Pem label="Authority" kept={output?.hasCa ?? false} {...form.getInputProps('ca')}
                  description="Who vouches for the receiver, in PEM, or the receiver’s own certificate. Empty: the system’s authorities." />
                <Pem label="Our certificate" kept={output?.hasCertificate ?? false} {...form.getInputProps('certificate')}
                  description="For receivers that want to know who sends." />
                <Pem label="Private key of our certificate" kept={output?.hasCertificate ?? false} {...form.getInputProps('key')}
                  description="Kept sealed; nobody can read it again." />
              </Stack>
            </Fold>
          )}
        </Stack>
        <FormEnd error={error} cancel={onClose} words={output ? 'Save' : 'Add output'} isPending={save.isPending} />
      </form>
    </Modal>
  );
}
