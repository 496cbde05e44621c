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
    .option('--no-start', 'fail where it is stopped')
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
    .showHelpAfterError(
      '(options of the command come after a --: berth exec NAME -- COMMAND; berth help exec explains)',
    )
    .option('-w, --workdir <directory>', 'where in the guest')
    .option('-t, --tty', 'on a terminal, as where stdin and stdout are one')
    .option('-T, --no-tty', 'on none')
    .option('-n, --no-stdin', 'with nothing to read')
    .option('--no-start', 'fail where it is stopped')
    .action((name, command, options) =>
      run(
        async (context) => (await import('./commands/exec.ts')).exec(context, name, command, options),
        exitCodes.sessionFailed,
      ),
    );
  program
    .command('console')
    .description('show the serial console, history first; Ctrl-] leaves')
    .argument('<name>')
    .option('-b, --boot <number>', 'an earlier boot', countValue)
    .option('--no-input', 'read only')
    .option('--no-follow', 'print the record and return')
    .action((name, options) =>
      run(async (context) => (await import('./commands/console.ts')).openConsole(context, name, options)),
    );
}
