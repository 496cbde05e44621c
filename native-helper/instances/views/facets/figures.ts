// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import type { Facet } from '../../../core/seams/instances.ts';
import { readStatus } from '../../../process/proc-fs.ts';
import type { Instance } from '../../instance/instance.ts';
import type { InstanceServices } from '../../instance/services.ts';

/** What the instance takes of this computer at the moment. */
export function figuresFacet({ files }: Pick<InstanceServices, 'files'>): Facet<Instance> {
  return {
    name: 'figures',
    look: async ({ name, boot }) => {
      const [diskUsedBytes, memoryResidentBytes] = await Promise.all([
        stat(files.instance(name).disk).then(
          ({ blocks }) => blocks * 512,
          () => undefined,
        ), // still being made
        boot && residentBytes(boot.machine.process.pid),
      ]);
      return { diskUsedBytes, memoryResidentBytes };
    },
  };
}

async function residentBytes(pid: number): Promise<number | undefined> {
  const kibibytes = /^(\d+) kB$/.exec((await readStatus(pid))?.get('VmRSS') ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
