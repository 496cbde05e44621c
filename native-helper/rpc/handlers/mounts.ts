// SPDX-License-Identifier: MIT
import type { Instance } from '../../instances/instance/instance.ts';
import type { Registry } from '../../instances/instance/registry.ts';
import type { Mounts } from '../../shares/mounts.ts';
import type { Handlers } from '../handlers.ts';

type MountMethods = Extract<keyof Handlers, `mounts.${string}`>;

export function mountHandlers(registry: Registry, mounts: Mounts<Instance>): Pick<Handlers, MountMethods> {
  return {
    'mounts.add': async (params, { actor, signal }) =>
      await mounts.add(registry.require(params.name, actor, 'mountFolders'), params, actor, signal),
    'mounts.remove': async ({ name, target }, { actor, signal }) =>
      await mounts.remove(registry.require(name, actor, 'unmountFolders'), target, signal),
    'mounts.reconnect': async ({ name, target }, { actor, signal }) =>
      await mounts.reconnect(registry.require(name, actor, 'mountFolders'), target, signal),
    'mounts.list': async ({ name }, { actor }) => mounts.list(registry.require(name, actor, 'seeMounts')),
  };
}
