// SPDX-License-Identifier: MIT
import type { InstanceRemains } from '../../store/instance-remains.ts';
import type { Registry } from './registry.ts';

/**
 * What of an instance's remains is its own. A directory that was copied has the record of another instance, whose are
 * the user, the address, the machine and the files it was given: of such a one there are only its directory, its owner
 * and the image that its disk stands on. Of several broken ones with one id the last that goes takes all with it.
 */
export function ownRemains(
  registry: Pick<Registry, 'all' | 'broken' | 'isTaken'>,
  remains: InstanceRemains,
): InstanceRemains {
  const { id, name, recordedName, owner, image } = remains;
  const others = [
    ...registry.all().map(({ record }) => record),
    ...[...registry.broken()].map(([directory, each]) => ({ id: each.remains.id, name: directory })),
  ].filter((each) => each.name !== name);
  const isCopy =
    (id !== undefined && others.some((each) => each.id === id)) ||
    (recordedName !== undefined && recordedName !== name && registry.isTaken(recordedName));
  return isCopy ? { name, recordedName, owner, image, security: undefined, machine: undefined } : remains;
}
