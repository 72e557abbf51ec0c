// SPDX-License-Identifier: Apache-2.0

/** The program's own mark: a coin with a keyhole. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <circle cx="16" cy="16" r="16" fill="#14665f" />
      <circle cx="16" cy="16" r="12.2" fill="none" stroke="#a9dcd4" strokeWidth="1.6"
        strokeDasharray="2.2 2.06" />
      <circle cx="16" cy="13.4" r="4" fill="#edf8f6" />
      <path d="M14.3 15h3.4l1.5 8h-6.4z" fill="#edf8f6" />
    </svg>
  );
}
