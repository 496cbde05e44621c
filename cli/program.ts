// SPDX-License-Identifier: MIT
import { Command, Option } from '@commander-js/extra-typings';
import { defaultRunDirectory } from '../client/default-run-directory.ts';
import { exitCodes } from './exit-codes.ts';
import { addFolderCommands } from './folder-commands.ts';
import { countValue, sizeValue } from './option-values.ts';
import type { GlobalOptions } from './command-context.ts';
import { formatOption as format } from './format-option.ts';
import { addImageCommands } from './image-commands.ts';
import { show, showError } from './output.ts';
import { runCommand, type Command as Work } from './run-command.ts';
import { addSecurityCommands } from './security-commands.ts';
import { clientVersion } from './version.ts';


/** The command line's grammar. Each command's code is loaded when it is used. */
export function createProgram() {
  const program = new Command('berth')
    .description('Virtual machines on this computer')
    .version(clientVersion, '-V, --version', "print this program's version")
    .addOption(new Option('--run-dir <directory>', "the helper's run directory; BERTH_RUN_DIR says it too").default(defaultRunDirectory()))
    .option('-v, --verbose', 'more detail; progress as lines where stderr is no terminal')
    .enablePositionalOptions()
    .showHelpAfterError('(berth help [command] explains)')
    .configureHelp({ sortSubcommands: false })
    .configureOutput({ writeOut: show, writeErr: showError })
    .exitOverride();
  let globals: GlobalOptions = program.opts();
  program.hook('preAction', (_, command) => {
    const own: Partial<GlobalOptions> = command.opts();
    globals = { runDir: own.runDir ?? program.opts().runDir, verbose: own.verbose ?? program.opts().verbose };
  });
  const run = (work: Work, ownFailureCode?: number): Promise<never> => runCommand(globals, work, ownFailureCode);

  program.command('launch').description('make an instance and start it').argument('[image]', 'alias or digest, see berth find; a file or https:// URL', 'tiny')
    .option('-n, --name <name>', 'the instance\'s name; one is chosen otherwise')
    .option('-c, --cpus <count>', 'number of CPUs', countValue)
    .option('-m, --memory <size>', 'memory, such as 512M or 2G', sizeValue)
    .option('-d, --disk <size>', 'disk, such as 10G', sizeValue)
    .option('--cloud-init <file>', 'cloud-init user data: a file, an https URL, or - for stdin')
    .option('--strict-cloud-init', 'fail where cloud-init does; the instance stays')
    .option('--timezone <zone>', 'time zone, such as Europe/Vienna')
    .option('--timeout <seconds>', 'how long the lease and SSH may each take', countValue)
    .option('--without-apparmor', 'allow it to run where the kernel has no AppArmor; remembered')
    .option('--no-wait', 'return once the helper has accepted it')
    .action((image, options) => run(async (context) => (await import('./commands/launch.ts')).launch(context, image, options)));

  program.command('list').alias('ls').description('list instances').addOption(format()).option('-a, --all', 'deleted ones too')
    .action((options) => run(async (context) => (await import('./commands/list.ts')).list(context, options)));
  program.command('info').description('show what is known of instances').argument('<name...>').addOption(format())
    .action((names, options) => run(async (context) => (await import('./commands/info.ts')).info(context, names, options)));
  program.command('start').description('start instances').argument('[name...]').option('--all', 'all that are stopped')
    .option('--without-apparmor', 'allow them to run where the kernel has no AppArmor; remembered').option('--no-wait', 'return at once')
    .action((names, options) => run(async (context) => (await import('./commands/start.ts')).start(context, names, options)));
  program.command('stop').description('shut instances down').argument('[name...]').option('--all', 'all that run')
    .option('-f, --force', 'as if the plug were pulled').option('--timeout <seconds>', 'how long the guest may take', countValue).option('--no-wait', 'return at once')
    .action((names, options) => run(async (context) => (await import('./commands/stop.ts')).stop(context, names, options)));
  program.command('restart').description('shut instances down and start them again').argument('[name...]').option('--all', 'all that run')
    .option('-f, --force', 'as if the plug were pulled').option('--timeout <seconds>', 'how long the guest may take', countValue).option('--no-wait', 'return at once')
    .action((names, options) => run(async (context) => (await import('./commands/restart.ts')).restart(context, names, options)));
  program.command('delete').alias('rm').description('move instances to the trash').argument('[name...]').option('--all', 'all of yours')
    .option('-p, --purge', 'remove them for good').option('-f, --force', 'pull the plug of running ones').option('-y, --yes', 'no question')
    .action((names, options) => run(async (context) => (await import('./commands/delete.ts')).deleteInstances(context, names, options)));
  program.command('recover').description('take instances out of the trash').argument('[name...]').option('--all', 'all in the trash').option('--no-wait', 'return at once')
    .action((names, options) => run(async (context) => (await import('./commands/recover.ts')).recover(context, names, options)));
  program.command('purge').description('remove deleted instances for good').argument('[name...]').option('--all', 'all in the trash').option('-y, --yes', 'no question')
    .action((names, options) => run(async (context) => (await import('./commands/purge.ts')).purge(context, names, options)));

  program.command('shell').description('open a shell in an instance').argument('<name>')
    .option('--no-start', 'fail where it is stopped')
    .action((name, options) => run(async (context) => (await import('./commands/shell.ts')).shell(context, name, options), exitCodes.sessionFailed));
  program.command('exec').description('run a command in an instance').argument('<name>').argument('<command...>', 'after --')
    .option('-w, --workdir <directory>', 'where in the guest')
    .option('-t, --tty', 'on a terminal, as where stdin and stdout are one').option('-T, --no-tty', 'on none')
    .option('-n, --no-stdin', 'with nothing to read').option('--no-start', 'fail where it is stopped')
    .action((name, command, options) => run(async (context) => (await import('./commands/exec.ts')).exec(context, name, command, options), exitCodes.sessionFailed));
  program.command('console').description('show the serial console, history first; Ctrl-] leaves').argument('<name>')
    .option('-b, --boot <number>', 'an earlier boot', countValue).option('--no-input', 'read only').option('--no-follow', 'print the record and return')
    .action((name, options) => run(async (context) => (await import('./commands/console.ts')).openConsole(context, name, options)));

  addFolderCommands(program, run);
  addImageCommands(program, run);
  addSecurityCommands(program, run);

  program.command('activity').description('operations under way and past').addOption(format())
    .action((options) => run(async (context) => (await import('./commands/activity.ts')).activity(context, options)));
  program.command('cancel').description('cancel an operation').argument('<id>')
    .action((id) => run(async (context) => (await import('./commands/cancel.ts')).cancel(context, id)));
  program.command('version').description('versions of this program and of the helper').addOption(format())
    .action((options) => run(async (context) => (await import('./commands/version.ts')).version(context, options)));
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) addGlobalOptions(command);
  return program;
}

/** The global options behind the verb too; before it alone, because `exec` hands on all that follows. */
function addGlobalOptions(command: { addOption(option: Option): unknown }): void {
  command.addOption(new Option('--run-dir <directory>').hideHelp());
  command.addOption(new Option('-v, --verbose', 'more detail'));
}
