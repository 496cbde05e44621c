// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { formatOption as format } from './format-option.ts';
import { clearValue, textsValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';
import { say } from '#messages/say.ts';

/** The commands about what holds instances in, and whether this computer can. */
export function addSecurityCommands(program: Command, run: (work: Work) => Promise<never>): void {
  const isOnOrOff = ['on', 'off'] as const;
  program
    .command('security')
    .description(say('cli.security.description'))
    .argument('<name>')
    .addOption(format())
    .option('--qemu-arg <argument>', say('cli.security.option-qemu-arg'), textsValue)
    .option('--qemu-env <name[=value]>', say('cli.security.option-qemu-env'), textsValue)
    .addOption(new Option('--hugepages <on|off>', say('cli.security.option-hugepages')).choices(isOnOrOff))
    .addOption(new Option('--vhost-net <on|off>', say('cli.security.option-vhost-net')).choices(isOnOrOff))
    .option('--vfio-group <number>', say('cli.security.option-vfio-group'), textsValue)
    .option('--host-disk <device[:ro]>', say('cli.security.option-host-disk'), textsValue)
    .option('--clear <list>', say('cli.security.option-clear'), clearValue)
    .action((name, options) =>
      run(async (context) => (await import('./commands/security.ts')).security(context, name, options)),
    );
  program
    .command('denials')
    .description(say('cli.denials.description'))
    .argument('[name]')
    .addOption(format())
    .action((name, options) =>
      run(async (context) => (await import('./commands/denials.ts')).denials(context, name, options)),
    );
  program
    .command('allow')
    .description(say('cli.allow.description'))
    .argument('<name>')
    .argument('<id|path>', say('cli.common.argument-id-path'))
    .option('-w, --write', say('cli.allow.option-write'))
    .action((name, target, options) =>
      run(async (context) => (await import('./commands/denials.ts')).allow(context, name, target, options)),
    );
  program
    .command('block')
    .description(say('cli.block.description'))
    .argument('<name>')
    .argument('<id|path...>', say('cli.common.argument-id-path'))
    .action((name, ids) => run(async (context) => (await import('./commands/denials.ts')).block(context, name, ids)));
  program
    .command('complain')
    .description(say('cli.complain.description'))
    .argument('<name>')
    .action((name) =>
      run(async (context) => (await import('./commands/confinement-mode.ts')).setMode(context, name, 'complain')),
    );
  program
    .command('enforce')
    .description(say('cli.enforce.description'))
    .argument('<name>')
    .action((name) =>
      run(async (context) => (await import('./commands/confinement-mode.ts')).setMode(context, name, 'enforce')),
    );
  program
    .command('doctor')
    .description(say('cli.doctor.description'))
    .addOption(format())
    .option('--strict', say('cli.doctor.option-strict'))
    .action((options) => run(async (context) => (await import('./commands/doctor.ts')).doctor(context, options)));
}
