// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';

/**
 * The button that sends a form. Pressing it leaves the focus where it is: a field that is
 * checked when one leaves it would otherwise show its error between press and release, move
 * the button away, and the click would be lost.
 */
export function SubmitButton(props: ButtonProps) {
  return <Button type="submit" onMouseDown={(event) => event.preventDefault()} {...props} />;
}
