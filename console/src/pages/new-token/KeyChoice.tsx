// SPDX-License-Identifier: Apache-2.0
//
// The kinds of key: made in this browser, uploaded, a secret made by the server, or none.
import { useRef, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';
import { Badge, Box, Button, Collapse, Group, Radio, Stack, Text, Textarea } from '@mantine/core';
import { CircleCheck, Upload } from 'lucide-react';
import { wordsOf } from '../../api/problem';
import type { CheckedKey } from '../../api/types';
import { checkKey } from '../../ask/tokens';
import { CopyField } from '../../parts/CopyField';
import { canMakeKeys, isPrivateKey, proofText, readProof } from '../../words/key';

export type KeyKind = 'browser' | 'public' | 'generate' | 'bearer';

const FILE_MAX_BYTES = 64 * 1024;
const LEAKED = 'This is a private key. It was not sent and is no longer in this page. Treat it as leaked if it was ever pasted elsewhere; here only the public key is wanted (publicKey.pem).';

export const KEY_WORDS: Record<KeyKind, string> = {
  browser: 'ES256, key pair made in this browser',
  public: 'ES256, public key uploaded',
  generate: 'HS256, secret key generated',
  bearer: 'Bearer token, signs nothing',
};

export interface UploadedKey {
  text: string;
  proof: string;
  checked: CheckedKey | null;
  fault: string | null;
  proofFault: string | null;
}

export const NO_KEY: UploadedKey = { text: '', proof: '', checked: null, fault: null, proofFault: null };

/** Asks the server about a pasted key; a private key never gets that far. */
export async function checkUploaded(key: UploadedKey): Promise<UploadedKey> {
  if (!key.text.trim()) return { ...key, checked: null, fault: 'Paste the public key, or choose its file.' };
  if (isPrivateKey(key.text)) return { ...NO_KEY, fault: LEAKED };
  const proof = key.proof.trim() ? readProof(key.proof) : null;
  const proofFault = key.proof.trim() && !proof
    ? 'This is no signature. Paste the one line that the command prints.' : null;
  try {
    return { ...key, checked: await checkKey(key.text, null).then((plain) =>
      (proof ? checkKey(key.text, proof) : plain)), fault: null, proofFault };
  } catch (thrown) {
    const words = wordsOf(thrown);
    return proof && key.checked ? { ...key, proofFault: words } : { ...key, checked: null, fault: words };
  }
}

function Choice({ value, label, words, badge, isDisabled }: {
  value: KeyKind; label: string; words: ReactNode; badge?: string; isDisabled?: boolean;
}) {
  return (
    <Radio value={value} disabled={isDisabled} description={words}
      label={(
        <Group gap="xs" component="span">
          <Text span size="sm" fw={500}>{label}</Text>
          {badge && <Badge variant="light" size="sm" tt="none" fw={500} component="span">{badge}</Badge>}
        </Group>
      )} styles={{ description: { fontSize: 14, lineHeight: '20px' } }} />
  );
}

function Proof({ value, onChange, onCheck, challenge }: {
  value: UploadedKey; onChange: (key: UploadedKey) => void; onCheck: (key: UploadedKey) => void; challenge: string;
}) {
  const [isOpen, setOpen] = useState(false);
  const command = `printf %s '${proofText(challenge)}' | openssl dgst -sha256 -sign privateKey.pem | openssl base64 -A; echo`;
  if (value.checked?.isProved) {
    return (
      <Group gap={6} c="var(--th-active)">
        <CircleCheck size={16} aria-hidden /><Text size="sm">Possession of the private key is proved.</Text>
      </Group>
    );
  }
  return (
    <Box>
      <Button variant="subtle" size="xs" px={8} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Prove that you have the private key (optional)
      </Button>
      <Collapse in={isOpen}>
        <Stack gap="sm" mt="xs">
          <Text size="sm" c="dimmed">
            Without a proof the token is marked: whoever gave you the key may not own it. Run this where the private
            key is, and paste what it prints.
          </Text>
          <CopyField label="Command" text={command} />
          <Textarea label="Signature" value={value.proof} autosize minRows={2} spellCheck={false} classNames={{ input: 'mono' }}
            error={value.proofFault} onChange={(event) => onChange({ ...value, proof: event.currentTarget.value, proofFault: null })}
            onBlur={() => value.proof.trim() && onCheck(value)} />
        </Stack>
      </Collapse>
    </Box>
  );
}

function UploadKey({ value, onChange, challenge }: {
  value: UploadedKey; onChange: (key: UploadedKey) => void; challenge: string;
}) {
  const [isOver, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const check = async (key: UploadedKey) => onChange(await checkUploaded(key));
  const take = async (taken: File | undefined) => {
    if (!taken) return;
    if (taken.size > FILE_MAX_BYTES) {
      onChange({ ...NO_KEY, fault: `${taken.name} is too large for a public key.` });
      return;
    }
    await check({ ...NO_KEY, text: await taken.text() });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <Stack gap="xs" pl={28}>
      <Box onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
        <Textarea label="Public key" description="P-256, in PEM. The BEGIN and END lines are optional." autosize minRows={4}
          placeholder="Paste it, or drop the file here" spellCheck={false} autoComplete="off" value={value.text} error={value.fault}
          onChange={(event) => {
            const text = event.currentTarget.value;
            // at once, not when leaving the field: it must not stay in the page
            onChange(isPrivateKey(text) ? { ...NO_KEY, fault: LEAKED } : { ...value, text, checked: null, fault: null });
          }}
          onBlur={() => value.text.trim() && !value.checked && check(value)}
          styles={{ input: { borderStyle: isOver ? 'dashed' : undefined, borderColor: isOver ? 'var(--mantine-color-anchor)' : undefined } }}
          classNames={{ input: 'mono' }} />
      </Box>
      <Group gap="xs">
        <Button size="xs" variant="default" leftSection={<Upload size={14} aria-hidden />} onClick={() => file.current?.click()}>
          Choose a file
        </Button>
        <input ref={file} type="file" hidden aria-label="Public key file" accept=".pem,.pub,.key,.txt"
          onChange={(event) => { void take(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
        {value.checked && (
          <Group gap={6} wrap="nowrap" c="var(--th-active)" style={{ minWidth: 0 }}>
            <CircleCheck size={16} aria-hidden style={{ flexShrink: 0 }} />
            <Text size="xs" className="mono wrap-anywhere">{value.checked.fingerprint}</Text>
          </Group>
        )}
      </Group>
      {value.checked && <Proof value={value} onChange={onChange} onCheck={check} challenge={challenge} />}
    </Stack>
  );
}

export function KeyChoice({ kind, onKind, uploaded, onUploaded, challenge, allowBearer = false }: {
  kind: KeyKind; onKind: (kind: KeyKind) => void; uploaded: UploadedKey; onUploaded: (key: UploadedKey) => void;
  challenge: string; allowBearer?: boolean;
}) {
  const mayMake = canMakeKeys();
  return (
    <Radio.Group value={kind} onChange={(value) => onKind(value as KeyKind)} aria-label="Key">
      <Stack gap="md">
        <Choice value="browser" label="Make a key pair in this browser" badge={mayMake ? 'Recommended' : undefined} isDisabled={!mayMake}
          words={mayMake ? 'You download the private key; it is never sent. The server learns the public key only.'
            : 'Browsers make keys only on pages that come over HTTPS. Open the console with https:// to use this.'} />
        <Choice value="public" label="Upload public key" words="For a key pair that you have made with OpenSSL or in a hardware module." />
        {kind === 'public' && <UploadKey value={uploaded} onChange={onUploaded} challenge={challenge} />}
        <Choice value="generate" label="Generate token"
          words="The server makes a secret key and shows it once. Server and holder then know the same secret." />
        {allowBearer && (
          <Choice value="bearer" label="Bearer token"
            words="Weaker than all others: it signs nothing, so whoever sees it may use it. For clients that cannot sign, over HTTPS only." />
        )}
      </Stack>
    </Radio.Group>
  );
}
