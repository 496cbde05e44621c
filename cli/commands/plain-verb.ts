// SPDX-License-Identifier: MIT
import { isOffered, type InstanceVerb } from '#contract/verbs.ts';
import { unlessAlready } from '../already.ts';
import type { CommandContext } from '../command-context.ts';
import { meantBy, operateOnInstances, type Meant } from '../instance-operations.ts';

/** `berth VERB NAME...`: what the table of verbs says, for a verb that takes instances and nothing else. */
export async function plainVerb(
  context: CommandContext,
  verb: InstanceVerb,
  names: readonly string[],
  options: Meant & { readonly wait: boolean },
): Promise<number> {
  return operateOnInstances(context, {
    verb,
    names,
    all: meantBy(options, (instance) => isOffered(verb, instance)),
    waits: options.wait,
    ask: (connection, name) => unlessAlready(verb, () => connection.request(`instances.${verb}`, { name })),
  });
}
