// SPDX-License-Identifier: MIT
import { isOffered } from '#contract/verbs.ts';
import type { CommandContext } from '../command-context.ts';
import { unlessAlready } from '../already.ts';
import { meantBy, operateOnInstances, type Meant } from '../instance-operations.ts';

/** `berth start`: starts stopped instances and waits until they are reached by SSH; lets paused ones go on. */
export async function start(
  context: CommandContext,
  names: readonly string[],
  options: Meant & {
    readonly withoutApparmor?: true | undefined;
    readonly cold?: true | undefined;
    readonly wait: boolean;
  },
): Promise<number> {
  return operateOnInstances(context, {
    verb: 'start',
    names,
    all: meantBy(options, (instance) => isOffered('start', instance) || isOffered('resume', instance)),
    waits: options.wait,
    ask: (connection, name) =>
      unlessAlready('start', () =>
        connection.request('instances.start', {
          name,
          isAllowedWithoutAppArmor: options.withoutApparmor,
          isCold: options.cold,
        }),
      ),
  });
}
