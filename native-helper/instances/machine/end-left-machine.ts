// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { isAlive } from '../../process/proc-fs.ts';
import { InstanceFiles } from '../../store/files.ts';
import { instanceRecord } from '../../store/instance-record.ts';
import type { InstanceRemains } from '../../store/instance-remains.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * Ends the machine of an instance that is removed for good: one with a broken record may have one that nobody controls.
 * Resolves when it is gone.
 *
 * @throws HelperError hypervisor.still-runs, storage.failed, record.damaged: nothing of it may be removed then
 */
export async function endLeftMachine(
  { files, hypervisor }: Pick<InstanceServices, 'files' | 'hypervisor'>,
  { id, machine }: Pick<InstanceRemains, 'id' | 'machine'>,
): Promise<void> {
  if (machine) await hypervisor.end(machine.spec, machine.process);
  // a later version's machine tells this one nothing but, by the id, where it is
  if (id !== undefined) await hypervisor.end({ runDirectory: files.machine(id).directory }, undefined);
}

/**
 * The remains with the id where the record tells none and a machine runs: that which has the disk in that directory
 * open, and which no other instance has the id of.
 */
export async function withIdOfMachine(
  { files, hypervisor, registry }: Pick<InstanceServices, 'files' | 'hypervisor' | 'registry'>,
  remains: InstanceRemains,
  directory: string,
): Promise<InstanceRemains> {
  if (remains.id !== undefined) return remains;
  const known = [
    ...registry.all().map(({ record }) => record.id),
    ...[...registry.broken().values()].map((each) => each.remains.id),
  ];
  const { disk } = new InstanceFiles(directory);
  for (const name of await readdir(files.machines).catch(() => [])) {
    const id = instanceRecord.shape.id.safeParse(name).data; // others are no machines
    if (id === undefined || known.includes(id)) continue;
    const ref = await hypervisor.find({ runDirectory: files.machine(id).directory }).catch(() => undefined); // nor this
    if (ref && (await isAlive(ref)) && (await hypervisor.hasOpen(ref, disk))) return { ...remains, id };
  }
  return remains;
}
