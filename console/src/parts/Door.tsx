// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Box, Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Mark } from './Mark';

/** The pages before one is in: a small card in the middle. */
export function Door({ title, account, version, children }: {
  title: string; account?: string; version?: string; children: ReactNode;
}) {
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Group gap="sm" justify="center">
          <Mark size={32} />
          <Text fw={600} fz={20}>Tokenhouse</Text>
        </Group>
        <Paper withBorder p="xl" radius="md" style={{ borderColor: 'var(--th-line)' }}>
          <Stack gap="lg">
            <Box>
              <Title order={1} fz={20} lh="28px">{title}</Title>
              {account && <Text c="dimmed" size="sm" className="wrap-anywhere">{account}</Text>}
            </Box>
            {children}
          </Stack>
        </Paper>
        {version && <Text size="xs" c="dimmed" ta="center">Version {version}</Text>}
      </Stack>
    </Center>
  );
}
