// SPDX-License-Identifier: MIT

/** For an honest guest that is emulated and under load; a mute one keeps nobody waiting longer. */
const usualMs = 10_000;
/**
 * For a guest that is known not to answer, and where somebody waits for the end: what is ours is taken away then, its
 * end is left to the guest.
 */
const hurriedMs = 1_000;

/**
 * How long a guest may take to unmount: less when `given` is aborted, from then on, or when it did not answer last
 * time.
 */
export function farewell(given?: AbortSignal, isMute = false, patientMs = usualMs): AbortSignal {
  const over = AbortSignal.timeout(isMute ? hurriedMs : patientMs);
  if (given === undefined) return over;
  const hurried = new AbortController();
  const hurry = (): void => void setTimeout(() => hurried.abort(), hurriedMs).unref();
  if (given.aborted) hurry();
  else given.addEventListener('abort', hurry, { once: true, signal: over }); // it may live much longer
  return AbortSignal.any([over, hurried.signal]);
}
