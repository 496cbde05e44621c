// SPDX-License-Identifier: MIT
import { remove } from '../../instances/verbs/delete.ts';
import { launch } from '../../instances/verbs/launch.ts';
import { describeInstance } from '../../instances/views/describe-instance.ts';
import { listInstances } from '../../instances/views/list.ts';
import { purge } from '../../instances/verbs/purge.ts';
import { recover } from '../../instances/verbs/recover.ts';
import { restart } from '../../instances/verbs/restart.ts';
import type { InstanceServices } from '../../instances/instance/services.ts';
import { start } from '../../instances/verbs/start.ts';
import { stop } from '../../instances/verbs/stop.ts';
import { suggestName } from '../../instances/instance/suggest-name.ts';
import type { Handlers } from '../handlers.ts';
import { inPages } from '../../core/page-of.ts';

type InstanceMethods = Exclude<
  Extract<keyof Handlers, `instances.${string}`>,
  `instances.${string}security` | 'instances.grant' | 'instances.revoke'
>;

export function instanceHandlers(services: InstanceServices): Pick<Handlers, InstanceMethods> {
  const { registry } = services;
  return {
    'instances.list': async (page, { actor }) => inPages(listInstances(services, actor), ({ name }) => name, page),
    'instances.info': async ({ name }, { actor, signal }) =>
      await describeInstance(services, registry.require(name, actor, 'look into'), actor, signal),
    'instances.suggest-name': async () => ({ name: suggestName((name) => registry.isTaken(name)) }),
    'instances.launch': async (params, { actor, signal }) => await launch(services, actor, params, signal),
    'instances.start': async (params, { actor }) => await start(services, actor, params),
    'instances.stop': async (params, { actor }) => await stop(services, actor, params),
    'instances.restart': async (params, { actor }) => await restart(services, actor, params),
    'instances.delete': async ({ name }, { actor }) => await remove(services, actor, name),
    'instances.recover': async ({ name }, { actor }) => await recover(services, actor, name),
    'instances.purge': async ({ name }, { actor }) => await purge(services, actor, name),
  };
}
