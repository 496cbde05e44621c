// SPDX-License-Identifier: MIT
import { isOffered, verbs } from '#contract/verbs.ts';
import { unlessDone } from '../already.ts';
import type { CommandContext } from '../command-context.ts';
import { operateOnInstances } from '../instance-operations.ts';
import { say } from '../output.ts';

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
    ask: (connection, name) =>
      unlessDone(
        () => connection.request('instances.recover', { name }),
        ({ code, params }) => {
          const state = String(params['state']);
          if (code !== 'instance.wrong-state' || !isInUse(state)) return false;
          say(`${name} is not in the trash: it is ${state}.`);
          return true;
        },
      ),
  });
}

/** Whether a state is one from which an instance is yet to be deleted; `unknown` may hide that it was. */
function isInUse(state: string): boolean {
  return state !== 'unknown' && verbs.delete.from.some((each) => each === state);
}
