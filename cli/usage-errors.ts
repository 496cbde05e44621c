// SPDX-License-Identifier: MIT
import type { TextId } from '#messages/en/index.ts';
import { saySentence } from '#messages/say.ts';

/** How commander says what is wrong with the words of a command line; named groups are the places of the message. */
const shapes: readonly (readonly [RegExp, TextId])[] = [
  [/^error: unknown command '(?<word>.*)'$/s, 'cli.usage.unknown-command'],
  [/^error: unknown option '(?<word>.*)'$/s, 'cli.usage.unknown-option'],
  [/^error: missing required argument '(?<name>.*)'$/s, 'cli.usage.missing-argument'],
  [/^error: option '(?<flags>.*)' argument missing$/s, 'cli.usage.missing-value'],
  [/^error: required option '(?<flags>.*)' not specified$/s, 'cli.usage.missing-option'],
  [
    /^error: too many arguments for '(?<command>[^']*)'\. Expected (?<most>\d+) arguments? but got (?<count>\d+): (?<words>.*)\.$/s,
    'cli.usage.too-many-arguments',
  ],
  [/^error: option '(?<flags>[^']*)' argument '(?<value>.*)' is invalid\. (?<reason>.*)$/s, 'cli.usage.invalid-option'],
];
const choices = /^Allowed choices are (?<choices>.*)\.$/s;
const suggestion = /\n\(Did you mean (?<several>one of )?(?<words>[a-z, -]+)\?\)$/;

/** An error of commander's in the words of the catalogue; one that the catalogue does not know stays as it is. */
export function usageError(text: string): string {
  const written = text.trimEnd();
  const near = suggestion.exec(written);
  const error = near === null ? written : written.slice(0, near.index);
  const lines = [saidLike(error, shapes), ...(near === null ? [] : [suggested(near.groups)])];
  return `${lines.join('\n')}\n`;
}

function suggested({ several, words = '' }: Readonly<Record<string, string>> = {}): string {
  return several === undefined
    ? saidAs('cli.usage.did-you-mean', { word: words })
    : saidAs('cli.usage.did-you-mean-one-of', { words });
}

function saidLike(text: string, known: typeof shapes): string {
  for (const [shape, id] of known) {
    const places = shape.exec(text)?.groups;
    if (places === undefined) continue;
    const { reason } = places;
    return saidAs(id, reason === undefined ? places : { ...places, reason: saidLike(reason, [choicesShape]) });
  }
  return text;
}

const choicesShape = [choices, 'cli.usage.choices'] as const;

function saidAs(id: TextId, values: Readonly<Record<string, string>>): string {
  return saySentence({ id, values }) ?? id;
}
