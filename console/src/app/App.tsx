// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense } from 'react';
import { Center, Loader } from '@mantine/core';
import { useSessionState, SessionProvider } from '../api/session';
import { useServerState } from '../ask/state';
import { Fault } from '../parts/Fault';

const Frame = lazy(() => import('./Frame'));
const LoginPage = lazy(() => import('../pages/login/LoginPage'));
const SetupPage = lazy(() => import('../pages/setup/SetupPage'));

function Waiting() {
  return <Center h="100vh"><Loader aria-label="Loading" /></Center>;
}

/** Decides which of the four one sees: set-up, log-in, a forced change, the console. */
function Door() {
  const state = useServerState();
  const { session, error } = useSessionState();
  if (state.error || error) {
    return <Center h="100vh"><Fault error={state.error ?? error} onRetry={() => location.reload()} /></Center>;
  }
  if (!state.data || session === undefined) return <Waiting />;
  if (!state.data.isSetUp && !session) return <SetupPage state={state.data} />;
  if (!session || session.state !== 'active') {
    return <LoginPage state={state.data} session={session} />;
  }
  return <SessionProvider session={session}><Frame /></SessionProvider>;
}

export function App() {
  return <Suspense fallback={<Waiting />}><Door /></Suspense>;
}
