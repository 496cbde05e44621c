// SPDX-License-Identifier: MIT
import { isOffered } from '#contract/verbs.ts';
import type { CommandContext } from '../command-context.ts';
import { operateOnInstances } from '../instance-operations.ts';

/** `berth recover`: takes deleted instances back out of the trash. */
export async function recover(
  context: CommandContext,
  names: readonly string[],
  options: { readonly all?: boolean | undefined; readonly wait: boolean },
): Promise<number> {
  return operateOnInstances(context, {
    verb: 'recover',
    names,
    all: options.all ? (instance) => isOffered('recover', instance) : undefined,
    waits: options.wait,
    ask: (connection, name) => connection.request('instances.recover', { name }),
  });
}
