// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { brokenHint, brokenReason } from '../instance/broken-reason.ts';
import type { InstanceServices } from '../instance/services.ts';

/** Every instance by name, the broken ones with the reason: an instance is never left out. */
export function listInstances(
  { registry, facets }: Pick<InstanceServices, 'registry' | 'facets'>,
  viewer: Actor,
): InstanceSummary[] {
  const whole = registry.all().map((instance) => facets.summary(instance, viewer));
  const broken = [...registry.broken()].map(([name, record]): InstanceSummary => {
    const ownerUid = record.remains.owner?.uid ?? 0;
    return {
      name,
      state: 'broken',
      ownerUid,
      isOwn: viewer.uid === 0 || viewer.uid === ownerUid,
      brokenReason: brokenReason(record),
      brokenHint: brokenHint(name, record),
    };
  });
  return [...whole, ...broken].sort((a, b) => (a.name < b.name ? -1 : 1));
}
