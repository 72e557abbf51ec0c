// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { Box, Stack, Title } from '@mantine/core';
import classes from './FormSummary.module.css';

/** A form of 680 px with a summary beside it that changes as one types; under it on small screens. */
export function WithSummary({ children, title, summary }: {
  children: ReactNode; title: string; summary: ReactNode;
}) {
  return (
    <div className={classes.columns}>
      <Box className={classes.form}>{children}</Box>
      <Box component="aside" aria-label={title} className={`${classes.aside} panel`}>
        <Stack gap="md">
          <Title order={2} fz={14} lh="20px" c="dimmed" fw={500}>{title}</Title>
          {summary}
        </Stack>
      </Box>
    </div>
  );
}

/** One section of a form: its name, what there is to know, and its fields. */
export function FormSection({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <Box component="section" aria-label={title} className={classes.section}>
      <Title order={2} fz={16} lh="24px" mb={hint ? 0 : 'sm'}>{title}</Title>
      {hint && <Box fz={14} c="dimmed" mb="sm">{hint}</Box>}
      {children}
    </Box>
  );
}
