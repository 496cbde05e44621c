// SPDX-License-Identifier: MIT
import type { Fingerprint } from '#contract/names.ts';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';

const dayMs = 24 * 60 * 60_000;

/** Has expired images removed now and once a day, until the signal. */
export function expireDaily(
  expire: () => Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }>,
  log: Logger,
  signal: AbortSignal,
): void {
  const look = async (): Promise<void> => {
    try {
      const { removed, freedBytes } = await expire();
      if (removed.length > 0) log.info({ removed, freedBytes }, 'images that nothing used for long were removed');
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'expired images could not be removed; tomorrow again');
    }
  };
  void look();
  const timer = setInterval(() => void look(), dayMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
