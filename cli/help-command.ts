// SPDX-License-Identifier: MIT
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { say } from '#messages/say.ts';
import { commandNamed, refuseUnknownCommand } from './unknown-command.ts';

/** `help`, with the words of a command behind it; commander's own shows other help where there is no such command. */
export function addHelpCommand(parent: CommandUnknownOpts): void {
  parent
    .command('help')
    .description(say('cli.common.option-help'))
    .argument('[command]')
    .allowExcessArguments()
    .action((_first, _options, help) => {
      let command = parent;
      for (const word of help.args) command = commandNamed(command, word) ?? refuseUnknownCommand(command, word);
      command.help();
    });
}
