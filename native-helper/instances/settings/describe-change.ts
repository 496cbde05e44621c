// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { instanceSettingNames, takesOf, type DiskGrowth, type SettingsChanged } from '#contract/instance-settings.ts';
import { formatBytes } from '#contract/units.ts';
import { inEnglish, sentence } from '#messages/say.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { hostMemory } from '../machine/require-memory.ts';
import type { SetOutcome } from './set.ts';

/** What is told of changed settings: the instance as it is, and what each of them takes. */
export async function describeChange(
  services: InstanceServices,
  viewer: Actor,
  { instance, changes }: SetOutcome,
): Promise<SettingsChanged> {
  const told = services.facets.summary(instance, viewer);
  const warning = changes.memoryBytes === undefined ? undefined : await overCommitment(services, instance);
  return {
    instance: told,
    changed: instanceSettingNames
      .filter((setting) => changes[setting] !== undefined)
      .map((setting) => ({ setting, takes: takesOf(setting, told.state) })),
    ...(changes.diskBytes !== undefined && { diskGrowth: growthOf(instance) }),
    ...(warning !== undefined && { warnings: [warning] }),
  };
}

/** Cloud images grow themselves; ours does so at its first boot alone, and nobody knows what was imported. */
function growthOf({ record: { image } }: Instance): DiskGrowth {
  if (image.os === 'tiny') return 'by-hand';
  return image.os === 'linux' ? 'not-known' : 'by-itself';
}

/** All that the machines that run were promised, and what this one is promised now, against what there is. */
async function overCommitment({ registry }: InstanceServices, instance: Instance): Promise<string | undefined> {
  const { memoryBytes: host } = hostMemory(await readFile('/proc/meminfo', 'utf8'));
  const { memoryBytes } = instance.record;
  const others = registry.all().filter((each) => each !== instance && each.boot !== undefined);
  const promised = others.reduce((sum, { boot }) => sum + (boot?.spec.memoryBytes ?? 0), memoryBytes);
  if (promised <= host) return undefined;
  const values = { memory: formatBytes(memoryBytes), host: formatBytes(host) };
  return inEnglish(
    memoryBytes > host
      ? sentence('setting.more-than-host', values)
      : sentence('setting.over-committed', { ...values, promised: formatBytes(promised) }),
  );
}
