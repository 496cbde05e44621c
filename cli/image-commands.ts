// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { importFormat, packing } from '#contract/images.ts';
import { formatOption as format } from './format-option.ts';
import type { Command as Work } from './run-command.ts';

/** The grammar of `find` and `images`. */
export function addImageCommands(program: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  program
    .command('find')
    .description('list images you can launch')
    .argument('[text]', 'part of a name, or remote: for all images of a source')
    .option('-a, --all', 'include unsupported releases')
    .option('--refresh', 'check the image sources even if they were checked recently')
    .addOption(format())
    .action((text, options) =>
      run(async (context) => (await import('./commands/find.ts')).find(context, text, options)),
    );

  const images = program.command('images').description('manage images');
  images
    .command('list', { isDefault: true })
    .alias('ls')
    .description('list available and stored images')
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/images.ts')).listImages(context, options)));
  images
    .command('import')
    .description('import a disk image')
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
    .option('-t, --title <title>', 'title to show')
    .option('-u, --user <name>', 'its default user')
    .option('--sha256 <digest>', 'refuse the file if its digest differs')
    .option('--sha512 <digest>', 'the same, for a URL')
    .action((file, options) =>
      run(async (context) => (await import('./commands/images.ts')).importImage(context, file, options)),
    );
  images
    .command('build')
    .description('build an image on this computer')
    .argument('<alias>')
    .action((alias) => run(async (context) => (await import('./commands/images.ts')).buildImage(context, alias)));
  images
    .command('fetch')
    .description('download the newest version of an image without launching it')
    .argument('<alias>', 'see berth find')
    .action((alias) => run(async (context) => (await import('./commands/images.ts')).fetchImage(context, alias)));
  addUpkeep(images, run);
}

function addUpkeep(images: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  images
    .command('verify')
    .description('check that images are intact')
    .argument('[image...]', 'default: all')
    .action((names) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).verifyImages(context, names)),
    );
  images
    .command('prune')
    .description('remove downloaded images that have expired')
    .option('-a, --all', 'all images that are not in use and not pinned')
    .action((options) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).pruneImages(context, options)),
    );
  images
    .command('pin')
    .description('keep images from expiring')
    .argument('<image...>')
    .option('--remove', 'allow them to expire again')
    .action((names, options) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).pinImages(context, names, options)),
    );
  images
    .command('remotes')
    .description('list image sources')
    .addOption(format())
    .action((options) =>
      run(async (context) => (await import('./commands/images-remotes.ts')).listRemotes(context, options)),
    );
  images
    .command('settings')
    .description('show or replace the settings for image sources, proxy and expiry, as JSON')
    .option('--set <file>', 'replace the settings; - reads stdin')
    .action((options) =>
      run(async (context) => (await import('./commands/images-remotes.ts')).imageSettings(context, options)),
    );
  images
    .command('remove')
    .alias('rm')
    .description('remove stored images')
    .argument('<image...>')
    .action((names) => run(async (context) => (await import('./commands/images.ts')).removeImages(context, names)));
}
