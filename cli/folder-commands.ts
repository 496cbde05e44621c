// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { idPairValue, ifExistsChoices, sizeValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';

/** The commands that bring folders and files into instances and out of them. */
export function addFolderCommands(program: Command, run: (work: Work) => Promise<never>): void {
  program
    .command('mount')
    .description('get a folder of this computer into an instance')
    .argument('<folder>')
    .argument('<name[:target]>')
    .option('-r, --readonly', 'the instance cannot change it')
    .option('-u, --uid <host:guest>', 'whose files are whose; once or more', idPairValue)
    .option('-g, --gid <host:guest>', 'the same for groups', idPairValue)
    .addOption(
      new Option('--type <type>', 'how it gets there')
        .choices(['auto', 'sshfs', 'virtiofs', '9p'] as const)
        .default('auto' as const),
    )
    .option('--notify', 'tell programs of the instance that watch the folder about changes made here')
    .option('--max-file-size <size>', 'how large the instance may make a file; 1T by default', sizeValue)
    .action((folder, destination, options) =>
      run(async (context) => (await import('./commands/mount.ts')).mount(context, folder, destination, options)),
    );
  program
    .command('umount')
    .alias('unmount')
    .description('take a mounted folder away; without target all of the instance')
    .argument('<name[:target]>')
    .option('-f, --force', 'no question where it is in use')
    .action((destination, options) =>
      run(async (context) => (await import('./commands/umount.ts')).umount(context, destination, options)),
    );
  program
    .command('remount')
    .description('attach a mounted folder anew; without target all of the instance')
    .argument('<name[:target]>')
    .action((destination) =>
      run(async (context) => (await import('./commands/remount.ts')).remount(context, destination)),
    );
  program
    .command('transfer')
    .description('copy between this computer and instances (NAME:PATH); - is stdin or stdout')
    .argument('<from...>', 'the last one is where to')
    .option('-r, --recursive', 'folders with all in them')
    .addOption(
      new Option('--if-exists <what>', 'where something of that name is')
        .choices(ifExistsChoices)
        .default('replace' as const),
    )
    .action((words, options) =>
      run(async (context) => (await import('./commands/transfer.ts')).transfer(context, words, options)),
    );
}
