// SPDX-License-Identifier: MIT
import type { ToldSecuritySettings } from '#contract/security.ts';
import type { MachineHardware, MachineSecurity, MachineSpec, PciPlace } from '../../core/seams/machine-spec.ts';
import { placesFor } from '../../hypervisor/pci-places.ts';
import { strictSettings } from './security-settings.ts';

/** Of what was decided on an instance: what its machine may do and touch. */
export function machineSecurity(settings: ToldSecuritySettings): MachineSecurity {
  const { usesHugepages: _, usesVhostNet: __, vfioGroups: ___, blockDevices: ____, ...security } = settings;
  return security;
}

/** Of the same: the host's hardware that its machine has, each at its place. */
export function machineHardware(
  { usesHugepages, usesVhostNet, vfioGroups, blockDevices }: ToldSecuritySettings,
  placeOf: (device: string) => PciPlace,
): MachineHardware {
  return {
    usesHugepages,
    usesVhostNet,
    vfioGroups: vfioGroups.map((group) => ({ group, place: placeOf(groupName(group)) })),
    hostDisks: blockDevices.map(({ path, isReadOnly }) => ({ path, isReadOnly, place: placeOf(hostDiskName(path)) })),
  };
}

/** What each device of a machine with these settings is called where places are remembered. */
export function placedDevices({ vfioGroups, blockDevices }: ToldSecuritySettings): readonly string[] {
  return ['disk', 'seed', 'nic0', ...blockDevices.map(({ path }) => hostDiskName(path)), ...vfioGroups.map(groupName)];
}

/** @throws HelperError hardware.unavailable where there are more devices than slots */
export function requirePlaces(settings: ToldSecuritySettings): void {
  placesFor(placedDevices(settings));
}

/** The devices among a machine's hardware, by the same names. */
export function namedHardware({ vfioGroups, hostDisks }: MachineHardware): readonly {
  readonly device: string;
  readonly place?: PciPlace | undefined;
}[] {
  return [
    ...hostDisks.map(({ path, place }) => ({ device: hostDiskName(path), place })),
    ...vfioGroups.map(({ group, place }) => ({ device: groupName(group), place })),
  ];
}

/** What was decided, as far as a machine has it. */
export function settingsOf({ security, hardware }: MachineSpec): ToldSecuritySettings {
  return {
    ...(security ?? strictSettings),
    usesHugepages: hardware.usesHugepages,
    usesVhostNet: hardware.usesVhostNet,
    vfioGroups: hardware.vfioGroups.map(({ group }) => group),
    blockDevices: hardware.hostDisks.map(({ path, isReadOnly }) => ({ path, isReadOnly })),
  };
}

function hostDiskName(path: string): string {
  return `host-disk:${path}`;
}

function groupName(group: number): string {
  return `vfio:${group}`;
}
