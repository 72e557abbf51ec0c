// SPDX-License-Identifier: Apache-2.0

/** What a person is called: the name, or where there is none the e-mail address. */
export function nameOf(person: { name: string; email: string }): string {
  return person.name || person.email;
}
