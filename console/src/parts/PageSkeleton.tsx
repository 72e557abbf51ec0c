// SPDX-License-Identifier: Apache-2.0
import { Skeleton, Stack } from '@mantine/core';

/** While a page's script or its first answer is on the way. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-busy role="status" aria-label="Loading">
      <Skeleton h={36} w={280} mt={20} />
      <Skeleton h={320} radius="md" />
    </Stack>
  );
}
