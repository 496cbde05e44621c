// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { timestamp } from './names.ts';
import { say } from '#messages/say.ts';
import { isKnown, open, wordOf } from './open-enum.ts';

/**
 * Why QEMU holds a machine. `asked`: somebody asked for it; `disk-failed`: the host could not write or read its disk;
 * `other`: QEMU's own affair.
 */
export const pauseReason = z.enum(['no-space', 'disk-failed', 'other', 'asked']);
export type PauseReason = z.infer<typeof pauseReason>;

/** A machine that QEMU holds: its guest does nothing, loses nothing and knows nothing of it. */
export const instancePause = z.object({ reason: open(pauseReason), at: timestamp });
export type InstancePause = z.infer<typeof instancePause>;

/** The reason in words, to stand behind "paused: ". */
export function pauseWords(reason: InstancePause['reason']): string {
  return isKnown(pauseReason.enum, reason) ? say(`pause.${reason}`) : wordOf(reason);
}

/** What brings it back, a sentence. */
export function pauseWayOut(reason: InstancePause['reason']): string {
  return say(`pause.${isKnown(pauseReason.enum, reason) ? reason : 'other'}.way-out`);
}
