// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import type { InstanceName } from '#contract/names.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { EventView } from '../../events/event-view.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { changesBetween, isSame } from './changes-between.ts';

const root: Actor = { uid: 0, gid: 0, pid: 0 };
const stranger: Actor = { uid: -1, gid: -1, pid: 0 };

/** What was told of an instance, to its owner and to others. */
interface Told {
  readonly owner: InstanceSummary;
  readonly others: InstanceSummary;
}

/**
 * Turns every change of an instance into an event. The values are taken when the change happens, for
 * the owner and for others apart, because events are replayed later.
 *
 * Returns what a snapshot calls before it looks: it announces what differs from what was told last. Who has a snapshot
 * with something in it that never was told would keep that when it is over, as no difference to what was told names it.
 */
export function announceInstances(
  { registry, facets, operations }: Pick<InstanceServices, 'registry' | 'facets' | 'operations'>,
  publish: (view: EventView) => void,
): () => void {
  const told = new WeakMap<Instance, Told>();
  registry.on('changed', (instance) => announce(instance));
  registry.on('removed', ({ name }) => publish(() => ({ topic: 'instance.removed', name })));
  registry.on('forgotten', (name) => publish(() => ({ topic: 'instance.removed', name })));
  registry.on('phases', (instance, boot, records) => {
    const phases = [...records];
    publish((viewer) =>
      instance.isOwnedBy(viewer) ? { topic: 'instance.phases', name: instance.name, boot, phases } : undefined,
    );
  });
  operations.onChange(({ target }) => {
    const instance = registry.find(target as InstanceName);
    if (instance) announce(instance);
  });
  return () => {
    for (const instance of registry.all()) if (isOutdated(instance)) announce(instance);
  };

  /** Of what was never told, the first that is told is all. The owner sees all that others see. */
  function isOutdated(instance: Instance): boolean {
    const before = told.get(instance);
    if (!before) return false;
    return !isSame(before.owner, facets.summary(instance, root));
  }

  function announce(instance: Instance): void {
    const before = told.get(instance);
    const now: Told = { owner: facets.summary(instance, root), others: facets.summary(instance, stranger) };
    told.set(instance, now);
    const forOwner = changesBetween(before?.owner, now.owner);
    const forOthers = changesBetween(before?.others, now.others);
    publish((viewer, { isChangesOnly }) => {
      const isOwner = instance.isOwnedBy(viewer);
      if (isChangesOnly) return (isOwner ? forOwner : forOthers).changed;
      return { topic: 'instance.changed', instance: isOwner ? now.owner : now.others };
    });
    const { figures } = forOwner;
    if (figures)
      publish((viewer, { isChangesOnly }) => (isChangesOnly && instance.isOwnedBy(viewer) ? figures : undefined));
  }
}
