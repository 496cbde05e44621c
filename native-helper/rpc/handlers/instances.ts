// SPDX-License-Identifier: MIT
import { instanceVerbs, type InstanceVerb } from '#contract/verbs.ts';
import { launch } from '../../instances/verbs/launch.ts';
import { listInstances } from '../../instances/views/list.ts';
import type { InstanceServices } from '../../instances/instance/services.ts';
import { verbWork } from '../../instances/verbs/table.ts';
import { describeChange } from '../../instances/settings/describe-change.ts';
import { set } from '../../instances/settings/set.ts';
import { suggestName } from '../../instances/instance/suggest-name.ts';
import type { Handler, Handlers } from '../handlers.ts';
import { inPages } from '../../core/page-of.ts';

type InstanceMethods = Exclude<
  Extract<keyof Handlers, `instances.${string}`>,
  `instances.${string}security` | 'instances.grant' | 'instances.revoke'
>;

export function instanceHandlers(services: InstanceServices): Pick<Handlers, InstanceMethods> {
  const { registry, facets } = services;
  return {
    'instances.list': async (page, { actor }) => inPages(listInstances(services, actor), ({ name }) => name, page),
    'instances.info': async ({ name }, { actor, signal }) =>
      await facets.details(registry.require(name, actor, 'lookInto'), actor, signal),
    'instances.suggest-name': async () => ({ name: suggestName((name) => registry.isTaken(name)) }),
    'instances.launch': async (params, { actor, signal }) => await launch(services, actor, params, signal),
    'instances.set': async (params, { actor, signal }) =>
      await describeChange(services, actor, await set(services, actor, params, signal)),
    ...verbHandlers(services),
  };
}

type VerbHandlers = { readonly [Verb in InstanceVerb as `instances.${Verb}`]: Handler<`instances.${Verb}`> };

/** Each row of the table of verbs answers its method. */
function verbHandlers(services: InstanceServices): VerbHandlers {
  return Object.fromEntries(
    instanceVerbs.map((verb): [string, Handler<`instances.${InstanceVerb}`>] => [
      `instances.${verb}`,
      async (params, { actor }) => await verbWork[verb].begin(services, actor, params as never),
    ]),
  ) as unknown as VerbHandlers;
}
