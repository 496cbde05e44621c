// SPDX-License-Identifier: MIT
import { lstat } from 'node:fs/promises';
import { architecture } from '#contract/images.ts';
import { profileName } from '../../confinement/profile.ts';
import { messageOf } from '../../core/errors.ts';
import type { MachinePlace } from '../../core/seams/hypervisor.ts';
import { qemuProgram } from '../../hypervisor/machine-types.ts';
import { tapNameFor } from '../../network/tap-name.ts';
import type { InstanceRemains } from '../../store/instance-remains.ts';
import { closeAllGrants } from '../security/grants.ts';
import type { InstanceServices } from '../instance/services.ts';

export type ReleaseServices = Pick<
  InstanceServices,
  'files' | 'hostSecurity' | 'runner' | 'network' | 'hypervisor' | 'log'
>;

/**
 * Gives back all that was made for an instance outside its directory: access to users' files, the administrator's
 * profile, its address, its tap, what was around its machine. By whoever removes it: a purge, an undo, the start
 * after a crash, an uninstallation. What is gone already is no fault, so it can be repeated; that is to be done
 * where it answers false.
 */
export async function release(services: ReleaseServices, remains: InstanceRemains): Promise<boolean> {
  const { hostSecurity, network, hypervisor, log } = services;
  const { id, name, image, mac } = remains;
  const place = await placeOf(services, remains);
  const parts: readonly Promise<unknown>[] = [
    closeAllGrants(services, remains),
    ...(image === undefined ? [] : [hostSecurity.forget(profileName(name, qemuProgram(image.architecture)))]),
    ...(mac === undefined ? [] : [network.forget(mac)]),
    ...(id === undefined ? [] : [network.detach(tapNameFor(id))]),
    ...(place === undefined ? [] : [hypervisor.cleanUp(place)]),
  ];
  const faults = (await Promise.allSettled(parts)).filter((part) => part.status === 'rejected');
  for (const { reason } of faults)
    log.warn(
      { instance: name, reason: messageOf(reason) },
      'not all that was made for a removed instance could be given back; the next start tries again',
    );
  return faults.length === 0;
}

/** A machine of a record that cannot be used is known by its id alone, which every version calls its directory by. */
async function placeOf({ files }: ReleaseServices, remains: InstanceRemains): Promise<MachinePlace | undefined> {
  const { id, name, recordedName, image, machine } = remains;
  if (machine) return machine.spec;
  if (id === undefined) return undefined;
  const runDirectory = files.machine(id).directory;
  const isThere = await lstat(runDirectory).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const known = architecture.safeParse(image?.architecture).data;
  return { id, instance: recordedName ?? name, architecture: known, runDirectory };
}
