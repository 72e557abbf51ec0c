// SPDX-License-Identifier: Apache-2.0
import { memo } from 'react';
import { counted } from '../words/number';

const HEIGHT = 16;
const BAR = 3;
const STEP = 4;

/** 30 days of use as a strip of small bars; the root of the count, so that little is seen too. */
export const UseStrip = memo(function UseStrip({ use }: { use: number[] }) {
  const most = Math.sqrt(Math.max(1, ...use));
  const total = use.reduce((sum, count) => sum + count, 0);
  const words = total === 0 ? 'Not used in the last 30 days' : `${counted(total, 'request')} in the last 30 days`;
  return (
    <svg width={use.length * STEP} height={HEIGHT} role="img" aria-label={words} style={{ display: 'block' }}>
      <title>{words}</title>
      {use.map((count, day) => {
        const height = count === 0 ? 1.5 : Math.max(3, (Math.sqrt(count) / most) * HEIGHT);
        return (
          <rect key={day} x={day * STEP} y={HEIGHT - height} width={BAR} height={height} rx="0.75"
            fill={count === 0 ? 'var(--th-bar-empty)' : 'var(--th-bar)'} />
        );
      })}
    </svg>
  );
});
