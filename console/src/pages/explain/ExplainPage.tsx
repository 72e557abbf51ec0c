// SPDX-License-Identifier: Apache-2.0
//
// Why is it refused, and what must a token have? Nothing is sent here, nothing used up.
import { PageHead } from '../../parts/PageHead';
import { PageTabs } from '../../parts/PageTabs';
import { ExplainRequest } from './ExplainRequest';
import { PickCalls } from './PickCalls';

export default function ExplainPage() {
  return (
    <>
      <PageHead title="Explain" crumbs={[{ name: 'Settings' }, { name: 'API management', path: '/tokens' }]}
        hint="Ask the gate about a request without sending it." />
      <PageTabs tabs={[
        { name: 'A request', content: <ExplainRequest /> },
        { name: 'Permissions for calls', content: <PickCalls /> },
      ]} />
    </>
  );
}
