// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import type { PciPlace } from '../core/seams/machine-spec.ts';

/** The bus that every machine begins with: the root of q35 and of virt. */
export const rootBus = 'pcie.0';

/**
 * Slots of the root bus that are kept for one thing each, also where a machine does not have it. They never change: a
 * guest knows a device by its place, and records of each version name them.
 */
export const keptSlots = {
  disk: 1,
  seed: 2,
  nic0: 3,
  rng: 4,
  balloon: 5,
  panic: 6,
  /** Ports for file systems: eight functions of one device. */
  sharePorts: 7,
  /** What ports of virtio-serial are plugged into. */
  serialPorts: 8,
} as const;
/** 0 is the host bridge, 31 q35's bridge to what is older. */
const [firstFree, lastFree] = [9, 30];

/** A device by its name in the record, and where it is. */
export interface DevicePlace extends PciPlace {
  readonly device: string;
}

/**
 * A place for each device: what has a slot of its own gets that, what was somewhere before is there again, and who is
 * new gets the lowest slot that nobody has or had. A place that two remember is the first one's.
 * @throws HelperError hardware.unavailable where there are more devices than slots
 */
export function placesFor(devices: readonly string[], remembered: readonly DevicePlace[] = []): readonly DevicePlace[] {
  const taken = new Set<string>();
  const take = (place: PciPlace): boolean => taken.size < taken.add(keyOf(place)).size;
  const known = new Map<string, PciPlace>();
  for (const device of devices) {
    const place = keptPlace(device);
    if (place && take(place)) known.set(device, place);
  }
  for (const { device, bus, slot } of remembered)
    if (devices.includes(device) && !known.has(device) && isUsable({ bus, slot }) && take({ bus, slot }))
      known.set(device, { bus, slot });
  return devices.map((device) => ({ device, ...(known.get(device) ?? freePlace(device, take)) }));
}

function keptPlace(device: string): PciPlace | undefined {
  return device === 'disk' || device === 'seed' || device === 'nic0'
    ? { bus: rootBus, slot: keptSlots[device] }
    : undefined;
}

/** Of the buses of a later version's machines, which that may have remembered, this version's have none. */
function isUsable({ bus, slot }: PciPlace): boolean {
  return bus === rootBus && slot >= firstFree && slot <= lastFree;
}

function freePlace(device: string, take: (place: PciPlace) => boolean): PciPlace {
  for (let slot = firstFree; slot <= lastFree; slot += 1) {
    const place = { bus: rootBus, slot };
    if (take(place)) return place;
  }
  throw new HelperError('hardware.unavailable', {
    what: sentence('hypervisor.device', { device }),
    reason: sentence('hypervisor.no-slots-left', { count: lastFree - firstFree + 1 }),
  });
}

function keyOf({ bus, slot }: PciPlace): string {
  return `${bus} ${slot}`;
}
