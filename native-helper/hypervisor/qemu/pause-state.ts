// SPDX-License-Identifier: MIT
import type { PauseReason } from '#contract/pause.ts';
import type { MachineEvent, MachinePause } from '../../core/seams/hypervisor.ts';
import type { QmpClient } from '../qmp/client.ts';

/** The states in which QEMU holds a guest that ran (qapi/run-state.json, RunState). */
const heldStates: readonly string[] = [
  'io-error',
  'paused',
  'internal-error',
  'watchdog',
  'guest-panicked',
  'finish-migrate',
  'postmigrate',
  'inmigrate',
];

/**
 * Whether QEMU holds the guest, by its events: BLOCK_IO_ERROR with the action `stop` comes before the STOP that it
 * leads to.
 */
export class PauseState {
  #current: MachinePause | undefined;
  #failed: PauseReason | undefined;
  #changes = 0;

  get current(): MachinePause | undefined {
    return this.#current;
  }

  /** Rises with each stop and resume: what was asked for before one is no answer after it. */
  get changes(): number {
    return this.#changes;
  }

  see(event: MachineEvent): void {
    if (event.kind === 'disk-failed' && event.isPausing) this.#failed = event.isFull ? 'no-space' : 'disk-failed';
    if (event.kind !== 'stop' && event.kind !== 'resume') return;
    this.#changes += 1;
    this.#current = event.kind === 'stop' ? { reason: this.#failed ?? 'other', at: event.at } : undefined;
    if (event.kind === 'resume') this.#failed = undefined;
  }

  /** What QEMU said of itself when it was asked. */
  found(reason: PauseReason | undefined): void {
    if (reason !== this.#current?.reason) this.#current = reason && { reason, at: new Date() };
  }
}

/**
 * Why QEMU holds the guest now; undefined where it does not, or does not say. A new machine is held until its start
 * lets it go.
 */
export async function pauseNow(
  client: QmpClient,
  isNew: boolean,
  signal: AbortSignal,
): Promise<PauseReason | undefined> {
  const status = await client.execute('query-status', signal).then(
    (answer) => answer.status,
    () => undefined,
  );
  signal.throwIfAborted();
  if (status === 'prelaunch') return isNew ? undefined : 'other'; // the helper that started it was gone before it did
  if (status === undefined || !heldStates.includes(status)) return undefined;
  if (status !== 'io-error') return 'other';
  const disks = await client.execute('query-block', signal).catch(() => []);
  signal.throwIfAborted();
  return disks.some((disk) => disk['io-status'] === 'nospace') ? 'no-space' : 'disk-failed';
}
