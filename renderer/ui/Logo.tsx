// SPDX-License-Identifier: MIT
/** The logo: a hull in its berth between two quays. */
export function Logo({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b62a8" />
      <path
        d="M5 7v18h22V7"
        fill="none"
        stroke="#9ccff6"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M11 20.5V11.5Q16 3.5 21 11.5V20.5Z" fill="#fff" />
    </svg>
  );
}
