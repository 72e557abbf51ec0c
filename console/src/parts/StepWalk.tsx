// SPDX-License-Identifier: Apache-2.0
//
// The walk of a refused request through the gate's steps: passed, the one that said no, and
// those it never reached. Told apart by form, not by colour alone.
import { stepOf, STEPS } from '../words/verdicts';

const STEP = 13;
const HEIGHT = 12;

export function StepWalk({ verdict }: { verdict: string }) {
  const at = stepOf(verdict);
  if (at < 0) return null;
  const [name] = STEPS[at]!;
  const words = `Step ${at + 1} of ${STEPS.length}: ${name}. ${at === 0 ? '' : `Passed: ${STEPS.slice(0, at).map(([step]) => step).join(', ')}.`}`;
  return (
    <svg width={STEPS.length * STEP} height={HEIGHT} role="img" aria-label={words} style={{ display: 'block', marginTop: 6 }}>
      <title>{words}</title>
      <line x1="6" x2={at * STEP + 6} y1="6" y2="6" stroke="var(--th-active)" strokeWidth="1.5" />
      <line x1={at * STEP + 6} x2={(STEPS.length - 1) * STEP + 6} y1="6" y2="6" stroke="var(--th-line)" strokeWidth="1.5" />
      {STEPS.map(([step], index) => (index === at
        ? (
          <g key={step} stroke="var(--th-refused)" strokeWidth="2" strokeLinecap="round">
            <circle cx={index * STEP + 6} cy="6" r="6" fill="var(--th-refused-back)" stroke="none" />
            <path d={`M${index * STEP + 3.5} 3.5l5 5m0-5l-5 5`} fill="none" />
          </g>
        )
        : (
          <circle key={step} cx={index * STEP + 6} cy="6" r="3.5" strokeWidth="1.5"
            fill={index < at ? 'var(--th-active)' : 'var(--mantine-color-body)'}
            stroke={index < at ? 'var(--th-active)' : 'var(--mantine-color-default-border)'} />
        )))}
    </svg>
  );
}
