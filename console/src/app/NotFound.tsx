// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { EmptyState } from '../parts/EmptyState';
import { PageHead } from '../parts/PageHead';
import type { Page } from './pages';

export function NotFound({ what = 'There is no such page' }: { what?: string }) {
  return (
    <>
      <PageHead title={what} />
      <EmptyState words="It may have been deleted, or the address is mistyped.">
        <Button component={Link} href="/tokens">Go to the API tokens</Button>
      </EmptyState>
    </>
  );
}

export function NotYours({ page }: { page: Page }) {
  return (
    <>
      <PageHead title={page.name} />
      <EmptyState words={`Your user role lacks ${page.needs!.join(' or ')}. A System Administrator can add it.`}>
        <Button component={Link} href="/tokens">Go to the API tokens</Button>
      </EmptyState>
    </>
  );
}
