// SPDX-License-Identifier: Apache-2.0
import { useSession } from '../../api/session';
import { useAccount } from '../../ask/account';
import { Fault } from '../../parts/Fault';
import { PageHead } from '../../parts/PageHead';
import { PageSkeleton } from '../../parts/PageSkeleton';
import { PageTabs } from '../../parts/PageTabs';
import { AccountFacts } from './AccountFacts';
import { Licences } from './Licences';
import { Mail } from './Mail';
import { Outputs } from './Outputs';
import { Settings } from './Settings';

export default function AccountPage() {
  const { session, may } = useSession();
  const seesSettings = may('Settings:View');
  const query = useAccount(seesSettings);
  if (query.isError && !query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (seesSettings && !query.data) return <PageSkeleton />;
  const loaded = query.data;
  return (
    <>
      <PageHead title="Account" hint={session.account.name} />
      <PageTabs tabs={[
        loaded && { name: 'Account', content: <AccountFacts account={loaded.account} etag={loaded.etag} /> },
        may('Licenses:View') && { name: 'Licences', content: <Licences /> },
        seesSettings && { name: 'Mail', content: <Mail /> },
        seesSettings && { name: 'Event outputs', content: <Outputs /> },
        loaded && { name: 'Settings and limits', content: <Settings settings={loaded.account.settings} /> },
      ].map((tab) => tab || null)} />
    </>
  );
}
