// SPDX-License-Identifier: MIT
import type { PciPlace } from '../../core/seams/machine-spec.ts';
import { rootBus } from '../pci-places.ts';

/** Where a device goes, as its options say it; nothing for one that QEMU finds a place for. */
export function pciAddress(place: PciPlace | undefined, pciFunction?: number): Readonly<Record<string, string>> {
  if (!place) return {};
  const slot = `0x${place.slot.toString(16)}`;
  return { bus: place.bus, addr: pciFunction === undefined ? slot : `${slot}.0x${pciFunction.toString(16)}` };
}

/** Of a slot of the root bus, and of one function of what is in it. */
export function rootAddress(slot: number, pciFunction?: number): Readonly<Record<string, string>> {
  return pciAddress({ bus: rootBus, slot }, pciFunction);
}
