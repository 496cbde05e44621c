// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import type { Boot } from '../boot/boot.ts';
import { paused } from './paused.ts';
import { hasRoom } from './room-watch.ts';

/**
 * What the host could not write or read is tried again at once: where it fails again, the machine stands within this
 * time.
 */
const standsAgainMs = 1000;

/**
 * Lets a paused machine go on where it was.
 *
 * @throws HelperError instance.paused where there is no room yet, or it stands again at once; hypervisor.control-failed
 */
export async function goOn(boot: Boot, signal: AbortSignal): Promise<void> {
  const { machine, spec, heldSince } = boot;
  const { pause } = machine;
  if (pause?.reason === 'no-space' && !(await hasRoom(spec))) throw paused(spec.instance, pause);
  const stands = new AbortController();
  const stopListening = machine.onEvent(({ kind }) => {
    if (kind === 'stop') stands.abort();
  });
  try {
    await machine.resume(signal);
    if (heldSince && pause?.reason === 'other') return;
    await sleep(standsAgainMs, undefined, { signal: AbortSignal.any([signal, stands.signal]) }).catch(() => undefined);
    signal.throwIfAborted();
    if (machine.pause) throw paused(spec.instance, machine.pause);
  } finally {
    stopListening();
  }
}
