// SPDX-License-Identifier: Apache-2.0
//
// Parts of a page by what a person, or a screen reader, calls them.
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const dialog = (page, name) => page.getByRole('dialog', { name });
/** The page's own. */
export const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true });
