// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a token's title or description, before the server has been asked.
import { lengthFault } from '../../words/texts';

export const TITLE_MAX = 120;
export const DESCRIPTION_MAX = 1000;

export function titleFault(title: string): string | null {
  return title.trim() ? lengthFault(title, 'The title', TITLE_MAX) : 'Give the token a title, so that others know what it is for.';
}

export function descriptionFault(description: string): string | null {
  return lengthFault(description, 'The description', DESCRIPTION_MAX);
}
