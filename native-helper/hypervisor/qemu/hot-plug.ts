// SPDX-License-Identifier: MIT
import type { MachineEvent } from '../../core/seams/hypervisor.ts';
import type { QmpClient } from '../qmp/client.ts';

/** A guest that takes part lets go within a second; one that does not is not waited for without end. */
const releaseLimitMs = 10_000;
const socketSuffix = '-socket';

/** How a machine that runs is spoken to. */
export interface MachineControl {
  readonly qmp: QmpClient;
  readonly onEvent: (listener: (event: MachineEvent) => void) => () => void;
}

/** The names of the devices that were given one, those that were plugged in among them. */
export async function deviceNames(qmp: QmpClient, signal: AbortSignal): Promise<readonly string[]> {
  return await namesIn(qmp, '/machine/peripheral', signal);
}

/** The names of devices of which there is the socket, be the device itself there or not. */
export async function socketOwners(qmp: QmpClient, signal: AbortSignal): Promise<readonly string[]> {
  return (await namesIn(qmp, '/chardevs', signal))
    .filter((name) => name.endsWith(socketSuffix))
    .map((name) => name.slice(0, -socketSuffix.length));
}

type Device = { readonly driver: string; readonly id: string } & Readonly<Record<string, string>>;

/**
 * Plugs in a device that speaks through a connection, of which the machine gets a descriptor: no name is opened by it
 * or for it. The caller's own stays the caller's. Where it fails or is given up nothing of it stays.
 * @throws HelperError hypervisor.control-failed
 */
export async function plug(
  control: MachineControl,
  device: Device,
  connection: number,
  signal: AbortSignal,
): Promise<void> {
  const { qmp } = control;
  const chardev = socketOf(device.id);
  // A helper that died between the two commands, or a machine that let go late, left it.
  if ((await socketOwners(qmp, signal)).includes(device.id))
    await qmp.execute('chardev-remove', signal, { id: chardev });
  try {
    await qmp.giveDescriptor(chardev, connection, signal);
    const addr = { type: 'fd', data: { str: chardev } };
    await qmp.execute('chardev-add', signal, {
      id: chardev,
      backend: { type: 'socket', data: { addr, server: false } },
    });
    await qmp.execute('device_add', signal, { ...device, chardev });
  } catch (error) {
    // it was used
    await qmp.execute('closefd', AbortSignal.timeout(releaseLimitMs), { fdname: chardev }).catch(() => undefined);
    await takeOut(control, device.id); // an answer that nobody waited for may have been a yes
    throw error;
  }
}

/** Whether somebody is at the other end of the socket that the device speaks through. */
export async function isServed(qmp: QmpClient, device: string, signal: AbortSignal): Promise<boolean> {
  const chardev = (await qmp.execute('query-chardev', signal)).find(({ label }) => label === socketOf(device));
  return chardev !== undefined && !chardev.filename.startsWith('disconnected:'); // char-socket.c of QEMU
}

/**
 * Takes a device out, with its socket, and resolves when the guest has let go of it; with false where it did not, or
 * when the signal is aborted meanwhile.
 */
export async function unplug({ qmp, onEvent }: MachineControl, device: string, signal: AbortSignal): Promise<boolean> {
  const gone = Promise.withResolvers<boolean>();
  const stop = onEvent((event) => {
    if (event.kind === 'device-deleted' && event.device === device) gone.resolve(true);
  });
  const giveUp = (): void => gone.resolve(false);
  const timer = setTimeout(giveUp, releaseLimitMs);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await qmp.execute('device_del', signal, { id: device });
    const isGone = await gone.promise;
    if (isGone) await qmp.execute('chardev-remove', signal, { id: socketOf(device) });
    return isGone;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    stop();
  }
}

/**
 * Takes out whatever there is of a device. Never fails: the machine may be gone. One that hangs follows when it goes
 * on, and keeps the socket at most, which stands in nobody's way.
 */
export async function takeOut(control: MachineControl, device: string): Promise<void> {
  const signal = AbortSignal.timeout(releaseLimitMs);
  await unplug(control, device, signal).catch(() => undefined); // it was not there
  // it went with the device
  await control.qmp.execute('chardev-remove', signal, { id: socketOf(device) }).catch(() => undefined);
}

async function namesIn(qmp: QmpClient, path: string, signal: AbortSignal): Promise<readonly string[]> {
  return (await qmp.execute('qom-list', signal, { path })).map(({ name }) => name);
}

/** The character device that a device speaks through. */
function socketOf(device: string): string {
  return device + socketSuffix;
}
