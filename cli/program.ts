// SPDX-License-Identifier: MIT
import { Command, Option } from '@commander-js/extra-typings';
import { say } from '#messages/say.ts';
import { defaultRunDirectory } from '../client/default-run-directory.ts';
import { addFolderCommands } from './folder-commands.ts';
import type { GlobalOptions } from './command-context.ts';
import { addGuestCommands } from './guest-commands.ts';
import { addHelpCommand } from './help-command.ts';
import { helpWords } from './help-words.ts';
import { addHelperCommands } from './helper-commands.ts';
import { addImageCommands } from './image-commands.ts';
import { addInstanceCommands } from './instance-commands.ts';
import { addMultipassWords } from './multipass-words.ts';
import { show, showError } from './output.ts';
import { runCommand, type Command as Work } from './run-command.ts';
import { addSecurityCommands } from './security-commands.ts';
import { usageError } from './usage-errors.ts';
import { clientVersion } from './version.ts';

/** The command line's grammar. Each command's code is loaded when it is used. */
export function createProgram() {
  const program = new Command('berth')
    .description(say('cli.program.description'))
    .version(clientVersion, '-V, --version', say('cli.program.option-version'))
    .addOption(new Option('--run-dir <directory>', say('cli.program.option-run-dir')).default(defaultRunDirectory()))
    .option('-v, --verbose', say('cli.program.option-verbose'))
    .enablePositionalOptions()
    .showHelpAfterError(say('cli.program.after-error'))
    .configureHelp({ sortSubcommands: false, ...helpWords })
    .helpOption('-h, --help', say('cli.common.option-help'))
    .configureOutput({
      writeOut: show,
      writeErr: showError,
      outputError: (text, write) => write(usageError(text)),
    })
    .exitOverride();
  let globals: GlobalOptions = program.opts();
  program.hook('preAction', (_, command) => {
    const own: Partial<GlobalOptions> = command.opts();
    globals = { runDir: own.runDir ?? program.opts().runDir, verbose: own.verbose ?? program.opts().verbose };
  });
  const run = (work: Work, ownFailureCode?: number): Promise<never> => runCommand(globals, work, ownFailureCode);

  addInstanceCommands(program, run);
  addGuestCommands(program, run);
  addFolderCommands(program, run);
  addImageCommands(program, run);
  addSecurityCommands(program, run);
  addHelperCommands(program, run);
  addMultipassWords(program);
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) addGlobalOptions(command);
  for (const parent of [program, ...program.commands.filter((each) => each.commands.length > 0)])
    addHelpCommand(parent);
  return program;
}

/** The global options behind the verb too; before it alone, because `exec` hands on all that follows. */
function addGlobalOptions(command: { addOption(option: Option): unknown }): void {
  command.addOption(new Option('--run-dir <directory>').hideHelp());
  command.addOption(new Option('-v, --verbose', say('cli.common.option-verbose')));
}
