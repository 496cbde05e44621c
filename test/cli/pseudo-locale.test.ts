// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { imageRemote } from '#contract/images.ts';
import { hostCheck } from '#contract/system.ts';
import { pseudoLocale } from '#messages/pseudo-locale.ts';
import { outputFormats } from '../../cli/render/format.ts';
import { createProgram } from '../../cli/program.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { runBerth } from './run-berth.ts';

/** Whatever the command line shows without an accent here is in no catalogue, or no word. */
let helper: HelperProcess;

beforeAll(async () => {
  helper = await startHelper();
});

afterAll(async () => {
  await helper.stop();
});

const program = createProgram();
const visible = (command: Pick<typeof program, 'createHelp'>) =>
  command.createHelp().visibleCommands(command as typeof program);
const commands = visible(program).flatMap((command) => [
  [command.name()],
  ...visible(command)
    .filter(() => command.commands.length > 0)
    .map((each) => [command.name(), each.name()]),
]);

/** What is the same in all languages: names of commands and of their aliases, the program's, options, places. */
const names: ReadonlySet<string> = new Set([
  'berth',
  'path', // a place of `allow` and `block`: id|path
  ...[program, ...program.commands, ...program.commands.flatMap((each) => each.commands)].flatMap((each) => [
    each.name(),
    ...each.aliases(),
    ...each.registeredArguments.map((argument) => argument.name()),
  ]),
]);
const noWords: readonly RegExp[] = [
  /"[^"]*"/g, // a value that an option takes or has
  /'[^']*'/g, // a word of the command line, in what is said of it
  /\[[a-z-]+\.[a-z.-]+\]/g, // the code of an error
  /<[^>]*>/g, // a place
  /\[(?:options|command)\]|\[[a-z:.]+\]/g, // a place that may stay empty
  /(?:^|(?<=[\s,]))--?[a-z][a-z0-9-]*/gm, // an option
  /(?:\/[\w.-]+)+/g, // a path
  /\b[KMGT]i?B\b/g, // a unit
];

/** The words of an output that have no accents, `data` and what is the same in all languages left out. */
function plainWords(output: string, data: readonly string[] = []): string[] {
  const longestFirst = data.filter((each) => each !== '').toSorted((one, other) => other.length - one.length);
  return output.split('\n').flatMap((line) => {
    let rest = longestFirst.reduce((left, each) => left.replaceAll(each, ' '), line);
    for (const pattern of noWords) rest = rest.replaceAll(pattern, ' ');
    const words = rest.split(/[\s,|:.?⟦⟧()]+/).filter((word) => /[A-Za-z]{2,}/.test(word) && !names.has(word));
    return words.length > 0 ? [`${words.join(' ')}   in: ${line}`] : [];
  });
}

async function shown(...args: string[]): Promise<string> {
  const { stdout, stderr } = await runBerth(helper.runDirectory, args, { env: { BERTH_LANGUAGE: pseudoLocale } });
  return `${stdout.toString()}${stderr}`;
}

async function data<Schema extends z.ZodType>(schema: Schema, ...args: string[]): Promise<z.infer<Schema>> {
  const { stdout } = await runBerth(helper.runDirectory, [...args, '--format', 'json']);
  return schema.parse(JSON.parse(stdout.toString()));
}

describe('all words have accents in the language that has them', () => {
  test('of the general help', async () => {
    const help = await shown('help');
    expect(help).toContain('⟦');
    expect(plainWords(help)).toEqual([]);
  });

  test.each(commands.map((words) => [words]))('of the help of %j', async (words) => {
    expect(plainWords(await shown(...words, '--help'))).toEqual([]);
  });

  test.each([
    [['list']],
    [['list', '--all']],
    [['activity']],
    [['images', 'frob']],
    [['help', 'frob']],
    [['launhc']],
    [['launch', '-c', 'x']],
    [['launch', '-m', '512']],
    [['launch', '--timezone', 'x']],
    [['launch', '-n', 'web']],
    [['launch', 'UBUNTU']],
    [['list', '--format', 'x']],
    [['list', '--frob']],
    [['list', 'frob']],
    [['exec', 'web']],
    [['images', 'import', 'x']],
    [['info', 'nobody']],
    [['start', 'nobody', 'nothing']],
    [['purge', '--all']],
    [['purge']],
    [['restore', 'x']],
    [['launch', '--network', 'x']],
    [['transfer', 'a']],
    [['mount', '/etc/passwd', 'web']],
    [['version']],
  ])('of berth %j', async (args) => {
    const output = await shown(...args);
    expect(output).not.toBe('');
    expect(plainWords(output, [...args, ...args.map((each) => each.toLowerCase()), ...outputFormats])).toEqual([]);
  });

  test('of images that can be launched', async () => {
    const images = await data(z.array(z.record(z.string(), z.unknown())), 'find');
    const told = images.flatMap((image) => Object.values(image).flat().map(String));
    // without a network the helper says why none was reached
    const remotes = await data(z.array(imageRemote), 'images', 'remotes');
    const reasons = remotes.map(({ error }) => String(error?.params['reason'] ?? ''));
    expect(plainWords(await shown('find'), [...told, ...reasons])).toEqual([]);
  });

  test('of what the doctor says here', async () => {
    const { checks } = await data(z.object({ checks: z.array(hostCheck) }), 'doctor');
    // what is no sentence of the catalogue, and what stands in the places of those that are
    const told = checks.flatMap(({ sentences = {}, ...check }) => [
      ...['summary', 'evidence', 'fix', 'command'].flatMap((field) =>
        field in sentences ? [] : [String(check[field as keyof typeof check] ?? '')],
      ),
      ...Object.values(sentences).flatMap(({ values = {} }) => Object.values(values).map(String)),
    ]);
    expect(plainWords(await shown('doctor'), told)).toEqual([]);
  });
});
