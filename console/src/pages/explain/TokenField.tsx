// SPDX-License-Identifier: Apache-2.0
import { Autocomplete, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useTokens } from '../../ask/tokens';
import { Coin } from '../../parts/Coin';

/** A token by its title or ID; an ID that nobody knows can be asked about too. */
export function TokenField({ value, onChange, error }: { value: string; onChange: (id: string) => void; error?: string }) {
  const [asked] = useDebouncedValue(value, 150);
  const tokens = useTokens({ q: asked, pageSize: 20, sort: 'title' });
  const found = tokens.data?.data ?? [];
  const known = found.find((token) => token.id === value);
  return (
    <Autocomplete label="Token" withAsterisk autoComplete="off" value={value} onChange={onChange} error={error}
      description={known ? known.title : 'Its title or token ID'} inputWrapperOrder={['label', 'description', 'input', 'error']}
      data={found.map((token) => token.id)} filter={({ options }) => options} leftSection={known && <Coin id={known.id} size={20} />}
      renderOption={({ option }) => {
        const token = found.find((one) => one.id === option.value);
        return (
          <Group gap="sm" wrap="nowrap">
            <Coin id={option.value} size={24} />
            <Stack gap={0} style={{ minWidth: 0 }}>
              <Text size="sm" truncate>{token?.title}</Text>
              <Text size="xs" c="dimmed" className="mono" fz={11} truncate>{option.value}</Text>
            </Stack>
          </Group>
        );
      }} />
  );
}
