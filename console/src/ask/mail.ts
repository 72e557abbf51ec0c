// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../api/client';
import type { Query } from '../api/client';
import type { Letter, Mail } from '../api/records';
import type { ListOf } from '../api/types';

const LOOK_AGAIN_MS = 3_000;

export function useMail() {
  return useQuery({
    queryKey: ['mail', 'state'],
    queryFn: ({ signal }) => get<Mail>('/mail', {}, signal),
    refetchInterval: ({ state }) => (state.data?.waiting ? LOOK_AGAIN_MS : false),
  });
}

/** Letters; looked at again while one of them is on its way. */
export function useLetters(query: Query) {
  return useQuery({
    queryKey: ['mail', 'letters', query],
    queryFn: ({ signal }) => get<ListOf<Letter>>('/mail/letters', query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      (state.data?.data.some((letter) => letter.state === 'waiting' || letter.state === 'being sent') ? LOOK_AGAIN_MS : false),
  });
}

function useForgetMail() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['mail'] });
}

export function useSendTestLetter() {
  const forget = useForgetMail();
  return useMutation({ mutationFn: () => post<Letter>('/mail/test'), onSuccess: forget });
}

export function useSendAgain() {
  const forget = useForgetMail();
  return useMutation({
    mutationFn: (id: Letter['id']) => post<Letter>(`/mail/letters/${encodeURIComponent(id)}/send-again`), onSuccess: forget,
  });
}
