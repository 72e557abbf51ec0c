// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'wouter';
import { tell } from '../../parts/notices';
import { PageHead } from '../../parts/PageHead';
import { UpstreamForm } from '../upstream/UpstreamForm';

export default function NewUpstreamPage() {
  const [, go] = useLocation();
  return (
    <>
      <PageHead title="Add upstream" crumbs={[{ name: 'Upstreams', path: '/upstreams' }]}
        hint="An API gets behind the door by its description and its address. Nothing is taken before you have seen what it means." />
      <UpstreamForm base={null} etag="" cancel="/upstreams" onDone={({ upstream }) => {
        tell(`“${upstream.name}” is behind the door.`);
        go(`/upstreams/${upstream.id}`, { replace: true });
      }} />
    </>
  );
}
