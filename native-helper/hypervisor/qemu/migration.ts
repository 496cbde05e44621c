// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { HelperError } from '../../core/errors.ts';
import type { QmpClient } from '../qmp/client.ts';
import type { MachineControl } from './hot-plug.ts';

/** What QEMU keeps the descriptor under until it is used. */
const descriptorName = 'memory';
/** A disk's own speed is the limit: QEMU's is meant for networks (qapi/migration.json, max-bandwidth). */
const bytesPerSecond = 2 ** 40;
/** MigrationStatus of qapi/migration.json: nothing more comes after these. */
const ended: readonly string[] = ['none', 'completed', 'failed', 'cancelled'];
const cancelLimitMs = 10_000;
const gapMs = 10;

/**
 * Writes memory and devices of a machine that is held to an open file. The caller's descriptor stays the caller's.
 * Where it fails or is given up, nothing is written any more.
 *
 * @throws HelperError hypervisor.control-failed
 */
export async function saveMemory(control: MachineControl, descriptor: number, signal: AbortSignal): Promise<void> {
  try {
    await migrate(control, 'migrate', descriptor, signal);
    await finalized(control.qmp, signal);
  } catch (error) {
    // QEMU may be gone, and one that does not end it does not go on either, which is told then
    await cancelSave(control.qmp, AbortSignal.timeout(cancelLimitMs)).catch(() => undefined);
    throw error;
  }
}

/** Loads what was saved into a machine that was started to wait for it (`-incoming defer`); it is held afterwards. */
export async function loadMemory(control: MachineControl, descriptor: number, signal: AbortSignal): Promise<void> {
  await migrate(control, 'migrate-incoming', descriptor, signal);
}

/** Resolves when nothing is being saved. */
export async function cancelSave(qmp: QmpClient, signal: AbortSignal): Promise<void> {
  await qmp.execute('closefd', signal, { fdname: descriptorName }).catch(() => undefined); // it was used
  await qmp.execute('migrate_cancel', signal);
  // the event of its end may have come before anybody listened
  while (!ended.includes((await qmp.execute('query-migrate', signal)).status ?? 'none'))
    await delay(gapMs, undefined, { signal });
  await finalized(qmp, signal);
}

/** The event of the end comes a moment before QEMU has put everything away, and no other comes then. */
async function finalized(qmp: QmpClient, signal: AbortSignal): Promise<void> {
  while ((await qmp.execute('query-status', signal)).status === 'finish-migrate')
    await delay(gapMs, undefined, { signal });
}

async function migrate(
  { qmp, onEvent }: MachineControl,
  command: 'migrate' | 'migrate-incoming',
  descriptor: number,
  signal: AbortSignal,
): Promise<void> {
  // the disks of a machine that is loaded are left alone until its guest goes on
  const capabilities = ['events', ...(command === 'migrate' ? [] : ['late-block-activate'])];
  await qmp.execute('migrate-set-capabilities', signal, {
    capabilities: capabilities.map((capability) => ({ capability, state: true })),
  });
  await qmp.execute('migrate-set-parameters', signal, { 'max-bandwidth': bytesPerSecond });
  await qmp.giveDescriptor(descriptorName, descriptor, signal);
  const end = Promise.withResolvers<string>();
  const stop = onEvent((event) => {
    if (event.kind === 'migration' && ended.includes(event.status)) end.resolve(event.status);
  });
  const abort = (): void => end.reject(signal.reason as Error);
  end.promise.catch(() => undefined); // the command may fail first
  signal.addEventListener('abort', abort, { once: true });
  void qmp.closed.then(() => end.resolve('gone'));
  try {
    await qmp.execute(command, signal, { uri: `fd:${descriptorName}` });
    const status = await end.promise;
    if (status !== 'completed') throw failed(command, (await whyNot(qmp, signal)) ?? status);
  } finally {
    stop();
    signal.removeEventListener('abort', abort);
  }
}

/** QEMU's own words, where it still has any. */
async function whyNot(qmp: QmpClient, signal: AbortSignal): Promise<string | undefined> {
  return await qmp.execute('query-migrate', signal).then(
    (answer) => answer['error-desc'],
    () => undefined,
  );
}

function failed(command: string, reason: string): HelperError {
  return new HelperError('hypervisor.control-failed', { command, reason });
}
