// SPDX-License-Identifier: Apache-2.0
//
// Token Key Details: the one moment in which the secret key, or the private key made in
// this browser, can be taken away. Close asks again while nothing has been.
import { useState } from 'react';
import { Alert, Box, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { Download, TriangleAlert } from 'lucide-react';
import type { Token } from '../../api/types';
import { Coin } from '../../parts/Coin';
import { CopyField } from '../../parts/CopyField';
import { FirstRequests } from '../../parts/FirstRequests';
import { useUnsaved } from '../../parts/useUnsaved';
import { download, fileName } from '../../words/download';

interface Props {
  token: Token;
  secretKey: string | null;
  /** The text of the .token file. */
  file: string | null;
  privatePem: string | null;
  onClose: () => void;
}

function Warning({ what }: { what: string }) {
  return (
    <Alert variant="light" icon={<TriangleAlert size={18} aria-hidden />} title={`The ${what} is shown once`}
      styles={{
        root: { background: 'var(--th-soon-back)' }, icon: { color: 'var(--th-soon)' },
        title: { color: 'var(--th-soon)' }, message: { color: 'var(--mantine-color-text)' },
      }}>
      Copy or download it now and keep it safe: it is comparable to a password. Once this is closed nobody can show it
      again; without it you would have to delete this token and create a new one.
    </Alert>
  );
}

function AskAgain({ what, onStay, onClose }: { what: string; onStay: () => void; onClose: () => void }) {
  return (
    <Modal opened onClose={onStay} title={`Close without the ${what}?`} size="sm" zIndex={300}>
      <Stack gap="md">
        <Text size="sm">It was neither copied nor downloaded. Nobody can show it again, and the token cannot be used without it.</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>Close without it</Button>
          <Button data-autofocus onClick={onStay}>Go back</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** How a bearer token is sent: from its file by way of a pipe, so that no list of processes shows it. */
function BearerRequest({ file }: { file: string }) {
  const command = `printf 'header = "Authorization: Bearer %s"' "$(cat ${file})" | curl -sK - ${window.location.origin}/v3/whoami`;
  return (
    <Box>
      <Title order={3} fz={14} lh="20px" mb="xs">First request</Title>
      <CopyField label="Command" text={command} />
    </Box>
  );
}

export function KeyDetails({ token, secretKey, file, privatePem, onClose }: Props) {
  const isBearer = token.kind === 'bearer';
  const what = isBearer ? 'bearer token' : secretKey ? 'secret key' : privatePem ? 'private key' : null;
  const [isTaken, setTaken] = useState(what === null);
  const [isAsking, setAsking] = useState(false);
  useUnsaved(!isTaken);
  const stem = `${fileName(token.title)}-${token.id.slice(0, 8)}`;
  const savedAs = privatePem ? `${stem}.pem` : secretKey ? `${stem}.token` : 'privateKey.pem';
  const save = (text: string) => {
    download(savedAs, text, 'application/octet-stream');
    setTaken(true);
  };
  const close = () => (isTaken ? onClose() : setAsking(true));
  const taken = () => setTaken(true);
  return (
    <Modal opened onClose={close} title="Token Key Details" size={680} closeOnClickOutside={false}>
      <Stack gap="md">
        <Group gap="sm" wrap="nowrap">
          <Coin id={token.id} size={40} />
          <Box style={{ minWidth: 0 }}>
            <Text fw={600} className="wrap-anywhere">{token.title}</Text>
            <Text size="sm" c="dimmed">{token.kind}, created</Text>
          </Box>
        </Group>
        {what && <Warning what={what} />}
        <CopyField label="Token ID" text={token.id} />
        {secretKey && <CopyField label={isBearer ? 'Bearer token' : 'Secret key'} text={secretKey} onCopied={taken} />}
        {privatePem && <CopyField label="Private key" text={privatePem} onCopied={taken} isLong />}
        {secretKey && file && (
          <Group><Button leftSection={<Download size={16} aria-hidden />} onClick={() => save(file)}>Download Token</Button></Group>
        )}
        {privatePem && (
          <Group><Button leftSection={<Download size={16} aria-hidden />} onClick={() => save(privatePem)}>Download private key</Button></Group>
        )}
        {token.isCanary ? (
          <Text size="sm">
            Put it where nobody should look: a file share, a repository, an old wiki page. Do not use it yourself: that
            raises the alarm too.
          </Text>
        ) : isBearer ? <BearerRequest file={savedAs} /> : (
          <Box>
            <Title order={3} fz={14} lh="20px" mb="xs">First request</Title>
            <FirstRequests id={token.id} kind={token.kind} file={savedAs} />
          </Box>
        )}
        <Group justify="flex-end"><Button variant="default" onClick={close}>Close</Button></Group>
      </Stack>
      {isAsking && what && <AskAgain what={what} onStay={() => setAsking(false)} onClose={onClose} />}
    </Modal>
  );
}
