// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { GuestPort } from '../../core/seams/hypervisor.ts';
import { withDeadline } from '../../core/with-deadline.ts';
import { listenForPeer, type PeerListener } from '../../process/listen-for-peer.ts';
import { deviceNames, plug, socketOwners, takeOut, type MachineControl } from './hot-plug.ts';

const controllerName = 'ports';
/** On the root bus. Kept from version to version, as the addresses of the other devices are. */
const controllerAddress = '0x8';
/** As many as one controller has; the first is for a console and stays empty. */
const mostPorts = 31;
const connectLimitMs = 10_000;

/** The machine's process besides. */
interface PortControl extends MachineControl {
  readonly pid: number;
}

/** QEMU's arguments for what ports are plugged into. Without a port it costs the guest nothing measurable. */
export function portArguments(): string[] {
  return ['-device', JSON.stringify({ driver: 'virtio-serial-pci', id: controllerName, max_ports: mostPorts, bus: 'pcie.0', addr: controllerAddress })];
}

/**
 * Plugs a port into a machine that runs, in place of those that were opened by that name. The machine itself connects to the
 * socket; whoever else does is turned away, by the kernel's word on who it is.
 *
 * @throws HelperError hypervisor.control-failed, also where the machine was started without ports
 */
export async function openPort(control: PortControl, { name: prefix, socket }: { readonly name: string; readonly socket: string }, signal: AbortSignal): Promise<GuestPort> {
  if (!(await deviceNames(control.qmp, signal)).includes(controllerName)) throw noPort('the machine was started without ports; it has them from its next start on');
  await closePorts(control, prefix, signal);

  // A name of its own: QEMU tells of a port at most once a second, so what became of the one before may be told when this one
  // is there already, and a slow guest may have both for a moment.
  const name = `${prefix}-${randomBytes(3).toString('hex')}`;
  const device = deviceOf(name);
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
      await takeOut(control, device);
    },
  };
}

/** Takes out of the machine what was opened by that name, whole or in part, and by whichever helper. */
export async function closePorts(control: MachineControl, name: string, signal: AbortSignal): Promise<void> {
  const [devices, sockets] = await Promise.all([deviceNames(control.qmp, signal), socketOwners(control.qmp, signal)]);
  const left = new Set([...devices, ...sockets].filter((each) => each.startsWith(deviceOf(`${name}-`))));
  await Promise.all([...left].map((device) => takeOut(control, device)));
}

async function connect(control: PortControl, { name, device, socket }: { readonly name: string; readonly device: string; readonly socket: string }, signal: AbortSignal): Promise<Socket> {
  const listener = await listen(socket, control.pid);
  try {
    await plug(control, { driver: 'virtserialport', id: device, bus: `${controllerName}.0`, name }, socket, signal);
    return await withDeadline(listener.connected, { limitMs: connectLimitMs, signal, late: () => noPort('the machine did not connect to it') }).catch(async (error: unknown) => {
      await takeOut(control, device);
      throw error;
    });
  } catch (error) {
    void listener.connected.then((late) => late.destroy(), () => undefined); // nobody may have come
    throw error;
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

function noPort(reason: string, cause?: unknown): HelperError {
  return new HelperError('hypervisor.control-failed', { command: 'device_add', reason }, { cause });
}

function deviceOf(port: string): string {
  return `port-${port}`;
}
