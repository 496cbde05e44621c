// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import type { Boot } from '../boot/boot.ts';
import { askGuest, type AskServices } from '../instance/ask-guest.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

const limitMs = 30_000;

/**
 * The machine's own clock has gone on; a guest without one, or with one that is far off, is told the time. Its `$1` was
 * true when this was asked for, so a clock that is a little ahead of it is right.
 */
const script = `hwclock -s -u 2> /dev/null
ahead=$(($(date -u +%s) - $1))
[ "$ahead" -ge -1 ] && [ "$ahead" -le 30 ] || date -u -s "@$1" > /dev/null`;

/**
 * Sets the guest's clock, which stood while the machine did, where its SSH answers. Never fails: a guest may have
 * programs of its own for that.
 */
export async function setClock(
  services: AskServices & Pick<InstanceServices, 'log'>,
  instance: Instance,
  boot: Boot,
  signal: AbortSignal,
): Promise<void> {
  if (!boot.timeline.isDone('sshd')) return;
  try {
    const now = String(Math.floor(Date.now() / 1000));
    const command = ['sudo', '-n', 'sh', '-c', script, 'berth-clock', now];
    const { exitCode, stderr } = await askGuest(services, instance, command, { signal, limitMs });
    if (exitCode !== 0) throw new Error(stderr);
  } catch (error) {
    services.log.warn({ instance: instance.name, reason: messageOf(error) }, "a guest's clock could not be set");
  }
}
