// SPDX-License-Identifier: MIT
import type { MachineEvent } from '../../core/ports.ts';
import type { QmpClient } from '../qmp/client.ts';

/** A guest that takes part lets go within a second; one that does not is not waited for without end. */
const releaseLimitMs = 10_000;

/** How a machine that runs is spoken to. */
export interface MachineControl {
  readonly qmp: QmpClient;
  readonly onEvent: (listener: (event: MachineEvent) => void) => () => void;
}

/** The names of the devices that were given one, those that were plugged in among them. */
export async function deviceNames(qmp: QmpClient, signal: AbortSignal): Promise<readonly string[]> {
  return (await qmp.execute('qom-list', signal, { path: '/machine/peripheral' })).map(({ name }) => name);
}

/**
 * Plugs in a device that speaks through a socket, which somebody listens on.
 * @throws HelperError hypervisor.control-failed
 */
export async function plug(qmp: QmpClient, device: { readonly driver: string; readonly id: string } & Readonly<Record<string, string>>, socket: string, signal: AbortSignal): Promise<void> {
  const chardev = socketOf(device.id);
  await qmp.execute('chardev-add', signal, { id: chardev, backend: { type: 'socket', data: { addr: { type: 'unix', data: { path: socket } }, server: false } } });
  try {
    await qmp.execute('device_add', signal, { ...device, chardev });
  } catch (error) {
    await qmp.execute('chardev-remove', AbortSignal.timeout(releaseLimitMs), { id: chardev }).catch(() => undefined); // the failure before says it all
    throw error;
  }
}

/** Takes a device out, with its socket, and resolves when the guest has let go of it; with false where it did not. */
export async function unplug({ qmp, onEvent }: MachineControl, device: string, signal: AbortSignal): Promise<boolean> {
  const gone = Promise.withResolvers<boolean>();
  const stop = onEvent((event) => { if (event.kind === 'device-deleted' && event.device === device) gone.resolve(true); });
  const timer = setTimeout(() => gone.resolve(false), releaseLimitMs);
  try {
    await qmp.execute('device_del', signal, { id: device });
    const isGone = await gone.promise;
    if (isGone) await qmp.execute('chardev-remove', signal, { id: socketOf(device) });
    return isGone;
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** The character device that a device speaks through. */
function socketOf(device: string): string {
  return `${device}-socket`;
}
