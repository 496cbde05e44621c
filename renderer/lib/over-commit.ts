// SPDX-License-Identifier: MIT
import type { InstanceSummary, LaunchParams } from '#contract/instances.ts';
import type { SystemInfo } from '#contract/system.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';

export interface Advice {
  readonly text: string;
  readonly isWarning: boolean;
}

/** What to say beside CPUs, memory and disk: what the computer has, or that it is more than that. */
export function adviceFor(
  launch: Pick<Partial<LaunchParams>, 'cpus' | 'memoryBytes' | 'diskBytes'>,
  system: SystemInfo | undefined,
  instances: readonly InstanceSummary[],
): Readonly<Partial<Record<'cpus' | 'memory' | 'disk', Advice>>> {
  if (system === undefined) return {};
  const active = instances.filter((instance) =>
    ['running', 'starting', 'creating', 'restarting'].includes(instance.state),
  );
  const promised = active.reduce((sum, instance) => sum + (instance.memoryBytes ?? 0), 0) + (launch.memoryBytes ?? 0);
  const isOver = {
    cpus: (launch.cpus ?? 0) > system.hostCpus,
    memory: promised > system.hostMemoryBytes,
    disk: (launch.diskBytes ?? 0) > system.freeDiskBytes,
  };
  const memory = formatBytes(system.hostMemoryBytes);
  const free = formatBytes(system.freeDiskBytes);
  return {
    cpus: {
      isWarning: isOver.cpus,
      text: isOver.cpus
        ? say('launch.over-cpus', { count: system.hostCpus })
        : say('launch.host-cpus', { count: system.hostCpus }),
    },
    memory: {
      isWarning: isOver.memory,
      text: isOver.memory ? say('launch.over-memory', { free: memory }) : say('launch.host-memory', { text: memory }),
    },
    disk: {
      isWarning: isOver.disk,
      text: isOver.disk ? say('launch.over-disk', { text: free }) : say('launch.free-disk', { text: free }),
    },
  };
}
