// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { PluggedShare } from '../../core/seams/hypervisor.ts';
import type { QmpClient } from '../qmp/client.ts';
import { keptSlots } from '../pci-places.ts';
import { deviceNames, isServed, plug, unplug, type MachineControl } from './hot-plug.ts';
import { rootAddress } from './pci-address.ts';

/** A slot is named by its number, a device by its share and its slot. */
const deviceName = /^share-([0-9a-f]{8})-(\d)$/;

/** Ports into which file systems are plugged while the machine runs; free ones cost the guest nothing measurable. */
export const mostSlots = 8;

/** QEMU's arguments for the ports. One that has no file system in it is an empty PCI Express slot. */
export function slotArguments(count: number): string[] {
  return Array.from({ length: count }, (_, slot) =>
    JSON.stringify({
      driver: 'pcie-root-port',
      id: `slot${slot}`,
      ...rootAddress(keptSlots.sharePorts, slot),
      chassis: slot + 1,
      ...(slot === 0 ? { multifunction: true } : {}),
    }),
  ).flatMap((device) => ['-device', device]);
}

/**
 * Plugs the file system that is served on the connection (docs/system/devices/vhost-user, QEMU) into a free slot, and
 * closes the helper's own end of it. Returns the tag that the guest mounts it by: that of a dead one, which a guest
 * cannot let go of, must not be met again.
 * @throws HelperError hypervisor.control-failed, also where no slot is free
 */
export async function plugShare(
  control: MachineControl,
  slots: number,
  { id, tag: prefix, connection }: PluggedShare,
  signal: AbortSignal,
): Promise<string> {
  using own = connection;
  const used = new Set((await devices(control.qmp, signal)).map(({ slot }) => slot));
  const slot = Array.from({ length: slots }, (_, number) => number).find((number) => !used.has(number));
  if (slot === undefined)
    throw new HelperError('hypervisor.control-failed', {
      command: 'device_add',
      reason: slots === 0 ? sentence('hypervisor.no-share-slots') : sentence('hypervisor.share-slots-taken', { slots }),
    });
  const device = `share-${id}-${slot}`;
  const tag = `${prefix}.${slot}`;
  await plug(control, { driver: 'vhost-user-fs-pci', id: device, tag, bus: `slot${slot}` }, own.fd, signal);
  return tag;
}

/**
 * Takes a file system out and resolves when the guest has let go of it; false where it did not: its slot is taken until
 * the machine's end. Nothing is done where none is plugged. One whose server is gone is left where it is: Linux waits
 * for the answers that it owes (virtio_fs_drain_queue), and while it does, no other file system of its kind comes or
 * goes.
 */
export async function unplugShare(control: MachineControl, id: string, signal: AbortSignal): Promise<boolean> {
  const plugged = (await devices(control.qmp, signal)).filter((device) => device.share === id).slice(0, mostSlots);
  const outcomes = await Promise.all(
    plugged.map(
      async ({ name }) => (await isServed(control.qmp, name, signal)) && (await unplug(control, name, signal)),
    ),
  );
  return outcomes.every(Boolean);
}

async function devices(
  qmp: QmpClient,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly share: string; readonly slot: number }[]> {
  return (await deviceNames(qmp, signal)).flatMap((name) => {
    const [, share, slot] = deviceName.exec(name) ?? [];
    return share === undefined ? [] : [{ name, share, slot: Number(slot) }];
  });
}
