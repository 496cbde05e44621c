// SPDX-License-Identifier: MIT
import type { CommandContext } from '../command-context.ts';
import { showOperations } from '../show-operations.ts';
import { operateOnInstances } from '../instance-operations.ts';
import { agreesToPurgeAll } from './purge.ts';

export interface DeleteOptions {
  readonly all?: boolean | undefined;
  readonly purge?: boolean | undefined;
  /** Pulls the plug of running ones instead of asking their guests. */
  readonly force?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** `berth delete`: moves instances to the trash; with `purge` they are gone for good. */
export async function deleteInstances(context: CommandContext, names: readonly string[], options: DeleteOptions): Promise<number> {
  if (options.purge && options.all && !await agreesToPurgeAll(options.yes)) return 0;
  if (options.force) await forceOff(context, names, options.all === true);
  const deleted: string[] = [];
  const exitCode = await operateOnInstances(context, {
    verb: 'delete',
    names,
    all: options.all ? (instance) => instance.state !== 'deleted' : undefined,
    ask: async (connection, name) => {
      const accepted = await connection.request('instances.delete', { name });
      deleted.push(accepted.target);
      return accepted;
    },
  });
  if (!options.purge || exitCode !== 0 || deleted.length === 0) return exitCode;
  return operateOnInstances(context, { verb: 'purge', names: deleted, ask: (connection, name) => connection.request('instances.purge', { name }) });
}

/** Failures are left to the delete that follows: it stops what still runs, or says why it cannot. */
async function forceOff(context: CommandContext, names: readonly string[], all: boolean): Promise<void> {
  const connection = await context.connect();
  const running = (await connection.request('instances.list', {}))
    .filter((instance) => instance.isOwn && (all || names.includes(instance.name)) && !['stopped', 'deleted', 'broken'].includes(instance.state));
  const asked = await Promise.allSettled(running.map(async ({ name }) => ({ accepted: await connection.request('instances.stop', { name, force: true }), label: `stop ${name}` })));
  const followed = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (followed.length > 0) await showOperations(context, followed);
}
