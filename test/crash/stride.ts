// SPDX-License-Identifier: MIT

const { BERTH_CRASH: asked } = process.env;

/** Whether more is wanted than the few points of `./run test`. */
export const isLong = asked !== undefined;

/** Every so many of a long run's points are tried: all with BERTH_CRASH=whole, every N-th with BERTH_CRASH=N. */
export const stride = asked === undefined || asked === 'whole' ? 1 : Number(asked);

/** Of `count` points, counted from 1, those of a long run; another `seed` begins elsewhere. */
export function everyNth(count: number, seed: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((point) => (point + seed * 7) % stride === 0);
}
