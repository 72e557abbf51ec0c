// SPDX-License-Identifier: Apache-2.0
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Router } from 'wouter';
import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/theme.css';
import { App } from './app/App';
import { cssVariables, theme } from './app/theme';
import { Problem } from './api/problem';
import { guardHistory, guardNavigation } from './parts/useUnsaved';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // what the server has refused stays refused; what did not arrive is tried again
      retry: (count, thrown) =>
        count < 2 && !(thrown instanceof Problem && thrown.status > 0 && thrown.status < 500),
    },
    // a password that was sent, a secret key that came: not kept beyond the page that shows it
    mutations: { retry: false, gcTime: 0 },
  },
});

guardHistory(); // before the router listens
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" autoClose={8000} limit={3} />
        <Router base="/console" aroundNav={guardNavigation}>
          <App />
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
