// SPDX-License-Identifier: MIT
import type { InstanceRemains } from '../store/instance-remains.ts';
import type { Registry } from './registry.ts';

/**
 * What of an instance's remains is its own. A directory that was copied has the record of another instance, whose are
 * the user, the address, the machine and the files it was given: of such a one there are only its directory, its owner
 * and the image that its disk stands on.
 */
export function ownRemains(registry: Registry, remains: InstanceRemains): InstanceRemains {
  const { id, name, recordedName, owner, image } = remains;
  const others = registry.all().filter((each) => each.name !== name);
  const isCopy =
    others.some(({ record }) => record.id === id) ||
    (recordedName !== undefined && recordedName !== name && registry.isTaken(recordedName));
  return isCopy ? { id, name, recordedName, owner, image, security: undefined, machine: undefined } : remains;
}
