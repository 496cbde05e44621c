// SPDX-License-Identifier: MIT
import type { Command } from '@commander-js/extra-typings';
import { formatOption as format } from './format-option.ts';
import type { Command as Work } from './run-command.ts';

/** The grammar of what is asked about the helper and its operations. */
export function addHelperCommands(program: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  program
    .command('activity')
    .description('list current and past operations')
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/activity.ts')).activity(context, options)));
  program
    .command('cancel')
    .description('cancel an operation')
    .argument('<id>')
    .action((id) => run(async (context) => (await import('./commands/cancel.ts')).cancel(context, id)));
  program
    .command('version')
    .description('show the versions of this program and the helper')
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/version.ts')).version(context, options)));
}
