// SPDX-License-Identifier: Apache-2.0
//
// What all forms share: a refusal goes to the fields it names, the rest is said on top.
import type { UseFormReturnType } from '@mantine/form';
import { Problem } from '../api/problem';

/** The first part of the server's name of a field: `permissions` of `permissions[2]`. */
function partOf(field: string): string {
  return field.split(/[.[/]/)[0]!;
}

/** The form's own name of a field: `limits.rate` where the form has that too, else the first part. */
function nameIn(values: object, field: string): string {
  const [first = '', second = ''] = field.split('.');
  const value: unknown = values[first as keyof typeof values];
  return typeof value === 'object' && value !== null && Object.hasOwn(value, second) ? `${first}.${second}` : partOf(field);
}

/** Puts a refusal beside its fields. Gives what belongs to no field of the form, or null. */
export function showProblem<T extends object>(form: UseFormReturnType<T>, thrown: unknown): unknown {
  if (!(thrown instanceof Problem) || thrown.faults.length === 0) return thrown;
  const values = form.getValues();
  const here = thrown.faults.filter((fault) => partOf(fault.field) in values);
  const errors: Record<string, string> = {};
  for (const fault of here) {
    const name = nameIn(values, fault.field);
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

const FRAMES_TO_OPEN = 30;

/** Brings the first field that is wrong into view and gives it the focus; waits for a fold to open. */
export function focusFirstFault(): void {
  let frames = FRAMES_TO_OPEN;
  const look = () => {
    const field = document.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
    if (field && document.activeElement !== field && frames-- > 0) window.requestAnimationFrame(look);
  };
  window.setTimeout(look, 0);
}
