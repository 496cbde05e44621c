// SPDX-License-Identifier: MIT
import type { SettingChanges, SetParams } from '#contract/instance-settings.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireMemory } from '../machine/require-memory.ts';
import { changedSettings, recordOf, type SettingsRecord } from './changed-settings.ts';
import { growDisk } from './grow-disk.ts';

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
 * @throws HelperError as a launch does for sizes; instance.stop-needed, instance.disk-too-small
 */
export async function set(
  services: InstanceServices,
  actor: Actor,
  { name, ...asked }: SetParams,
  signal: AbortSignal,
): Promise<SetOutcome> {
  const { registry, operations } = services;
  const instance = registry.require(name, actor, 'changeSettings');
  const changes = changedSettings(instance.record, asked);
  if (changes.memoryBytes !== undefined) await requireMemory(changes.memoryBytes);
  if (changes.isProtected === true) requireStaying(instance, operations.current(name)?.kind);
  if (changes.diskBytes === undefined) await note(services, instance, recordOf(changes));
  else await growDisk(services, actor, { instance, changes, bytes: changes.diskBytes }, signal);
  return { instance, changes };
}

/** One that is on its way out cannot be promised to stay. */
function requireStaying({ name, record }: Instance, underWay: string | undefined): void {
  const isGoing =
    underWay === 'delete' || underWay === 'purge' || (underWay === 'launch' && record.launchedAt === undefined);
  if (isGoing) throw new HelperError('operation.conflict', { name, kind: underWay });
}

async function note({ registry }: InstanceServices, instance: Instance, changes: SettingsRecord): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await registry.update(instance, () => changes);
  if (registry.find(instance.name) !== instance) throw new HelperError('instance.not-found', { name: instance.name });
}
