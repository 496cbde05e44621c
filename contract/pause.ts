// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { timestamp } from './names.ts';
import { open, rowOf, wordOf } from './open-enum.ts';

/**
 * Why QEMU holds a machine. `asked`: somebody asked for it; `disk-failed`: the host could not write or read its disk;
 * `other`: QEMU's own affair.
 */
export const pauseReason = z.enum(['no-space', 'disk-failed', 'other', 'asked']);
export type PauseReason = z.infer<typeof pauseReason>;

/** A machine that QEMU holds: its guest does nothing, loses nothing and knows nothing of it. */
export const instancePause = z.object({ reason: open(pauseReason), at: timestamp });
export type InstancePause = z.infer<typeof instancePause>;

const words: Readonly<Record<PauseReason, string>> = {
  'no-space': 'no space left on this computer',
  'disk-failed': 'its disk cannot be read or written',
  other: 'QEMU stopped it',
  asked: 'on request',
};

const waysOut: Readonly<Record<PauseReason, string>> = {
  'no-space':
    'Free some disk space where instances are stored. It then continues within half a minute, or at once if you start it.',
  'disk-failed': 'Repair the disk that instances are stored on, then start the instance: it continues where it was.',
  other: "Start it to continue where it was. The instance's log may show the reason.",
  asked: 'Resume it to continue where it was.',
};

/** The reason in words, to stand behind "paused: ". */
export function pauseWords(reason: InstancePause['reason']): string {
  return rowOf(words, reason, wordOf(reason));
}

/** What brings it back, a sentence. */
export function pauseWayOut(reason: InstancePause['reason']): string {
  return rowOf(waysOut, reason, waysOut.other);
}
