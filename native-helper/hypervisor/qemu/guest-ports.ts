// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import type { GuestPort } from '../../core/seams/hypervisor.ts';
import { socketPair } from '../../process/socket-pair.ts';
import { keptSlots } from '../pci-places.ts';
import { deviceNames, plug, socketOwners, takeOut, type MachineControl } from './hot-plug.ts';
import { rootAddress } from './pci-address.ts';

const controllerName = 'ports';
/** As many as one controller has; the first is for a console and stays empty. */
const mostPorts = 31;
/** What the name of an opened port ends with: a name of another form in QEMU's answer is none of ours. */
const attempt = /-[0-9a-f]{1,6}$/;

/** QEMU's arguments for what ports are plugged into. Without a port it costs the guest nothing measurable. */
export function portArguments(): string[] {
  return [
    '-device',
    JSON.stringify({
      driver: 'virtio-serial-pci',
      id: controllerName,
      max_ports: mostPorts,
      ...rootAddress(keptSlots.serialPorts),
    }),
  ];
}

/**
 * Plugs a port into a machine that runs, in place of those that were opened by that name. The machine is given one end
 * of a pair of sockets: nobody else can have it.
 *
 * @throws HelperError hypervisor.control-failed, also where the machine was started without ports
 */
export async function openPort(control: MachineControl, prefix: string, signal: AbortSignal): Promise<GuestPort> {
  if (!(await deviceNames(control.qmp, signal)).includes(controllerName))
    throw noPort(sentence('hypervisor.started-without-ports'));
  await closePorts(control, prefix, signal);

  // A name of its own: QEMU tells of a port at most once a second, so what became of the one before may be told when
  // this one is there already, and a slow guest may have both for a moment.
  const name = `${prefix}-${randomBytes(3).toString('hex')}`;
  const device = deviceOf(name);
  const stream = await connect(control, { name, device }, signal);
  const closedInGuest = Promise.withResolvers<void>();
  const stopListening = control.onEvent((event) => {
    if (event.kind === 'port-changed' && event.device === device && !event.isOpen) closedInGuest.resolve();
  });
  stream.once('close', () => closedInGuest.resolve());
  stream.on('error', () => undefined); // 'close' follows
  return {
    name,
    stream,
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
  const isOurs = (each: string): boolean => each.startsWith(deviceOf(`${name}-`)) && attempt.test(each);
  const left = [...new Set([...devices, ...sockets].filter(isOurs))].slice(0, mostPorts);
  await Promise.all(left.map((device) => takeOut(control, device)));
}

async function connect(
  control: MachineControl,
  { name, device }: { readonly name: string; readonly device: string },
  signal: AbortSignal,
): Promise<Socket> {
  const [ours, theirs] = socketPair();
  const stream = new Socket({ fd: ours });
  try {
    await plug(control, { driver: 'virtserialport', id: device, bus: `${controllerName}.0`, name }, theirs, signal);
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    closeSync(theirs);
  }
}

function noPort(reason: Reason): HelperError {
  return new HelperError('hypervisor.control-failed', { command: 'device_add', reason });
}

function deviceOf(port: string): string {
  return `port-${port}`;
}
