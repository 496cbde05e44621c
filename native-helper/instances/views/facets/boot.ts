// SPDX-License-Identifier: MIT
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';

/** The machine that runs, and the boots there were. */
export const bootFacet: Facet<Instance> = {
  name: 'boot',
  summary: ({ boot }) => ({
    addresses: boot?.lease ? [boot.lease.address] : [],
    accelerator: boot?.spec.accelerator,
    startedAt: boot?.startedAt.toISOString(),
    pause: boot?.machine.pause && { reason: boot.machine.pause.reason, at: boot.machine.pause.at.toISOString() },
  }),
  details: ({ record, boot }) => ({
    pid: boot?.machine.process.pid,
    boots: record.boots.map((entry) =>
      entry.number === boot?.number ? { ...entry, phases: [...boot.timeline.records] } : entry,
    ),
  }),
};
