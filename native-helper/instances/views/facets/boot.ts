// SPDX-License-Identifier: MIT
import type { InstancePause } from '#contract/pause.ts';
import type { MachinePause } from '../../../core/seams/hypervisor.ts';
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';
import { pauseOf } from '../../machine/paused.ts';

/** The machine that runs, and the boots there were. */
export const bootFacet: Facet<Instance> = {
  name: 'boot',
  summary: ({ boot }) => ({
    addresses: boot?.lease ? [boot.lease.address] : [],
    accelerator: boot?.spec.accelerator,
    startedAt: boot?.startedAt.toISOString(),
    pause: told(boot && pauseOf(boot)),
  }),
  details: ({ record, boot }) => ({
    pid: boot?.machine.process.pid,
    boots: record.boots.map((entry) =>
      entry.number === boot?.number ? { ...entry, phases: [...boot.timeline.records] } : entry,
    ),
  }),
};

function told(pause: MachinePause | undefined): InstancePause | undefined {
  return pause && { reason: pause.reason, at: pause.at.toISOString() };
}
