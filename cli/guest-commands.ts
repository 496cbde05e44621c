// SPDX-License-Identifier: MIT
import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from './exit-codes.ts';
import { countValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';

/** The grammar of what is done inside an instance. */
export function addGuestCommands(
  program: Pick<Command, 'command'>,
  run: (work: Work, ownFailureCode?: number) => Promise<never>,
): void {
  program
    .command('shell')
    .description('open a shell in an instance')
    .argument('<name>')
    .option('--no-start', 'fail if the instance is stopped')
    .action((name, options) =>
      run(
        async (context) => (await import('./commands/shell.ts')).shell(context, name, options),
        exitCodes.sessionFailed,
      ),
    );
  program
    .command('exec')
    .description('run a command in an instance')
    .argument('<name>')
    .argument('<command...>', 'after --')
    .showHelpAfterError('(put -- before the command: berth exec NAME -- COMMAND; see berth help exec)')
    .option('-w, --workdir <directory>', 'working directory in the guest')
    .option('-t, --tty', 'allocate a terminal; the default if stdin and stdout are one')
    .option('-T, --no-tty', 'do not allocate a terminal')
    .option('-n, --no-stdin', 'do not read stdin')
    .option('--no-start', 'fail if the instance is stopped')
    .action((name, command, options) =>
      run(
        async (context) => (await import('./commands/exec.ts')).exec(context, name, command, options),
        exitCodes.sessionFailed,
      ),
    );
  program
    .command('console')
    .description('show the serial console with its history; Ctrl-] to leave')
    .argument('<name>')
    .option('-b, --boot <number>', 'an earlier boot', countValue)
    .option('--no-input', 'read-only')
    .option('--no-follow', 'print the record and exit')
    .action((name, options) =>
      run(async (context) => (await import('./commands/console.ts')).openConsole(context, name, options)),
    );
}
