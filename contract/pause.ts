// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { timestamp } from './names.ts';
import { open, rowOf, wordOf } from './open-enum.ts';

/** Why QEMU holds a machine. `disk-failed`: the host could not write or read its disk; `other`: QEMU's own affair. */
export const pauseReason = z.enum(['no-space', 'disk-failed', 'other']);
export type PauseReason = z.infer<typeof pauseReason>;

/** A machine that QEMU holds: its guest does nothing, loses nothing and knows nothing of it. */
export const instancePause = z.object({ reason: open(pauseReason), at: timestamp });
export type InstancePause = z.infer<typeof instancePause>;

const words: Readonly<Record<PauseReason, string>> = {
  'no-space': 'no space on this computer',
  'disk-failed': 'the disk of this instance cannot be written or read',
  other: 'QEMU stopped it',
};

const waysOut: Readonly<Record<PauseReason, string>> = {
  'no-space':
    'Make room where instances are kept: it then goes on by itself within half a minute, or at once by a start.',
  'disk-failed': 'Mend the disk that instances are kept on; start the instance then, and it goes on where it was.',
  other: "Start it, and it goes on where it was; the instance's log may tell why.",
};

/** The reason in words, to stand behind "paused: ". */
export function pauseWords(reason: InstancePause['reason']): string {
  return rowOf(words, reason, wordOf(reason));
}

/** What brings it back, a sentence. */
export function pauseWayOut(reason: InstancePause['reason']): string {
  return rowOf(waysOut, reason, waysOut.other);
}
