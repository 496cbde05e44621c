// SPDX-License-Identifier: MIT
import { setParams, type SettingChanges } from '#contract/instance-settings.ts';
import type { InstanceState } from '#contract/instances.ts';
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError, toHelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { growOverlay, overlayBytes, type Overlay } from '../../images/vault/overlay-size.ts';
import type { JournalEntry } from '../../operations/journal-document.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { noteInterruption } from '../reconcile/note-interruption.ts';
import { recordOf } from './changed-settings.ts';

const growLimitMs = 120_000;

interface Growth {
  readonly instance: Instance;
  /** All that is changed with it. */
  readonly changes: SettingChanges;
  readonly bytes: number;
}

/**
 * Makes the disk of a stopped instance larger and then notes all changes, as an operation, so that nothing is started
 * on it meanwhile. Its intent is in the journal before the disk is touched ({@link finishSet}).
 *
 * @throws HelperError instance.stop-needed, instance.disk-too-small, operation.conflict
 */
export async function growDisk(
  services: InstanceServices,
  actor: Actor,
  { instance, changes, bytes }: Growth,
  signal: AbortSignal,
): Promise<void> {
  const { operations, registry } = services;
  const { name, record } = instance;
  if (bytes < record.diskBytes) throw tooSmall(name, record.diskBytes, bytes);
  requireStopped(instance);
  let failure: HelperError | undefined;
  const { operationId } = await operations.start(
    { kind: 'set', target: name, actor, journal: { id: record.id, changes } },
    async (ctx) => {
      try {
        requireStopped(instance); // what ran before it had its turn may have started it
        ctx.pointOfNoReturn();
        ctx.report({ step: 'disk' });
        await growTo(services, instance, bytes);
        await registry.update(instance, () => recordOf(changes));
      } catch (error) {
        throw (failure = toHelperError(error));
      }
    },
  );
  await operations.wait(operationId, actor, signal);
  if (failure) throw failure;
}

/**
 * One whose disk had grown when the helper ended has all of its changes; else none, and that is noted. Where the record
 * tells the size, they were noted: what was set since is not undone.
 */
export async function finishSet(services: InstanceServices, instance: Instance, { data }: JournalEntry): Promise<void> {
  const changes = setParams.safeParse({ ...changesIn(data, instance.record.id), name: instance.name }).data;
  const bytes = changes?.diskBytes;
  if (bytes !== undefined && instance.record.diskBytes >= bytes) return;
  if (bytes === undefined || (await overlayBytes(overlayOf(services, instance))) < bytes)
    return await noteInterruption(services, instance);
  const { name: _, ...rest } = changes!;
  await services.registry.update(instance, () => recordOf(rest));
}

async function growTo(services: InstanceServices, instance: Instance, bytes: number): Promise<void> {
  const overlay = overlayOf(services, instance);
  const now = await overlayBytes(overlay);
  if (now > bytes) throw tooSmall(instance.name, now, bytes);
  if (now < bytes) await growOverlay(overlay, bytes, services, AbortSignal.timeout(growLimitMs));
}

function overlayOf({ files }: InstanceServices, { name, record }: Instance): Overlay {
  return { path: files.instance(name).disk, owner: record.runAs };
}

function requireStopped(instance: Instance): void {
  const state = instance.state(undefined);
  if (state === 'stopped') return;
  throw new HelperError('instance.stop-needed', {
    name: instance.name,
    state: sentence(`state.${state}`),
    setting: sentence('setting.name.diskBytes'),
    wayOut: wayToStop(instance.name, state),
  });
}

function wayToStop(name: string, state: InstanceState): Sentence {
  if (state === 'deleted') return sentence('setting.recover-first', { name });
  return state === 'suspended'
    ? sentence('setting.stop-suspended-first', { name })
    : sentence('setting.stop-first', { name });
}

function tooSmall(name: string, now: number, asked: number): HelperError {
  return new HelperError('instance.disk-too-small', { name, size: formatBytes(now), asked: formatBytes(asked) });
}

/** By now the name may be another instance's. */
function changesIn(data: unknown, id: string): object | undefined {
  const isOurs = typeof data === 'object' && data !== null && 'id' in data && data.id === id;
  return isOurs && 'changes' in data && typeof data.changes === 'object' && data.changes !== null
    ? data.changes
    : undefined;
}
