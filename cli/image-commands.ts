// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { importFormat, packing } from '#contract/images.ts';
import { formatOption as format } from './format-option.ts';
import { commandNamed, refuseUnknownCommand } from './unknown-command.ts';
import type { Command as Work } from './run-command.ts';
import { say } from '#messages/say.ts';

/** The grammar of `find` and `images`. */
export function addImageCommands(program: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  program
    .command('find')
    .description(say('cli.find.description'))
    .argument('[text]', say('cli.find.argument-text'))
    .option('-a, --all', say('cli.find.option-all'))
    .option('--refresh', say('cli.find.option-refresh'))
    .addOption(format())
    .action((text, options) =>
      run(async (context) => (await import('./commands/find.ts')).find(context, text, options)),
    );

  const images = program.command('images').description(say('cli.images.description'));
  images
    .command('list', { isDefault: true })
    .alias('ls')
    .description(say('cli.images-list.description'))
    .addOption(format())
    .action((options) => run(async (context) => (await import('./commands/images.ts')).listImages(context, options)));
  images
    .command('import')
    .description(say('cli.images-import.description'))
    .argument('<file>', say('cli.images-import.argument-file'))
    .addOption(new Option('--format <format>', say('cli.images-import.option-format')).choices(importFormat.options))
    .addOption(new Option('--packing <packing>', say('cli.images-import.option-packing')).choices(packing.options))
    .requiredOption('-a, --alias <alias>', say('cli.images-import.option-alias'))
    .option('-t, --title <title>', say('cli.images-import.option-title'))
    .option('-u, --user <name>', say('cli.images-import.option-user'))
    .option('--sha256 <digest>', say('cli.images-import.option-sha256'))
    .option('--sha512 <digest>', say('cli.images-import.option-sha512'))
    .action((file, options) =>
      run(async (context) => (await import('./commands/images.ts')).importImage(context, file, options)),
    );
  images
    .command('build')
    .description(say('cli.images-build.description'))
    .argument('<alias>')
    .action((alias) => run(async (context) => (await import('./commands/images.ts')).buildImage(context, alias)));
  images
    .command('fetch')
    .description(say('cli.images-fetch.description'))
    .argument('<alias>', say('cli.images-fetch.argument-alias'))
    .action((alias) => run(async (context) => (await import('./commands/images.ts')).fetchImage(context, alias)));
  addUpkeep(images, run);
  // without a word it lists; a word that is none of its commands is not for the list
  images.hook('preSubcommand', () => {
    const [word] = images.args;
    if (word !== undefined && !word.startsWith('-') && !commandNamed(images, word)) refuseUnknownCommand(images, word);
  });
}

function addUpkeep(images: Pick<Command, 'command'>, run: (work: Work) => Promise<never>): void {
  images
    .command('verify')
    .description(say('cli.images-verify.description'))
    .argument('[image...]', say('cli.images-verify.argument-image'))
    .action((names) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).verifyImages(context, names)),
    );
  images
    .command('prune')
    .description(say('cli.images-prune.description'))
    .option('-a, --all', say('cli.images-prune.option-all'))
    .action((options) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).pruneImages(context, options)),
    );
  images
    .command('pin')
    .description(say('cli.images-pin.description'))
    .argument('<image...>')
    .option('--remove', say('cli.images-pin.option-remove'))
    .action((names, options) =>
      run(async (context) => (await import('./commands/images-upkeep.ts')).pinImages(context, names, options)),
    );
  images
    .command('remotes')
    .description(say('cli.images-remotes.description'))
    .addOption(format())
    .action((options) =>
      run(async (context) => (await import('./commands/images-remotes.ts')).listRemotes(context, options)),
    );
  images
    .command('settings')
    .description(say('cli.images-settings.description'))
    .option('--set <file>', say('cli.images-settings.option-set'))
    .action((options) =>
      run(async (context) => (await import('./commands/images-remotes.ts')).imageSettings(context, options)),
    );
  images
    .command('remove')
    .alias('rm')
    .description(say('cli.images-remove.description'))
    .argument('<image...>')
    .action((names) => run(async (context) => (await import('./commands/images.ts')).removeImages(context, names)));
}
