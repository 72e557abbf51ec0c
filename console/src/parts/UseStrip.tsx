// SPDX-License-Identifier: Apache-2.0
import { memo } from 'react';
import { counted } from '../words/number';

const HEIGHT = 16;
const BAR = 3;
const STEP = 4;

/** The bars that are wanted, as one path: fifty rows of thirty elements each would be felt. */
function bars(use: number[], most: number, isWanted: (count: number) => boolean): string {
  return use.map((count, day) => {
    if (!isWanted(count)) return '';
    const height = count === 0 ? 1.5 : Math.max(3, (Math.sqrt(count) / most) * HEIGHT);
    return `M${day * STEP} ${HEIGHT}v${-height.toFixed(1)}h${BAR}V${HEIGHT}z`;
  }).join('');
}

/** 30 days of use as a strip of small bars; the root of the count, so that little is seen too. */
export const UseStrip = memo(function UseStrip({ use }: { use: number[] }) {
  const most = Math.sqrt(Math.max(1, ...use));
  const total = use.reduce((sum, count) => sum + count, 0);
  const words = total === 0 ? 'Not used in the last 30 days' : `${counted(total, 'request')} in the last 30 days`;
  return (
    <svg width={use.length * STEP} height={HEIGHT} role="img" aria-label={words} style={{ display: 'block' }}>
      <title>{words}</title>
      <path d={bars(use, most, (count) => count === 0)} fill="var(--th-bar-empty)" />
      <path d={bars(use, most, (count) => count > 0)} fill="var(--th-bar)" />
    </svg>
  );
});
