// SPDX-License-Identifier: Apache-2.0
//
// Every token has a coin: concentric dots and bars in two tones, drawn from its ID, so that
// the eye knows it again in lists and events.
import { memo } from 'react';

const TONES: [string, string][] = [
  ['#14665f', '#a9dcd4'], ['#7a4a1d', '#f0d3ae'], ['#46508f', '#ccd2f5'], ['#8a3a5c', '#f3c9da'],
  ['#3f6b2f', '#cfe5c2'], ['#6b4a86', '#e0cdf0'], ['#2b6285', '#bfe0f2'], ['#6f5a16', '#ecdf9f'],
];

/** 16 numbers out of any ID: the bytes of a UUID, or a hash of whatever else it is. */
function bytesOf(id: string): number[] {
  const hex = id.replace(/[^0-9a-f]/gi, '');
  if (hex.length === 32) return Array.from({ length: 16 }, (_, i) => parseInt(hex.substr(i * 2, 2), 16));
  let state = 2166136261;
  for (const letter of id) state = Math.imul(state ^ letter.codePointAt(0)!, 16777619);
  return Array.from({ length: 16 }, (_, i) => {
    state = Math.imul(state ^ (i + 1), 16777619);
    return (state >>> 11) & 255;
  });
}

/** A ring of marks, mirrored left and right; the bits say which places have one. */
function ring(bits: number, places: number, radius: number, isBars: boolean) {
  const marks = [];
  for (let place = 0; place < places; place++) {
    const mirrored = Math.min(place, places - place);
    if (!((bits >> mirrored) & 1)) continue;
    const turn = `rotate(${(place / places) * 360})`;
    marks.push(isBars
      ? <rect key={place} x="-0.8" y={-radius - 1.7} width="1.6" height="3.4" rx="0.8" transform={turn} />
      : <circle key={place} cx="0" cy={-radius} r="1.2" transform={turn} />);
  }
  return marks;
}

export const Coin = memo(function Coin({ id, size = 32 }: { id: string; size?: number }) {
  const b = bytesOf(id);
  const [dark, light] = TONES[b[0]! % TONES.length]!;
  const outer = (((b[1]! << 8) | b[2]!) & 0x1ff) || 0b101010101;
  const middle = (b[3]! & 0x7f) || 0b1010101;
  const inner = (b[4]! & 0x0f) || 0b101;
  const hasBars = b[5]! % 2 === 0;
  return (
    <svg width={size} height={size} viewBox="-16 -16 32 32" aria-hidden focusable="false"
      style={{ flexShrink: 0, display: 'block' }}>
      <circle r="16" fill={dark} />
      <circle r="14.6" fill="none" stroke={light} strokeWidth="0.7" opacity="0.7" />
      <g fill={light}>
        {ring(outer, 16, 11.2, hasBars)}
        {ring(middle, 12, 6.9, !hasBars)}
        {ring(inner, 6, 3.1, false)}
        {b[6]! % 2 === 0 && <circle r="1.2" />}
      </g>
    </svg>
  );
});
