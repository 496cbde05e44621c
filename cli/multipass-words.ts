// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { exitCodes } from './exit-codes.ts';

interface Answer {
  readonly message: string;
  /** What does the same, or something like it. */
  readonly instead: string;
}

const oneNetwork: Answer = {
  message: 'Berth has one network for all instances yet, and none to choose from.',
  instead: 'berth info NAME shows addresses, berth doctor whether the network is well.',
};
const noAliases: Answer = {
  message: 'Berth keeps no aliases of commands yet.',
  instead: "Your shell does: alias NAME='berth exec INSTANCE -- COMMAND'.",
};
const noSnapshots: Answer = {
  message: 'Berth keeps no snapshots yet.',
  instead: 'Copy what is to be kept with berth transfer -r NAME:PATH FOLDER.',
};
const noSettings: Answer = {
  message: 'Berth has no settings by key yet.',
  instead: 'berth images settings has those of images, berth security NAME what an instance may touch.',
};

/** Commands that Multipass has and Berth has not: who types one is told what to use. docs/cli.md lists them all. */
const commands: Readonly<Record<string, Answer>> = {
  suspend: {
    message: 'Berth cannot suspend instances yet.',
    instead: 'berth stop NAME shuts one down, and berth start NAME boots it again.',
  },
  snapshot: noSnapshots,
  restore: noSnapshots,
  clone: {
    message: 'Berth cannot clone instances yet.',
    instead: 'Launch another of the same image, and copy files with berth transfer -r FROM:PATH TO:PATH.',
  },
  networks: oneNetwork,
  get: noSettings,
  set: noSettings,
  alias: noAliases,
  aliases: noAliases,
  unalias: noAliases,
  prefer: noAliases,
  authenticate: {
    message: 'Berth asks for no passphrase: the kernel says who asks.',
    instead: 'Whoever is in the group berth may use it.',
  },
  'wait-ready': {
    message: 'Berth has no wait-ready yet.',
    instead: 'berth doctor answers at once; its exit code is 3 while the helper is not reached.',
  },
};

/** The same for options, by command. */
const options: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  launch: {
    '--mount <folder>': {
      message: 'berth launch has no --mount yet.',
      instead: 'Launch first, then: berth mount FOLDER NAME[:TARGET]',
    },
    '--network <network>': oneNetwork,
    '--bridged': oneNetwork,
  },
  stop: {
    '--time <minutes>': {
      message: 'berth stop has no --time yet: it stops at once.',
      instead: '--timeout SECONDS is how long the guest may take.',
    },
    '--cancel': {
      message: 'berth stop has no --cancel yet: it stops at once.',
      instead: 'berth cancel ID ends a stop.',
    },
  },
  exec: {
    '--working-directory <directory>': {
      message: 'berth exec has no --working-directory.',
      instead: 'Ours is -w DIRECTORY, or --workdir.',
    },
  },
  find: {
    '--show-unsupported': { message: 'berth find has no --show-unsupported.', instead: 'Ours is --all.' },
    '--force-update': { message: 'berth find has no --force-update.', instead: 'Ours is --refresh.' },
  },
  transfer: {
    '--parents': {
      message: 'berth transfer has no --parents yet.',
      instead: 'Make the folder first: berth exec NAME -- mkdir -p FOLDER',
    },
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

function refuse(program: Pick<Command, 'error'>, { message, instead }: Answer): never {
  program.error(`berth: ${message}\n  hint: ${instead}`, { exitCode: exitCodes.usage });
}
