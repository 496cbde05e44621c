// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { idPairValue, ifExistsChoices, sizeValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';

/** The commands that bring folders and files into instances and out of them. */
export function addFolderCommands(program: Command, run: (work: Work) => Promise<never>): void {
  program
    .command('mount')
    .description('share a folder of this computer with an instance')
    .argument('<folder>')
    .argument('<name[:target]>')
    .option('-r, --readonly', 'read-only for the instance')
    .option('-u, --uid <host:guest>', 'map a user ID; can be repeated', idPairValue)
    .option('-g, --gid <host:guest>', 'map a group ID; can be repeated', idPairValue)
    .addOption(
      new Option('--type <type>', 'how it gets there')
        .choices(['auto', 'sshfs', 'virtiofs', '9p'] as const)
        .default('auto' as const),
    )
    .option('--notify', 'send file change events to the instance')
    .option('--max-file-size <size>', 'largest file the instance can create (default: 1T)', sizeValue)
    .action((folder, destination, options) =>
      run(async (context) => (await import('./commands/mount.ts')).mount(context, folder, destination, options)),
    );
  program
    .command('umount')
    .alias('unmount')
    .description('unmount a folder; without a target, all folders of the instance')
    .argument('<name[:target]>')
    .option('-f, --force', 'do not ask if it is in use')
    .action((destination, options) =>
      run(async (context) => (await import('./commands/umount.ts')).umount(context, destination, options)),
    );
  program
    .command('remount')
    .description('reconnect a mounted folder; without a target, all folders of the instance')
    .argument('<name[:target]>')
    .action((destination) =>
      run(async (context) => (await import('./commands/remount.ts')).remount(context, destination)),
    );
  program
    .command('transfer')
    .description('copy files between this computer and instances (NAME:PATH); - is stdin or stdout')
    .argument('<from...>', 'the last one is the destination')
    .option('-r, --recursive', 'copy folders recursively')
    .addOption(
      new Option('--if-exists <what>', 'where something of that name is')
        .choices(ifExistsChoices)
        .default('replace' as const),
    )
    .action((words, options) =>
      run(async (context) => (await import('./commands/transfer.ts')).transfer(context, words, options)),
    );
}
