// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { instanceVerbs, type InstanceVerb } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import { formatOption as format } from './format-option.ts';
import { countValue, secondsValue, machineSizeValue, textsValue, timeZoneValue } from './option-values.ts';
import type { Command as Work } from './run-command.ts';
import { waitGoals } from './wait-goals.ts';

type Program = Pick<Command, 'command'>;
type Run = (work: Work) => Promise<never>;

/** The grammar of what is done with instances from outside. */
export function addInstanceCommands(program: Program, run: Run): void {
  addLaunch(program, run);
  addLooks(program, run);
  addSettings(program, run);
  for (const verb of instanceVerbs) (own[verb] ?? plain(verb))(program, run);
}

function addLaunch(program: Program, run: Run): void {
  program
    .command('launch')
    .description(say('cli.launch.description'))
    .argument('[image]', say('cli.launch.argument-image'), 'tiny')
    .option('-n, --name <name>', say('cli.launch.option-name'))
    .option('-c, --cpus <count>', say('cli.launch.option-cpus'), countValue)
    .option('-m, --memory <size>', say('cli.launch.option-memory'), machineSizeValue)
    .option('-d, --disk <size>', say('cli.launch.option-disk'), machineSizeValue)
    .option('--cloud-init <file>', say('cli.launch.option-cloud-init'))
    .option('--strict-cloud-init', say('cli.launch.option-strict-cloud-init'))
    .option('--timezone <zone>', say('cli.launch.option-timezone'), timeZoneValue)
    .option('--timeout <seconds>', say('cli.launch.option-timeout'), countValue)
    .option('--without-apparmor', say('cli.launch.option-without-apparmor'))
    .option('--no-wait', say('cli.common.option-no-wait'))
    .action((image, options) =>
      run(async (context) => (await import('./commands/launch.ts')).launch(context, image, options)),
    );
}

function addLooks(program: Program, run: Run): void {
  program
    .command('list')
    .alias('ls')
    .description(say('cli.list.description'))
    .addOption(format())
    .option('-a, --all', say('cli.list.option-all'))
    .option('--tag <tag>', say('cli.list.option-tag'), textsValue)
    .action((options) => run(async (context) => (await import('./commands/list.ts')).list(context, options)));
  program
    .command('info')
    .description(say('cli.info.description'))
    .argument('<name...>')
    .addOption(format())
    .action((names, options) =>
      run(async (context) => (await import('./commands/info.ts')).info(context, names, options)),
    );
}

function addSettings(program: Program, run: Run): void {
  program
    .command('set')
    .description(say('cli.set.description'))
    .argument('<name>')
    .argument('[setting...]', say('cli.set.argument-assignments'))
    .action((name, assignments) =>
      run(async (context) => (await import('./commands/set.ts')).set(context, name, assignments)),
    );
  program
    .command('get')
    .description(say('cli.get.description'))
    .argument('<name>')
    .argument('[key]')
    .addOption(format())
    .action((name, key, options) =>
      run(async (context) => (await import('./commands/get.ts')).get(context, name, key, options)),
    );
  program
    .command('wait')
    .description(say('cli.wait.description'))
    .argument('<name>')
    .addOption(new Option('--for <state>', say('cli.wait.option-for')).choices(waitGoals).default('ready' as const))
    .option('--timeout <seconds>', say('cli.wait.option-timeout'), secondsValue)
    .action((name, options) =>
      run(async (context) => (await import('./commands/wait.ts')).wait(context, name, options)),
    );
}

type AddCommand = (program: Program, run: Run) => void;

/** Verbs that take more than instances. */
const own: Partial<Readonly<Record<InstanceVerb, AddCommand>>> = {
  start: (program, run) => {
    program
      .command('start')
      .description(say('verb.start.help'))
      .argument('[name...]')
      .option('--all', say('verb.start.all'))
      .option('--tag <tag>', say('cli.common.option-tag'), textsValue)
      .option('--cold', say('cli.start.option-cold'))
      .option('--without-apparmor', say('cli.start.option-without-apparmor'))
      .option('--no-wait', say('cli.common.option-no-wait'))
      .action((names, options) =>
        run(async (context) => (await import('./commands/start.ts')).start(context, names, options)),
      );
  },
  stop: (program, run) => {
    program
      .command('stop')
      .description(say('verb.stop.help'))
      .argument('[name...]')
      .option('--all', say('verb.stop.all'))
      .option('--tag <tag>', say('cli.common.option-tag'), textsValue)
      .option('-f, --force', say('cli.common.option-force'))
      .option('--timeout <seconds>', say('cli.common.option-timeout'), countValue)
      .option('--no-wait', say('cli.common.option-no-wait'))
      .action((names, options) =>
        run(async (context) => (await import('./commands/stop.ts')).stop(context, names, options)),
      );
  },
  restart: (program, run) => {
    program
      .command('restart')
      .description(say('verb.restart.help'))
      .argument('[name...]')
      .option('--all', say('verb.restart.all'))
      .option('--tag <tag>', say('cli.common.option-tag'), textsValue)
      .option('-f, --force', say('cli.common.option-force'))
      .option('--timeout <seconds>', say('cli.common.option-timeout'), countValue)
      .option('--no-wait', say('cli.common.option-no-wait'))
      .action((names, options) =>
        run(async (context) => (await import('./commands/restart.ts')).restart(context, names, options)),
      );
  },
  delete: (program, run) => {
    program
      .command('delete')
      .alias('rm')
      .description(say('verb.delete.help'))
      .argument('[name...]')
      .option('--all', say('verb.delete.all'))
      .option('--tag <tag>', say('cli.common.option-tag'), textsValue)
      .option('-p, --purge', say('cli.delete.option-purge'))
      .option('-f, --force', say('cli.delete.option-force'))
      .option('-y, --yes', say('cli.common.option-yes'))
      .action((names, options) =>
        run(async (context) => (await import('./commands/delete.ts')).deleteInstances(context, names, options)),
      );
  },
  purge: (program, run) => {
    program
      .command('purge')
      .description(say('verb.purge.help'))
      .argument('[name...]')
      .option('--all', say('verb.purge.all'))
      .option('--tag <tag>', say('cli.common.option-tag'), textsValue)
      .option('-y, --yes', say('cli.common.option-yes'))
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
      .description(say(`verb.${verb}.help`))
      .argument('[name...]')
      .option('--all', say(`verb.${verb}.all`))
      .option('--tag <tag>', say('cli.common.option-tag'), textsValue)
      .option('--no-wait', say('cli.common.option-no-wait'))
      .action((names, options) =>
        run(async (context) => (await import('./commands/plain-verb.ts')).plainVerb(context, verb, names, options)),
      );
  };
}
