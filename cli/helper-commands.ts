// SPDX-License-Identifier: MIT
import type { Command } from '@commander-js/extra-typings';
import { formatOption as format } from './format-option.ts';
import type { Command as Work } from './run-command.ts';
import { say } from '#messages/say.ts';

/** The grammar of what is asked about the helper and its operations. */
export function addHelperCommands(program: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  program
    .command('activity')
    .description(say('cli.activity.description'))
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/activity.ts')).activity(context, options)));
  program
    .command('cancel')
    .description(say('cli.cancel.description'))
    .argument('<id>')
    .action((id) => run(async (context) => (await import('./commands/cancel.ts')).cancel(context, id)));
  program
    .command('version')
    .description(say('cli.version.description'))
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/version.ts')).version(context, options)));
}
