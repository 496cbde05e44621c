// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import { pciAddress } from './pci-address.ts';

/** As many as one slot holds (PCI Local Bus Specification). */
const mostFunctions = 8;

/** A PCI device of the host, `0000:01:00.0`, and the IOMMU group that it is in. */
export interface PassedDevice {
  readonly group: number;
  readonly address: string;
}

/**
 * The devices of each group, in the order of their addresses on the host, are the functions of the slot that the group
 * has: they are there again at the next start, whatever other groups come or go.
 * @throws HelperError hardware.unavailable where a group has more devices than a slot has functions
 */
export function passthroughArguments({ hardware }: MachineSpec, devices: readonly PassedDevice[]): string[] {
  return hardware.vfioGroups.flatMap(({ group, place }) => {
    const own = devices.filter((device) => device.group === group);
    if (own.length > mostFunctions)
      throw new HelperError('hardware.unavailable', {
        what: sentence('hypervisor.vfio-group', { group }),
        reason: sentence('hypervisor.too-many-functions', { count: own.length, most: mostFunctions }),
      });
    const isAlone = own.length === 1;
    return own.flatMap(({ address }, index) => [
      '-device',
      JSON.stringify({
        driver: 'vfio-pci',
        host: address,
        ...pciAddress(place, isAlone ? undefined : index),
        ...(place && !isAlone && index === 0 ? { multifunction: true } : {}),
      }),
    ]);
  });
}
