// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import type { multipass } from '#messages/en/cli/multipass.ts';
import { say } from '#messages/say.ts';
import { exitCodes } from './exit-codes.ts';

/** What Berth does not support; the catalogue has beside it what does the same, or something like it. */
type Answer = Exclude<keyof typeof multipass, `${string}-instead`>;

/** Commands that Multipass has and Berth has not: who types one is told what to use. docs/cli.md lists them all. */
const commands: Readonly<Record<string, Answer>> = {
  snapshot: 'cli.multipass.snapshot',
  restore: 'cli.multipass.snapshot',
  clone: 'cli.multipass.clone',
  networks: 'cli.multipass.network',
  alias: 'cli.multipass.alias',
  aliases: 'cli.multipass.alias',
  unalias: 'cli.multipass.alias',
  prefer: 'cli.multipass.alias',
  authenticate: 'cli.multipass.authenticate',
  'wait-ready': 'cli.multipass.wait-ready',
};

/** The same for options, by command. */
const options: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  launch: {
    '--mount <folder>': 'cli.multipass.launch-mount',
    '--network <network>': 'cli.multipass.network',
    '--bridged': 'cli.multipass.network',
  },
  stop: {
    '--time <minutes>': 'cli.multipass.stop-time',
    '--cancel': 'cli.multipass.stop-cancel',
  },
  exec: {
    '--working-directory <directory>': 'cli.multipass.exec-working-directory',
  },
  find: {
    '--show-unsupported': 'cli.multipass.find-show-unsupported',
    '--force-update': 'cli.multipass.find-force-update',
  },
  transfer: {
    '--parents': 'cli.multipass.transfer-parents',
  },
};

/** Answers those words; the commands' own help shows none of them. */
export function addMultipassWords(program: Command): void {
  for (const command of program.commands)
    for (const [flags, answer] of Object.entries(options[command.name()] ?? {})) {
      const option = new Option(flags).hideHelp();
      command.addOption(option);
      command.on(`option:${option.name()}`, () => refuse(program, answer));
    }
  for (const [name, answer] of Object.entries(commands))
    program
      .command(name, { hidden: true })
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => refuse(program, answer));
}

function refuse(program: Pick<Command, 'error'>, answer: Answer): never {
  const hint = say('cli.error.hint', { hint: say(`${answer}-instead`) });
  program.error(`berth: ${say(answer)}\n  ${hint}`, { exitCode: exitCodes.usage });
}
