// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { NameParams } from '#contract/verb-params.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { JournalEntry } from '../../operations/journal-document.ts';
import type { BrokenRecord } from '../../store/stored-instance.ts';
import type { Instance } from '../instance/instance.ts';
import { noteInterruption } from '../reconcile/note-interruption.ts';
import { ownRemains } from '../instance/own-remains.ts';
import { endLeftMachine, withIdOfMachine } from '../machine/end-left-machine.ts';
import { requireStillUnprotected, requireUnprotected } from '../settings/protection.ts';
import { release } from './release.ts';
import { removeInstance } from './remove-instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireLegal } from '../instance/state.ts';

/**
 * Removes a deleted instance for good, with its disk and its consoles; one with a broken record without being deleted
 * first.
 */
export async function purge(
  services: InstanceServices,
  actor: Actor,
  { name }: NameParams,
): Promise<OperationAccepted> {
  const broken = services.registry.broken().get(name);
  if (broken) return await purgeBroken(services, actor, broken);
  const instance = services.registry.require(name, actor, 'purge');
  if (!services.operations.current(name)) requireLegal('purge', name, instance.state(undefined));
  requireUnprotected('purge', instance);
  return await services.operations.start(
    { kind: 'purge', target: name, actor, journal: { id: instance.record.id } },
    async (ctx) => {
      await requireStillUnprotected(services, 'purge', instance);
      ctx.pointOfNoReturn();
      await removeInstance(services, instance);
    },
  );
}

/**
 * By its owner; by root alone where nothing tells who that is. Its machine may run, with nobody to stop it: it ends
 * first, and where it does not, everything stays as it is.
 */
async function purgeBroken(services: InstanceServices, actor: Actor, broken: BrokenRecord): Promise<OperationAccepted> {
  const { files, registry, store } = services;
  const { name, owner } = broken.remains;
  if (actor.uid !== 0 && actor.uid !== owner?.uid)
    throw new HelperError('auth.denied', {
      uid: actor.uid,
      action: sentence('action.purge-unknown-owner', { name }),
    });
  return await services.operations.start({ kind: 'purge', target: name, actor }, async (ctx) => {
    ctx.pointOfNoReturn();
    const remains = await withIdOfMachine(services, broken.remains, files.instance(name).directory);
    const own = ownRemains(registry, remains);
    await endLeftMachine(services, own);
    const directory = await registry.removeBroken(name);
    if (await release(services, own)) await store.empty(directory);
  });
}

/** A purge that had begun is finished; by now the name may be another instance's, which is left alone. */
export async function finishPurge(
  services: InstanceServices,
  instance: Instance,
  { data }: JournalEntry,
): Promise<void> {
  const isSame = typeof data === 'object' && data !== null && 'id' in data && data.id === instance.record.id;
  if (isSame && instance.record.deletedAt !== undefined) await removeInstance(services, instance);
  else await noteInterruption(services, instance);
}
