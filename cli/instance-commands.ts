// SPDX-License-Identifier: MIT
import type { Command } from '@commander-js/extra-typings';
import { instanceVerbs, verbs, type InstanceVerb } from '#contract/verbs.ts';
import { formatOption as format } from './format-option.ts';
import { countValue, machineSizeValue, timeZoneValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';

type Program = Pick<Command, 'command'>;
type Run = (work: Work) => Promise<never>;

/** The grammar of what is done with instances from outside. */
export function addInstanceCommands(program: Program, run: Run): void {
  addLaunch(program, run);
  addLooks(program, run);
  for (const verb of instanceVerbs) (own[verb] ?? plain(verb))(program, run);
}

function addLaunch(program: Program, run: Run): void {
  program
    .command('launch')
    .description('create and start an instance')
    .argument('[image]', 'alias or digest (see berth find), a file or an https:// URL', 'tiny')
    .option('-n, --name <name>', 'name of the instance (default: generated)')
    .option('-c, --cpus <count>', 'number of CPUs (default: 2, if available)', countValue)
    .option('-m, --memory <size>', 'memory, such as 512M or 2G (default: 1G)', machineSizeValue)
    .option('-d, --disk <size>', 'disk, such as 10G (default: 5G, or more if the image needs it)', machineSizeValue)
    .option('--cloud-init <file>', 'cloud-init user data: a file, an https URL, or - for stdin')
    .option('--strict-cloud-init', 'fail if cloud-init fails; the instance is kept')
    .option('--timezone <zone>', 'time zone, such as Europe/Vienna', timeZoneValue)
    .option('--timeout <seconds>', 'how long to wait for the address and for SSH', countValue)
    .option('--without-apparmor', 'allow it to run without AppArmor; remembered')
    .option('--no-wait', 'return at once')
    .action((image, options) =>
      run(async (context) => (await import('./commands/launch.ts')).launch(context, image, options)),
    );
}

function addLooks(program: Program, run: Run): void {
  program
    .command('list')
    .alias('ls')
    .description('list instances')
    .addOption(format())
    .option('-a, --all', 'include deleted instances')
    .action((options) => run(async (context) => (await import('./commands/list.ts')).list(context, options)));
  program
    .command('info')
    .description('show details of instances')
    .argument('<name...>')
    .addOption(format())
    .action((names, options) =>
      run(async (context) => (await import('./commands/info.ts')).info(context, names, options)),
    );
}

type AddCommand = (program: Program, run: Run) => void;

/** Verbs that take more than instances. */
const own: Partial<Readonly<Record<InstanceVerb, AddCommand>>> = {
  start: (program, run) => {
    program
      .command('start')
      .description(verbs.start.words.help)
      .argument('[name...]')
      .option('--all', verbs.start.words.all)
      .option('--without-apparmor', 'allow them to run without AppArmor; remembered')
      .option('--no-wait', 'return at once')
      .action((names, options) =>
        run(async (context) => (await import('./commands/start.ts')).start(context, names, options)),
      );
  },
  stop: (program, run) => {
    program
      .command('stop')
      .description(verbs.stop.words.help)
      .argument('[name...]')
      .option('--all', verbs.stop.words.all)
      .option('-f, --force', 'power off immediately')
      .option('--timeout <seconds>', 'how long to wait for the guest', countValue)
      .option('--no-wait', 'return at once')
      .action((names, options) =>
        run(async (context) => (await import('./commands/stop.ts')).stop(context, names, options)),
      );
  },
  restart: (program, run) => {
    program
      .command('restart')
      .description(verbs.restart.words.help)
      .argument('[name...]')
      .option('--all', verbs.restart.words.all)
      .option('-f, --force', 'power off immediately')
      .option('--timeout <seconds>', 'how long to wait for the guest', countValue)
      .option('--no-wait', 'return at once')
      .action((names, options) =>
        run(async (context) => (await import('./commands/restart.ts')).restart(context, names, options)),
      );
  },
  delete: (program, run) => {
    program
      .command('delete')
      .alias('rm')
      .description(verbs.delete.words.help)
      .argument('[name...]')
      .option('--all', verbs.delete.words.all)
      .option('-p, --purge', 'permanently delete them')
      .option('-f, --force', 'power off running instances')
      .option('-y, --yes', 'do not ask')
      .action((names, options) =>
        run(async (context) => (await import('./commands/delete.ts')).deleteInstances(context, names, options)),
      );
  },
  purge: (program, run) => {
    program
      .command('purge')
      .description(verbs.purge.words.help)
      .argument('[name...]')
      .option('--all', verbs.purge.words.all)
      .option('-y, --yes', 'do not ask')
      .action((names, options) =>
        run(async (context) => (await import('./commands/purge.ts')).purge(context, names, options)),
      );
  },
};

/** All that a verb without a command of its own needs is in its row. */
function plain(verb: InstanceVerb): AddCommand {
  return (program, run) => {
    program
      .command(verb)
      .description(verbs[verb].words.help)
      .argument('[name...]')
      .option('--all', verbs[verb].words.all)
      .option('--no-wait', 'return at once')
      .action((names, options) =>
        run(async (context) => (await import('./commands/plain-verb.ts')).plainVerb(context, verb, names, options)),
      );
  };
}
