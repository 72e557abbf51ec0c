// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { GridRow, Operation } from '../api/types';

interface Catalogue {
  data: GridRow[];
  operations: Operation[];
}

function useWhole<T>(select: (whole: Catalogue) => T) {
  return useQuery({
    queryKey: ['permissions'],
    queryFn: ({ signal }) => get<Catalogue>('/permissions', {}, signal),
    staleTime: Infinity,
    select,
  });
}

const rowsOf = (whole: Catalogue) => whole.data;
const operationsOf = (whole: Catalogue) => whole.operations;

/** Every permission there is, as the grid shows it, with the operations that each opens. */
export function useCatalogue() {
  return useWhole(rowsOf);
}

/** Every operation of the signed API, with what it needs. */
export function useOperations() {
  return useWhole(operationsOf);
}
