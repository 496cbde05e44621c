// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { importFormat, packing } from '#contract/images.ts';
import { formatOption as format } from './format-option.ts';
import type { Command as Work } from './run-command.ts';

/** The grammar of `find` and `images`. */
export function addImageCommands(program: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  program
    .command('find')
    .description('find an image to launch')
    .argument('[text]', 'part of a name; remote: for all of a remote')
    .option('-a, --all', 'releases that are no longer supported too')
    .option('--refresh', 'ask the remotes even where what is known is fresh')
    .addOption(format())
    .action((text, options) =>
      run(async (context) => (await import('./commands/find.ts')).find(context, text, options)),
    );

  const images = program.command('images').description('images to launch from');
  images
    .command('list', { isDefault: true })
    .alias('ls')
    .description('list the catalogue and the vault')
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/images.ts')).listImages(context, options)));
  images
    .command('import')
    .description('take a disk image into the vault')
    .argument('<file>', 'a local file or an https:// URL')
    .addOption(
      new Option('--format <format>', "the disk's format; found by the content otherwise").choices(
        importFormat.options,
      ),
    )
    .addOption(
      new Option('--packing <packing>', 'how the file is packed; found by the content too').choices(packing.options),
    )
    .requiredOption('-a, --alias <alias>', 'the word to launch it by')
    .option('-t, --title <title>', 'how to show it')
    .option('-u, --user <name>', 'the default user in it')
    .option('--sha256 <digest>', 'refuse the file when it has another')
    .option('--sha512 <digest>', 'the same, for a URL')
    .action((file, options) =>
      run(async (context) => (await import('./commands/images.ts')).importImage(context, file, options)),
    );
  images
    .command('build')
    .description('build a catalogue image on this computer')
    .argument('<alias>')
    .action((alias) => run(async (context) => (await import('./commands/images.ts')).buildImage(context, alias)));
  images
    .command('fetch')
    .description('fetch the newest image of a remote without launching it')
    .argument('<alias>', 'see berth find')
    .action((alias) => run(async (context) => (await import('./commands/images.ts')).fetchImage(context, alias)));
  addUpkeep(images, run);
}

function addUpkeep(images: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  images
    .command('verify')
    .description('read images again and compare their digests')
    .argument('[image...]', 'all when none is named')
    .action((names) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).verifyImages(context, names)),
    );
  images
    .command('prune')
    .description('remove fetched images that have expired')
    .option('-a, --all', 'all that nobody uses and that are not pinned')
    .action((options) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).pruneImages(context, options)),
    );
  images
    .command('pin')
    .description('keep images that you alone use (root: any)')
    .argument('<image...>')
    .option('--remove', 'let them expire again')
    .action((names, options) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).pinImages(context, names, options)),
    );
  images
    .command('remotes')
    .description('places that images come from')
    .addOption(format())
    .action((options) =>
      run(async (context) => (await import('./commands/images-remotes.ts')).listRemotes(context, options)),
    );
  images
    .command('settings')
    .description('remotes, mirrors, proxy and expiry, as JSON')
    .option('--set <file>', 'replace them; - reads stdin')
    .action((options) =>
      run(async (context) => (await import('./commands/images-remotes.ts')).imageSettings(context, options)),
    );
  images
    .command('remove')
    .alias('rm')
    .description('remove images from the vault')
    .argument('<image...>')
    .action((names) => run(async (context) => (await import('./commands/images.ts')).removeImages(context, names)));
}
