// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { EventView } from '../../events/event-view.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

const root: Actor = { uid: 0, gid: 0, pid: 0 };
const stranger: Actor = { uid: -1, gid: -1, pid: 0 };

/**
 * Turns every change of an instance into an event. The values are taken when the change happens, for
 * the owner and for others apart, because events are replayed later.
 */
export function announceInstances(
  { registry, facets, operations }: Pick<InstanceServices, 'registry' | 'facets' | 'operations'>,
  publish: (view: EventView) => void,
): void {
  registry.on('changed', (instance) => announce(instance));
  registry.on('removed', ({ name }) => publish(() => ({ topic: 'instance.removed', name })));
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

  function announce(instance: Instance): void {
    const forOwner = facets.summary(instance, root);
    const forOthers = facets.summary(instance, stranger);
    publish((viewer) => ({ topic: 'instance.changed', instance: instance.isOwnedBy(viewer) ? forOwner : forOthers }));
  }
}
