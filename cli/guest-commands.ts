// SPDX-License-Identifier: MIT
import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from './exit-codes.ts';
import { countValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';
import { say } from '#messages/say.ts';

/** The grammar of what is done inside an instance. */
export function addGuestCommands(
  program: Pick<Command, 'command'>,
  run: (work: Work, ownFailureCode?: number) => Promise<never>,
): void {
  program
    .command('shell')
    .description(say('cli.shell.description'))
    .argument('<name>')
    .option('--no-start', say('cli.common.option-no-start'))
    .action((name, options) =>
      run(
        async (context) => (await import('./commands/shell.ts')).shell(context, name, options),
        exitCodes.sessionFailed,
      ),
    );
  program
    .command('exec')
    .description(say('cli.exec.description'))
    .argument('<name>')
    .argument('<command...>', say('cli.exec.argument-command'))
    .showHelpAfterError(say('cli.exec.after-error'))
    .option('-w, --workdir <directory>', say('cli.exec.option-workdir'))
    .option('-t, --tty', say('cli.exec.option-tty'))
    .option('-T, --no-tty', say('cli.exec.option-no-tty'))
    .option('-n, --no-stdin', say('cli.exec.option-no-stdin'))
    .option('--no-start', say('cli.common.option-no-start'))
    .action((name, command, options) =>
      run(
        async (context) => (await import('./commands/exec.ts')).exec(context, name, command, options),
        exitCodes.sessionFailed,
      ),
    );
  program
    .command('console')
    .description(say('cli.console.description'))
    .argument('<name>')
    .option('-b, --boot <number>', say('cli.console.option-boot'), countValue)
    .option('--no-input', say('cli.console.option-no-input'))
    .option('--no-follow', say('cli.console.option-no-follow'))
    .action((name, options) =>
      run(async (context) => (await import('./commands/console.ts')).openConsole(context, name, options)),
    );
}
