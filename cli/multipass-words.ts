// SPDX-License-Identifier: MIT
import { Option, type Command } from '@commander-js/extra-typings';
import { exitCodes } from './exit-codes.ts';

interface Answer {
  readonly message: string;
  /** What does the same, or something like it. */
  readonly instead: string;
}

const oneNetwork: Answer = {
  message: 'Berth does not support choosing a network yet. All instances share one network.',
  instead: 'Use berth info NAME to see addresses, and berth doctor to check the network.',
};
const noAliases: Answer = {
  message: 'Berth does not support command aliases yet.',
  instead: "Use an alias of your shell: alias NAME='berth exec INSTANCE -- COMMAND'",
};
const noSnapshots: Answer = {
  message: 'Berth does not support snapshots yet.',
  instead: 'Copy files you want to keep with berth transfer -r NAME:PATH FOLDER.',
};
const noSettings: Answer = {
  message: 'Berth does not support get and set yet.',
  instead: 'Use berth images settings for images, and berth security NAME for what an instance can access.',
};

/** Commands that Multipass has and Berth has not: who types one is told what to use. docs/cli.md lists them all. */
const commands: Readonly<Record<string, Answer>> = {
  suspend: {
    message: 'Berth does not support suspend yet.',
    instead: 'Use berth stop NAME to shut an instance down, and berth start NAME to boot it again.',
  },
  snapshot: noSnapshots,
  restore: noSnapshots,
  clone: {
    message: 'Berth does not support clone yet.',
    instead: 'Launch another instance of the same image, and copy files with berth transfer -r FROM:PATH TO:PATH.',
  },
  networks: oneNetwork,
  get: noSettings,
  set: noSettings,
  alias: noAliases,
  aliases: noAliases,
  unalias: noAliases,
  prefer: noAliases,
  authenticate: {
    message: 'Berth does not need a passphrase.',
    instead: 'All members of the group berth can use it.',
  },
  'wait-ready': {
    message: 'Berth does not support wait-ready yet.',
    instead: 'Use berth doctor. Its exit code is 3 while the helper cannot be reached.',
  },
};

/** The same for options, by command. */
const options: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  launch: {
    '--mount <folder>': {
      message: 'berth launch does not support --mount yet.',
      instead: 'Launch the instance first, then run berth mount FOLDER NAME[:TARGET].',
    },
    '--network <network>': oneNetwork,
    '--bridged': oneNetwork,
  },
  stop: {
    '--time <minutes>': {
      message: 'berth stop does not support --time yet.',
      instead: 'Use --timeout SECONDS to set how long the guest may take.',
    },
    '--cancel': {
      message: 'berth stop does not support --cancel yet.',
      instead: 'Use berth cancel ID to cancel a stop in progress.',
    },
  },
  exec: {
    '--working-directory <directory>': {
      message: 'berth exec does not support --working-directory.',
      instead: 'Use -w DIRECTORY or --workdir.',
    },
  },
  find: {
    '--show-unsupported': { message: 'berth find does not support --show-unsupported.', instead: 'Use --all.' },
    '--force-update': { message: 'berth find does not support --force-update.', instead: 'Use --refresh.' },
  },
  transfer: {
    '--parents': {
      message: 'berth transfer does not support --parents yet.',
      instead: 'Create the folder first: berth exec NAME -- mkdir -p FOLDER',
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
