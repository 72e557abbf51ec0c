// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { GridRow } from '../api/types';

/** Every permission there is, as the grid shows it, with the operations that each opens. */
export function useCatalogue() {
  return useQuery({
    queryKey: ['permissions'],
    queryFn: async ({ signal }) => (await get<{ data: GridRow[] }>('/permissions', {}, signal)).data,
    staleTime: Infinity,
  });
}
