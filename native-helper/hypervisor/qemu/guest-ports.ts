// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { GuestPort } from '../../core/ports.ts';
import { listenForPeer, type PeerListener } from '../../process/listen-for-peer.ts';
import { deviceNames, plug, unplug, type MachineControl } from './hot-plug.ts';

const controllerName = 'ports';
/** On the root bus. Kept from version to version, as the addresses of the other devices are. */
const controllerAddress = '0x8';
/** As many as one controller has; the first is for a console and stays empty. */
const mostPorts = 31;
const connectLimitMs = 10_000;
const closeLimitMs = 15_000;

/** The machine's process besides. */
interface PortControl extends MachineControl {
  readonly pid: number;
}

/** QEMU's arguments for what ports are plugged into. Without a port it costs the guest nothing measurable. */
export function portArguments(): string[] {
  return ['-device', JSON.stringify({ driver: 'virtio-serial-pci', id: controllerName, max_ports: mostPorts, bus: 'pcie.0', addr: controllerAddress })];
}

/**
 * Plugs a port into a machine that runs, in place of one of that name. The machine itself connects to the socket; whoever else
 * does is turned away, by the kernel's word on who it is.
 *
 * @throws HelperError hypervisor.control-failed, also where the machine was started without ports
 */
export async function openPort(control: PortControl, { name, socket }: { readonly name: string; readonly socket: string }, signal: AbortSignal): Promise<GuestPort> {
  const device = `port-${name}`;
  const known = await deviceNames(control.qmp, signal);
  if (!known.includes(controllerName)) throw noPort('the machine was started without ports; it has them from its next start on');
  if (known.includes(device)) await unplug(control, device, signal);

  const stream = await connect(control, { name, device, socket }, signal);
  const closedInGuest = Promise.withResolvers<void>();
  const stopListening = control.onEvent((event) => {
    if (event.kind === 'port-changed' && event.device === device && !event.isOpen) closedInGuest.resolve();
  });
  stream.once('close', () => closedInGuest.resolve());
  stream.on('error', () => undefined); // 'close' follows
  return {
    name, stream,
    closedInGuest: closedInGuest.promise,
    close: async () => {
      stopListening();
      stream.destroy();
      await unplug(control, device, AbortSignal.timeout(closeLimitMs)).catch(() => undefined); // a machine that is gone has none
    },
  };
}

async function connect(control: PortControl, { name, device, socket }: { readonly name: string; readonly device: string; readonly socket: string }, signal: AbortSignal): Promise<Socket> {
  const listener = await listen(socket, control.pid);
  try {
    await plug(control.qmp, { driver: 'virtserialport', id: device, bus: `${controllerName}.0`, name }, socket, signal);
    return await withinLimit(listener.connected, signal);
  } finally {
    await listener.close();
  }
}

async function listen(path: string, pid: number): Promise<PeerListener> {
  try {
    return await listenForPeer(path, pid);
  } catch (error) {
    throw noPort(messageOf(error), error);
  }
}

async function withinLimit(connected: Promise<Socket>, signal: AbortSignal): Promise<Socket> {
  const late = Promise.withResolvers<never>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(connectLimitMs)]);
  const abort = (): void => late.reject(noPort('the machine did not connect to it'));
  limit.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([connected, late.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    limit.removeEventListener('abort', abort);
  }
}

function noPort(reason: string, cause?: unknown): HelperError {
  return new HelperError('hypervisor.control-failed', { command: 'device_add', reason }, { cause });
}
