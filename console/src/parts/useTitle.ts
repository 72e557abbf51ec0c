// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';

/** The window's title says where one is. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tokenhouse`;
  }, [title]);
}
