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

/** A ring of marks: each bit of the bytes says whether its place has one. */
function ring(bits: number, places: number, radius: number, turn: number, isBars: boolean) {
  const marks = [];
  for (let place = 0; place < places; place++) {
    if (!((bits >> place) & 1)) continue;
    const angle = ((place + turn) / places) * 360;
    marks.push(isBars
      ? <rect key={place} x="-0.9" y={-radius - 1.9} width="1.8" height="3.8" rx="0.9"
          transform={`rotate(${angle})`} />
      : <circle key={place} cx="0" cy={-radius} r="1.25" transform={`rotate(${angle})`} />);
  }
  return marks;
}

export const Coin = memo(function Coin({ id, size = 32 }: { id: string; size?: number }) {
  const b = bytesOf(id);
  const [dark, light] = TONES[b[0]! % TONES.length]!;
  const outer = ((b[1]! << 8) | b[2]!) | 1;
  const middle = ((b[3]! << 4) | (b[4]! >> 4)) & 0xfff;
  const inner = b[5]! & 0x3f;
  return (
    <svg width={size} height={size} viewBox="-16 -16 32 32" aria-hidden focusable="false"
      style={{ flexShrink: 0, display: 'block' }}>
      <circle r="16" fill={dark} />
      <g fill={light}>
        {ring(outer, 16, 12.2, 0, b[6]! % 2 === 0)}
        {ring(middle, 12, 7.6, 0.5, b[6]! % 2 === 1)}
        {ring(inner || 0b010101, 6, 3.8, 0, false)}
      </g>
    </svg>
  );
});
