// SPDX-License-Identifier: MIT
import type { Argument, Help, Option } from '@commander-js/extra-typings';
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';

const titles: Readonly<Record<string, PlainTextId>> = {
  'Usage:': 'cli.help.usage',
  'Arguments:': 'cli.help.arguments',
  'Options:': 'cli.help.options',
  'Commands:': 'cli.help.commands',
};

/** The words that commander puts into a command's help, from the catalogue. */
export const helpWords: Partial<Help> = {
  styleTitle: (title) => {
    const id = titles[title];
    return id === undefined ? title : say(id);
  },
  argumentDescription: (argument: Argument) => described(argument.description, ...facts(argument)),
  optionDescription: (option: Option) =>
    described(option.description, ...facts(option, option.required || option.optional)),
};

/** What can be chosen, and what it is where nothing is said; `false` of a switch says nothing. */
function facts(
  {
    argChoices,
    defaultValue,
  }: { readonly argChoices?: readonly string[] | undefined; readonly defaultValue?: unknown },
  showsDefault = true,
): readonly string[] {
  return [
    ...(argChoices === undefined
      ? []
      : [say('cli.help.choices', { choices: argChoices.map((each) => JSON.stringify(each)).join(', ') })]),
    ...(defaultValue === undefined || !showsDefault
      ? []
      : [say('cli.help.default', { value: JSON.stringify(defaultValue) })]),
  ];
}

function described(description: string, ...more: readonly string[]): string {
  return [description, ...(more.length === 0 ? [] : [`(${more.join(', ')})`])].filter((each) => each !== '').join(' ');
}
