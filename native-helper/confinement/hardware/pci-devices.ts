// SPDX-License-Identifier: MIT
import { readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';

export interface PciDevice {
  /** `0000:01:00.0` */
  readonly address: string;
  /** Its directory in sysfs, of which QEMU reads what the device is. */
  readonly directory: string;
}

/** One as a member of its IOMMU group. */
export interface GroupDevice extends PciDevice {
  readonly group: number;
}

/**
 * The PCI devices of an IOMMU group (Documentation/driver-api/vfio.rst). They go to a machine together or not at
 * all, and each must be the vfio-pci driver's: taking a device from its driver is the administrator's to do.
 *
 * @throws HelperError hardware.unavailable
 */
export async function pciDevicesOf(group: number, sysfs = '/sys'): Promise<PciDevice[]> {
  const links = path.join(sysfs, 'kernel/iommu_groups', String(group), 'devices');
  const addresses = await readdir(links).catch(() => undefined);
  if (!addresses || addresses.length === 0) throw unavailable(group, sentence('security.no-iommu-group'));
  return await Promise.all(
    addresses.toSorted().map(async (address) => {
      const directory = await realpath(path.join(links, address));
      const driver = await readlink(path.join(directory, 'driver')).then(
        (target) => path.basename(target),
        () => sentence('security.no-driver-bound'),
      );
      if (driver !== 'vfio-pci') throw unavailable(group, sentence('security.not-vfio-pci', { address, driver }));
      return { address, directory };
    }),
  );
}

function unavailable(group: number, reason: Reason): HelperError {
  return new HelperError('hardware.unavailable', { what: sentence('security.vfio-group', { group }), reason });
}
