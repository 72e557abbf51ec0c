// SPDX-License-Identifier: Apache-2.0
//
// A QR code, drawn in this page: what is in it goes nowhere.
import { memo } from 'react';
import { encode } from 'uqr';

const QUIET = 4; // modules of white around it, as readers expect

export const QrCode = memo(function QrCode({ text, label, size = 208 }: { text: string; label: string; size?: number }) {
  const { data, size: modules } = encode(text, { ecc: 'M', border: QUIET });
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg width={size} height={size} viewBox={`0 0 ${modules} ${modules}`} role="img" aria-label={label} shapeRendering="crispEdges"
      style={{ display: 'block', borderRadius: 8, background: '#ffffff' }}>
      <path d={path} fill="#000000" />
    </svg>
  );
});
