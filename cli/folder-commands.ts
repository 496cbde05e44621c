// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { idPairValue, ifExistsChoices, sizeValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';
import { say } from '#messages/say.ts';

/** The commands that bring folders and files into instances and out of them. */
export function addFolderCommands(program: Command, run: (work: Work) => Promise<never>): void {
  program
    .command('mount')
    .description(say('cli.mount.description'))
    .argument('<folder>')
    .argument('<name[:target]>')
    .option('-r, --readonly', say('cli.mount.option-readonly'))
    .option('-u, --uid <host:guest>', say('cli.mount.option-uid'), idPairValue)
    .option('-g, --gid <host:guest>', say('cli.mount.option-gid'), idPairValue)
    .addOption(
      new Option('--type <type>', say('cli.mount.option-type'))
        .choices(['auto', 'sshfs', 'virtiofs', '9p'] as const)
        .default('auto' as const),
    )
    .option('--notify', say('cli.mount.option-notify'))
    .option('--max-file-size <size>', say('cli.mount.option-max-file-size'), sizeValue)
    .action((folder, destination, options) =>
      run(async (context) => (await import('./commands/mount.ts')).mount(context, folder, destination, options)),
    );
  program
    .command('umount')
    .alias('unmount')
    .description(say('cli.umount.description'))
    .argument('<name[:target]>')
    .option('-f, --force', say('cli.umount.option-force'))
    .action((destination, options) =>
      run(async (context) => (await import('./commands/umount.ts')).umount(context, destination, options)),
    );
  program
    .command('remount')
    .description(say('cli.remount.description'))
    .argument('<name[:target]>')
    .action((destination) =>
      run(async (context) => (await import('./commands/remount.ts')).remount(context, destination)),
    );
  program
    .command('transfer')
    .description(say('cli.transfer.description'))
    .argument('<from...>', say('cli.transfer.argument-from'))
    .option('-r, --recursive', say('cli.transfer.option-recursive'))
    .addOption(
      new Option('--if-exists <what>', say('cli.transfer.option-if-exists'))
        .choices(ifExistsChoices)
        .default('replace' as const),
    )
    .action((words, options) =>
      run(async (context) => (await import('./commands/transfer.ts')).transfer(context, words, options)),
    );
}
