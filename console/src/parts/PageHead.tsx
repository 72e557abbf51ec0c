// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Anchor, Box, Group, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import { useTitle } from './useTitle';

export interface Crumb {
  name: string;
  path?: string;
}

/** The way to the page (as people know it), its title, and what one can do there. */
export function PageHead({ title, crumbs = [], before, children, hint }: {
  title: string;
  crumbs?: Crumb[];
  /** Before the title: a coin. */
  before?: ReactNode;
  hint?: ReactNode;
  /** The page's acts, on the right. */
  children?: ReactNode;
}) {
  useTitle(title);
  return (
    <Box mb="lg">
      {crumbs.length > 0 && (
        <Group component="nav" aria-label="Where you are" gap={6} mb={4}>
          {crumbs.map((crumb, index) => (
            <Group gap={6} key={crumb.name}>
              {index > 0 && <Text size="xs" c="dimmed" aria-hidden>›</Text>}
              {crumb.path
                ? <Anchor component={Link} href={crumb.path} size="xs">{crumb.name}</Anchor>
                : <Text size="xs" c="dimmed">{crumb.name}</Text>}
            </Group>
          ))}
        </Group>
      )}
      <Group justify="space-between" align="flex-start" gap="md">
        <Group gap="sm" wrap="nowrap" style={{ minWidth: 0, flex: '1 1 240px' }}>
          {before}
          <Box style={{ minWidth: 0 }}>
            <Title order={1} className="wrap-anywhere" fz={{ base: 20, sm: 28 }} lh={{ base: '28px', sm: '36px' }}>
              {title}
            </Title>
            {hint && <Text c="dimmed" size="sm" component="div">{hint}</Text>}
          </Box>
        </Group>
        {children && <Group gap="xs">{children}</Group>}
      </Group>
    </Box>
  );
}
