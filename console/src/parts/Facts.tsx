// SPDX-License-Identifier: Apache-2.0
import { Fragment } from 'react';
import type { ReactNode } from 'react';
import classes from './Facts.module.css';

export type Fact = [name: string, value: ReactNode];

/** Facts about one thing, name over value, in as many columns as fit. */
export function Facts({ facts }: { facts: (Fact | null)[] }) {
  return (
    <dl className={`${classes.facts} panel`}>
      {facts.map((fact) => fact && (
        <Fragment key={fact[0]}>
          <div><dt>{fact[0]}</dt><dd>{fact[1]}</dd></div>
        </Fragment>
      ))}
    </dl>
  );
}
