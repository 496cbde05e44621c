// SPDX-License-Identifier: MIT
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { say } from '#messages/say.ts';
import { exitCodes } from './exit-codes.ts';

/** Ends the program, for a word where one of the commands of `parent` has to stand. */
export function refuseUnknownCommand(parent: CommandUnknownOpts, word: string): never {
  const [near] = namesOf(parent)
    .map((name) => ({ name, distance: distance(word, name) }))
    .filter(({ name, distance: edits }) => edits <= Math.min(mostEdits, 0.6 * Math.max(name.length, word.length)))
    .sort((one, other) => one.distance - other.distance);
  const suggestion = near && say('cli.usage.did-you-mean', { word: near.name });
  const error = say('cli.usage.unknown-command', { word });
  parent.error([error, ...(suggestion ? [suggestion] : [])].join('\n'), { exitCode: exitCodes.usage });
}

/** The command of that name or alias. */
export function commandNamed(parent: CommandUnknownOpts, word: string): CommandUnknownOpts | undefined {
  return parent.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

function namesOf(parent: CommandUnknownOpts): readonly string[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .flatMap((each) => [each.name(), ...each.aliases()])
    .filter((name) => name.length > 1);
}

const mostEdits = 3;

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [column, wanted] of Array.from(other).entries())
      next.push(Math.min(next[column]! + 1, row[column + 1]! + 1, row[column]! + (letter === wanted ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}
