// SPDX-License-Identifier: MIT
import { isLegal } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { isOfMany, meantBy, operateOnInstances, type Meant } from '../instance-operations.ts';
import { canAsk, confirm } from '../prompts.ts';

export interface PurgeOptions extends Meant {
  readonly yes?: boolean | undefined;
}

/** `berth purge`: removes deleted instances for good. All of them only after a yes. */
export async function purge(context: CommandContext, names: readonly string[], options: PurgeOptions): Promise<number> {
  if (isOfMany(options) && !(await agreesToPurgeAll(options.yes))) return exitCodes.success;
  return operateOnInstances(context, {
    verb: 'purge',
    names,
    // What is in the trash, and never one whose record cannot be read: nobody threw that away.
    all: meantBy(options, (instance) => isLegal('purge', instance.state)),
    ask: (connection, name) => connection.request('instances.purge', { name }),
  });
}

/** Whether all instances meant may go for good; where nobody can answer, `--yes` has to say it. */
export async function agreesToPurgeAll(yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!canAsk()) throw new CliError(say('cli.purge.unasked'), exitCodes.usage, say('cli.purge.unasked-hint'));
  return confirm(say('cli.purge.agree'));
}
