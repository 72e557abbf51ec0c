// SPDX-License-Identifier: Apache-2.0
//
// What all forms share: a refusal goes to the fields it names, the rest is said on top.
import type { UseFormReturnType } from '@mantine/form';
import { Problem } from '../api/problem';

/** Puts a refusal beside its fields. Gives what belongs to no field of the form, or null. */
export function showProblem<T extends object>(form: UseFormReturnType<T>, thrown: unknown): unknown {
  if (!(thrown instanceof Problem) || thrown.faults.length === 0) return thrown;
  const names = Object.keys(form.getValues());
  const here = thrown.faults.filter((fault) => names.includes(fault.field.split(/[.[/]/)[0]!));
  const errors: Record<string, string> = {};
  for (const fault of here) {
    const name = fault.field.split(/[.[/]/)[0]!;
    errors[name] = errors[name] ? `${errors[name]} ${sentence(fault.detail)}` : sentence(fault.detail);
  }
  form.setErrors({ ...form.errors, ...errors });
  focusFirstFault();
  return here.length === thrown.faults.length ? null : thrown;
}

/** Words of the server as a sentence; names like `issuedAt` stay as they are. */
export function sentence(text: string): string {
  const begun = /^[a-z]+[A-Z]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** Brings the first field that is wrong into view and gives it the focus. */
export function focusFirstFault(): void {
  window.setTimeout(() => {
    const field = document.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  }, 0);
}
