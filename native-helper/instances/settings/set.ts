// SPDX-License-Identifier: MIT
import type { SettingChanges, SetParams } from '#contract/instance-settings.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireMemory } from '../machine/require-memory.ts';
import { changedSettings, recordOf, type SettingsRecord } from './changed-settings.ts';
import { growDisk } from './grow-disk.ts';
import { requireStaying } from './protection.ts';

/** What came of it. */
export interface SetOutcome {
  readonly instance: Instance;
  /** What is another value than before. */
  readonly changes: SettingChanges;
}

/**
 * Changes settings of an instance, durably: all that are named, or none. `signal` ends the waiting, not a disk that
 * grows.
 *
 * @throws HelperError as a launch does for sizes; instance.stop-needed, instance.disk-too-small,
 *   operation.conflict
 */
export async function set(
  services: InstanceServices,
  actor: Actor,
  { name, ...asked }: SetParams,
  signal: AbortSignal,
): Promise<SetOutcome> {
  const instance = services.registry.require(name, actor, 'changeSettings');
  const changes = changedSettings(instance.record, asked);
  if (changes.memoryBytes !== undefined) await requireMemory(changes.memoryBytes);
  if (changes.diskBytes === undefined) await note(services, instance, recordOf(changes));
  else await growDisk(services, actor, { instance, changes, bytes: changes.diskBytes }, signal);
  return { instance, changes };
}

/**
 * Looks at what is under way when nothing can be written before it: a disk that grows notes all that was asked for with
 * it at its end, and would undo this.
 */
async function note(
  { registry, operations }: InstanceServices,
  instance: Instance,
  changes: SettingsRecord,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  const { name } = instance;
  await registry.update(instance, () => {
    const underWay = operations.current(name)?.kind;
    if (underWay === 'set') throw new HelperError('operation.conflict', { name, kind: underWay });
    if (changes.isProtected === true) requireStaying(instance, underWay);
    return changes;
  });
  if (registry.find(name) !== instance) throw new HelperError('instance.not-found', { name });
}
