// SPDX-License-Identifier: Apache-2.0
import { useEnter } from '../../api/session';
import type { Session, State } from '../../api/types';
import { Door } from '../../parts/Door';
import { useTitle } from '../../parts/useTitle';
import { LoginForm } from './LoginForm';

const TITLES = {
  active: 'Log in', 'second-factor': 'Second factor', 'password-change': 'Choose a new password',
};

export default function LoginPage({ state, session }: { state: State; session: Session | null }) {
  const enter = useEnter();
  const title = session ? TITLES[session.state] : 'Log in';
  useTitle(title);
  return (
    <Door title={title} account={state.accountName} version={state.version}>
      <LoginForm session={session} onEntered={enter} />
    </Door>
  );
}
