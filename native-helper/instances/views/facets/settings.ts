// SPDX-License-Identifier: MIT
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';

/** Its sizes, and what its owner said of it. A machine that runs, or goes on, has what it was started with. */
export const settingsFacet: Facet<Instance> = {
  name: 'settings',
  summary: ({ record, boot }) => {
    const { description, tags, isProtected, diskBytes } = record;
    const { cpus, memoryBytes } = boot?.spec ?? record.suspended?.spec ?? record;
    const atNextStart = {
      ...(record.cpus !== cpus && { cpus: record.cpus }),
      ...(record.memoryBytes !== memoryBytes && { memoryBytes: record.memoryBytes }),
    };
    return {
      cpus,
      memoryBytes,
      diskBytes,
      atNextStart: Object.keys(atNextStart).length === 0 ? undefined : atNextStart,
      description,
      tags: tags && [...tags],
      isProtected,
    };
  },
};
