// SPDX-License-Identifier: MIT
import type { CommandContext } from '../command-context.ts';
import { operateOnInstances } from '../instance-operations.ts';
import { agreesToPurgeAll } from './purge.ts';

export interface DeleteOptions {
  readonly all?: boolean | undefined;
  readonly purge?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** `berth delete`: moves instances to the trash; with `purge` they are gone for good. */
export async function deleteInstances(context: CommandContext, names: readonly string[], options: DeleteOptions): Promise<number> {
  if (options.purge && options.all && !await agreesToPurgeAll(options.yes)) return 0;
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
