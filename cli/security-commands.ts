// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { formatOption as format } from './format-option.ts';
import { clearValue, textsValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';

/** The commands about what holds instances in, and whether this computer can. */
export function addSecurityCommands(program: Command, run: (work: Work) => Promise<never>): void {
  const isOnOrOff = ['on', 'off'] as const;
  program
    .command('security')
    .description('show what an instance can access; with options, change it from the next start')
    .argument('<name>')
    .addOption(format())
    .option('--qemu-arg <argument>', 'extra QEMU argument; repeat for each argument and value (root)', textsValue)
    .option('--qemu-env <name[=value]>', 'environment variable for QEMU (root)', textsValue)
    .addOption(new Option('--hugepages <on|off>', "memory from the host's huge pages").choices(isOnOrOff))
    .addOption(new Option('--vhost-net <on|off>', 'the kernel moves its packets (root)').choices(isOnOrOff))
    .option('--vfio-group <number>', 'PCI devices of an IOMMU group (root)', textsValue)
    .option('--host-disk <device[:ro]>', 'a disk of this computer (root)', textsValue)
    .option('--clear <list>', 'empty a list: qemu-arg, qemu-env, vfio-group or host-disk', clearValue)
    .action((name, options) =>
      run(async (context) => (await import('./commands/security.ts')).security(context, name, options)),
    );
  program
    .command('denials')
    .description('list blocked access of an instance; without a name, of Berth itself')
    .argument('[name]')
    .addOption(format())
    .action((name, options) =>
      run(async (context) => (await import('./commands/denials.ts')).denials(context, name, options)),
    );
  program
    .command('allow')
    .description('allow an instance to access a blocked file, or another file of yours')
    .argument('<name>')
    .argument('<id|path>', 'see berth denials')
    .option('-w, --write', 'allow writing too')
    .action((name, target, options) =>
      run(async (context) => (await import('./commands/denials.ts')).allow(context, name, target, options)),
    );
  program
    .command('block')
    .description('keep access blocked, or block it again')
    .argument('<name>')
    .argument('<id|path...>', 'see berth denials')
    .action((name, ids) => run(async (context) => (await import('./commands/denials.ts')).block(context, name, ids)));
  program
    .command('complain')
    .description('make the profile of an instance report instead of block (root)')
    .argument('<name>')
    .action((name) =>
      run(async (context) => (await import('./commands/confinement-mode.ts')).setMode(context, name, 'complain')),
    );
  program
    .command('enforce')
    .description('make the profile of an instance block again')
    .argument('<name>')
    .action((name) =>
      run(async (context) => (await import('./commands/confinement-mode.ts')).setMode(context, name, 'enforce')),
    );
  program
    .command('doctor')
    .description('check this computer for problems and show how to fix them')
    .addOption(format())
    .option('--strict', 'exit code 1 for what is limited too')
    .action((options) => run(async (context) => (await import('./commands/doctor.ts')).doctor(context, options)));
}
