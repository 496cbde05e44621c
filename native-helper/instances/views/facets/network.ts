// SPDX-License-Identifier: MIT
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';
import type { InstanceServices } from '../../instance/services.ts';
import { examineInstanceNetworks } from '../examine-networks.ts';

/** What stands between a machine and its network. */
export function networkFacet(services: Pick<InstanceServices, 'network' | 'operations'>): Facet<Instance> {
  return {
    name: 'network',
    look: async (instance, signal) => {
      if (!instance.boot) return {};
      const seen = await examineInstanceNetworks(services, [instance], signal);
      return { networkFaults: [...(seen.get(instance.name) ?? [])] };
    },
  };
}
