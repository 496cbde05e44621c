// SPDX-License-Identifier: MIT
import type { Command } from '@commander-js/extra-typings';
import { formatOption as format } from './format-option.ts';
import type { Command as Work } from './run-command.ts';

/** The commands about what holds instances in, and whether this computer can. */
export function addSecurityCommands(program: Command, run: (work: Work) => Promise<never>): void {
  program.command('denials').description('what the confinement of an instance refused').argument('<name>').addOption(format())
    .action((name, options) => run(async (context) => (await import('./commands/denials.ts')).denials(context, name, options)));
  program.command('allow').description('give an instance the file that it was refused, or any other of yours').argument('<name>').argument('<id|path>', 'see berth denials')
    .option('-w, --write', 'to be written too')
    .action((name, target, options) => run(async (context) => (await import('./commands/denials.ts')).allow(context, name, target, options)));
  program.command('block').description('keep refused things refused, or refuse them again, and ask no more').argument('<name>').argument('<id|path...>', 'see berth denials')
    .action((name, ids) => run(async (context) => (await import('./commands/denials.ts')).block(context, name, ids)));
  program.command('complain').description('let the profile of an instance only report what it would refuse').argument('<name>')
    .action((name) => run(async (context) => (await import('./commands/confinement-mode.ts')).setMode(context, name, 'complain')));
  program.command('enforce').description('let it refuse again').argument('<name>')
    .action((name) => run(async (context) => (await import('./commands/confinement-mode.ts')).setMode(context, name, 'enforce')));
  program.command('doctor').description('look at this computer: what instances need, what is wrong, the way out').addOption(format())
    .option('--strict', 'exit code 1 for what is limited too')
    .action((options) => run(async (context) => (await import('./commands/doctor.ts')).doctor(context, options)));
}
