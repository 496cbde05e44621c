// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * Takes away what was around a machine that is over. What cannot be taken away, such as a cgroup that the kernel holds
 * a while longer, goes into the ledger: it keeps nobody from anything.
 */
export async function giveBackMachine(
  { hypervisor, ledger, log }: Pick<InstanceServices, 'hypervisor' | 'ledger' | 'log'>,
  spec: MachineSpec,
): Promise<void> {
  try {
    await hypervisor.cleanUp(spec);
  } catch (error) {
    log.warn(
      { instance: spec.instance, reason: messageOf(error) },
      'not all of a machine could be removed; the next start tries again',
    );
    await ledger
      .note({ schema: 2, kind: 'machine', spec })
      .catch((fault: unknown) =>
        log.error(
          { instance: spec.instance, reason: messageOf(fault) },
          'what is left of a machine could not be noted',
        ),
      );
  }
}
