// SPDX-License-Identifier: MIT
import { capitalised } from '#contract/capitalised.ts';
import { formatDuration } from '#contract/duration.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';

export { formatBytes, formatDuration };

/** A length of time without tenths, for values that tick: `under a minute`, `4 min`, `2 h 4 min`. */
export function formatCoarseDuration(ms: number): string {
  if (ms < 60_000) return say('time.under-a-minute');
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return say('time.minutes', { minutes });
  return formatDuration(minutes * 60_000);
}

/** A mark of a time scale, as short as it can be: `0`, `0.5 s`, `20 s`, `1 min`, `1 min 20 s`. */
export function formatTick(ms: number): string {
  if (ms === 0) return '0';
  return ms < 60_000 ? say('time.seconds', { seconds: ms / 1000 }) : formatDuration(ms);
}

/** How long ago a point in time was: `just now`, `4 min ago`. */
export function formatAgo(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < 60_000 ? say('time.just-now') : say('time.ago', { duration: formatCoarseDuration(ms) });
}

/** Date and time in the user's own time zone, to the second. */
export function formatMoment(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Time of day to the second, 24 hours. */
export function formatClock(at: string | number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour12: false });
}

/** The first 12 digits of a fingerprint, which suffice to name it. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}

/** Phrases as sentences, one after the other: each begins with a capital and ends with a full stop. */
export function sentences(...phrases: readonly (string | undefined)[]): string {
  return phrases
    .flatMap((phrase) => (phrase === undefined || phrase === '' ? [] : [capitalised(phrase).replace(/[.]?$/, '.')]))
    .join(' ');
}
