// SPDX-License-Identifier: MIT
import type { MachineNic, MachineSpec } from '../../core/seams/machine-spec.ts';
import { bootIndex } from './boot-index.ts';
import { tapDescriptor } from './descriptors.ts';
import { optionString } from './option-string.ts';
import { pciAddress } from './pci-address.ts';

/** Each NIC with its back end: the tap that its number says comes as a descriptor. */
export function networkArguments(spec: MachineSpec): string[] {
  return spec.nics.flatMap((nic, index) => [
    '-netdev',
    optionString('tap', {
      id: netdevOf(nic),
      fd: tapDescriptor(index),
      ...(spec.hardware.usesVhostNet ? { vhost: 'on', vhostforce: 'on' } : {}),
    }),
    // no boot ROM where nothing boots from it: reading it and offering PXE costs time at every start
    '-device',
    JSON.stringify({
      driver: 'virtio-net-pci',
      id: nic.id,
      netdev: netdevOf(nic),
      mac: nic.mac,
      ...(spec.bootOrder.includes(nic.id) ? bootIndex(spec, nic.id) : { romfile: '' }),
      ...pciAddress(nic.place),
    }),
  ]);
}

function netdevOf({ id }: MachineNic): string {
  return id.replace(/^nic/, 'net');
}
