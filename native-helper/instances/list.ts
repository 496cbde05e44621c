// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import type { Actor } from '../core/seams/operation.ts';
import type { InstanceServices } from './services.ts';

/** Every instance by name, the broken ones with the reason: an instance is never left out. */
export function listInstances({ registry, operations }: Pick<InstanceServices, 'registry' | 'operations'>, viewer: Actor): InstanceSummary[] {
  const whole = registry.all().map((instance) => instance.summary(viewer, operations.current(instance.name)));
  const broken = [...registry.broken()].map(([name, brokenReason]): InstanceSummary => ({ name, state: 'broken', ownerUid: 0, isOwn: viewer.uid === 0, brokenReason }));
  return [...whole, ...broken].sort((a, b) => (a.name < b.name ? -1 : 1));
}
