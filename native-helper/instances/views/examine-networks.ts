// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * What is wrong now with the network of each of `instances` that runs. One that something is being done with is left
 * out: on its way up it has no lease yet, on its way down none any more.
 */
export async function examineInstanceNetworks(
  { network, operations }: Pick<InstanceServices, 'network' | 'operations'>,
  instances: readonly Instance[],
  signal: AbortSignal,
): Promise<ReadonlyMap<InstanceName, readonly NetworkFault[]>> {
  const isSettled = ({ name, boot }: Instance): boolean =>
    boot !== undefined && !boot.isEndExpected && operations.current(name) === undefined;
  const seen = await network.examinePorts(
    instances.filter(isSettled).map(({ name }) => name),
    signal,
  );
  // also at the end: it may have begun to stop meanwhile
  const settled = new Set(instances.filter(isSettled).map(({ name }) => name));
  return new Map([...seen].filter(([name]) => settled.has(name)));
}
