// SPDX-License-Identifier: MIT
import type { InstanceState } from '#contract/instances.ts';
import { isOffered } from '#contract/verbs.ts';
import { unlessDone } from '../already.ts';
import type { CommandContext } from '../command-context.ts';
import { operateOnInstances } from '../instance-operations.ts';
import { say } from '../output.ts';

const notDeleted: ReadonlySet<string> = new Set<InstanceState>([
  'creating',
  'starting',
  'running',
  'stopping',
  'stopped',
  'restarting',
  'paused',
]);

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
          if (code !== 'instance.wrong-state' || !notDeleted.has(state)) return false;
          say(`${name} is not in the trash: it is ${state}.`);
          return true;
        },
      ),
  });
}
