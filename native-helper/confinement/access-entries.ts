// SPDX-License-Identifier: MIT
import type { AccessEntry } from '#contract/security.ts';
import type { MachineAccess } from './machine-access.ts';
import { baseDevices } from './private-dev.ts';

/** The access of a machine for people: one entry each thing, from the value its confinement is made of. */
export function accessEntries(access: MachineAccess): AccessEntry[] {
  return [
    ...access.files.map(({ path, mode, purpose }) => ({ purpose, what: path, mode })),
    { purpose: 'program', what: access.program.path, mode: 'r' },
    { purpose: 'control', what: access.sockets.qmp, mode: 'rw' },
    { purpose: 'serial', what: access.sockets.serial, mode: 'rw' },
    ...[access.consoleLog, access.log].map((file): AccessEntry => ({ purpose: 'log', what: file, mode: 'rw' })),
    ...(access.memory ? [{ purpose: 'memory', what: access.memory.savePath, mode: 'rw' } as const] : []),
    ...baseDevices.map((name): AccessEntry => ({ purpose: 'device', what: `/dev/${name}`, mode: 'rw' })),
    ...access.devices.map(({ name, mode, purpose }): AccessEntry => ({ purpose, what: `/dev/${name}`, mode })),
    ...access.pciDevices.map(({ directory }): AccessEntry => ({ purpose: 'passthrough', what: directory, mode: 'r' })),
    ...(access.hugepages === undefined ? [] : [{ purpose: 'hugepages', what: access.hugepages, mode: 'rw' } as const]),
    ...access.taps.map((tap): AccessEntry => ({ purpose: 'network', what: tap, mode: 'rw' })),
  ];
}
