// SPDX-License-Identifier: Apache-2.0
export const TITLE_MAX = 120;
export const DESCRIPTION_MAX = 1000;

/** Characters as people count them, not UTF-16 units. */
function length(text: string): number {
  return [...text.trim()].length;
}

export function titleFault(title: string): string | null {
  if (!title.trim()) return 'Give the token a title, so that others know what it is for.';
  return length(title) > TITLE_MAX ? `The title has ${length(title)} characters; at most ${TITLE_MAX} fit.` : null;
}

export function descriptionFault(description: string): string | null {
  return length(description) > DESCRIPTION_MAX
    ? `The description has ${length(description)} characters; at most ${DESCRIPTION_MAX} fit.` : null;
}
