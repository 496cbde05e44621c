// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { foreignWords } from '../core/foreign-words.ts';
import type { Credentials } from '../core/seams/processes.ts';
import type { GuestOutcome } from '../guest/run-to-end.ts';

/** What assets/shares/look.sh says of a guest. */
export interface GuestLook {
  /** The one that was asked about, in its kernel. */
  readonly hasFileSystem: boolean;
  /** The guest's default user. */
  readonly user: Credentials;
  readonly isMounted: boolean;
}

/** @throws HelperError mount.lost where the guest was gone, mount.failed where it did not say what it was asked */
export function readLook(outcome: GuestOutcome | undefined): GuestLook {
  if (!outcome) throw new HelperError('mount.lost');
  const number = (word: string): number | undefined => {
    const digits = new RegExp(`^${word} (\\d+)$`, 'm').exec(outcome.stdout)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const [uid, gid, mounted] = [number('uid'), number('gid'), number('mounted')];
  if (uid === undefined || gid === undefined || mounted === undefined)
    throw new HelperError('mount.failed', {
      reason: foreignWords(outcome.stderr.trim().split('\n').at(-1) ?? '') || sentence('mount.guest-did-not-answer'),
    });
  return { hasFileSystem: /^has$/m.test(outcome.stdout), user: { uid, gid }, isMounted: mounted > 0 };
}
