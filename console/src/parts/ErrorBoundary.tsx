// SPDX-License-Identifier: Apache-2.0
import { Component } from 'react';
import type { ReactNode } from 'react';
import { Fault } from './Fault';

/** A page that breaks takes only itself away, not the frame around it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { thrown: unknown }> {
  override state = { thrown: null as unknown };

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  override render() {
    if (this.state.thrown) return <Fault error={this.state.thrown} onRetry={() => location.reload()} />;
    return this.props.children;
  }
}
