// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import { hasTags } from '#contract/tags.ts';
import { isLegal } from '#contract/verbs.ts';
import { allInstances } from '../../client/list-all.ts';
import { unlessAlready, unlessDone } from '../already.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { showOperations } from '../show-operations.ts';
import { isMeantByAll, isOfMany, meantBy, operateOnInstances, type Meant } from '../instance-operations.ts';
import { agreesToPurgeAll } from './purge.ts';

export interface DeleteOptions extends Meant {
  readonly purge?: boolean | undefined;
  /** Pulls the plug of running ones instead of asking their guests. */
  readonly force?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** `berth delete`: moves instances to the trash; with `purge` they are gone for good. */
export async function deleteInstances(
  context: CommandContext,
  names: readonly string[],
  options: DeleteOptions,
): Promise<number> {
  if (options.purge && isOfMany(options) && !(await agreesToPurgeAll(options.yes))) return 0;
  if (options.force) await forceOff(context, names, options);
  const deleted: string[] = [];
  const exitCode = await operateOnInstances(context, {
    verb: 'delete',
    names,
    // One whose record cannot be read is deleted by its name alone.
    all: meantBy(options, (instance) => isLegal('delete', instance.state)),
    ask: async (connection, name) => {
      const accepted = await (options.purge === true ? unlessPurgeable : unlessDeleted)(() =>
        connection.request('instances.delete', { name }),
      );
      deleted.push(name);
      return accepted;
    },
    onFailure: async (name, error) => {
      deleted.splice(deleted.indexOf(name), 1);
      return error;
    },
  });
  if (options.purge !== true || exitCode === exitCodes.interrupted) return exitCode;
  return (await purgeDeleted(context, deleted)) || exitCode;
}

const unlessDeleted = (ask: () => Promise<OperationAccepted>): Promise<OperationAccepted | undefined> =>
  unlessAlready('delete', ask);

/** Returns nothing for what a purge can take as it is: in the trash already, or with a record that nobody can read. */
const unlessPurgeable = (ask: () => Promise<OperationAccepted>): Promise<OperationAccepted | undefined> =>
  unlessDone(
    ask,
    ({ code, params }) =>
      code === 'instance.broken' || (code === 'instance.wrong-state' && params['state'] === 'deleted'),
  );

/** A launch that was broken off for the delete has taken its instance with it: then there is nothing left to purge. */
async function purgeDeleted(context: CommandContext, names: readonly string[]): Promise<number> {
  const known = new Set((await allInstances(await context.connect())).map(({ name }): string => name));
  const left = names.filter((name) => known.has(name));
  return left.length === 0
    ? exitCodes.success
    : await operateOnInstances(context, {
        verb: 'purge',
        names: left,
        ask: (connection, name) => connection.request('instances.purge', { name }),
      });
}

/**
 * Failures are left to the delete that follows: it stops what still runs, or says why it cannot. What it will refuse is
 * not stopped for it, and a memory on the disk is none that has to end.
 */
async function forceOff(context: CommandContext, names: readonly string[], meant: Meant): Promise<void> {
  const connection = await context.connect();
  const running = (await allInstances(connection)).filter(
    (instance) =>
      (isOfMany(meant)
        ? isMeantByAll('delete', instance) && hasTags(instance, meant.tag ?? [])
        : names.includes(instance.name)) &&
      instance.isProtected !== true &&
      instance.state !== 'suspended' &&
      isLegal('stop', instance.state),
  );
  const asked = await Promise.allSettled(
    running.map(async ({ name }) => ({
      accepted: await connection.request('instances.stop', { name, force: true }),
      label: `stop ${name}`,
    })),
  );
  const followed = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (followed.length > 0) await showOperations(context, followed);
}
