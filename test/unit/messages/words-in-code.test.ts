// SPDX-License-Identifier: MIT
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/lib/paths.ts';
import { wordsInCode } from '../../support/words-in-code.ts';

test('what command line, client and main process show comes from the catalogue', () => {
  const found = ['cli', 'client', 'electron']
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .flatMap((file) => wordsInCode(file, readFileSync(path.join(root, file), 'utf8')).map((each) => `${file}:${each}`));
  expect(found).toEqual([]);
});

test.each([
  ["tell('Nothing was found.');", 'Nothing was found.'],
  ['tell(`Nothing of ${name}.`);', 'Nothing of ….'],
  ["throw new CliError(say('cli.usage.size'), 2, 'Say it again.');", 'Say it again.'],
  ["program.command('x').option('-n, --name', 'its name');", 'its name'],
  ["columns.push({ title: 'NAME' });", 'NAME'],
  ["tell(count === 1 ? 'one image' : say('cli.common.option-yes'));", 'one image'],
  ['showError(`berth: Cannot write: ${reason}.`);', 'berth: Cannot write: ….'],
])('%s is found', (source, text) => {
  expect(wordsInCode('cli/example.ts', source)).toEqual([`1: ${text}`]);
});

test.each([
  "tell(say('cli.usage.size'));",
  'tell(`${name}: ${reason}`);',
  "show(renderJson(await request('images.settings', {})));",
])('%s is none', (source) => {
  expect(wordsInCode('cli/example.ts', source)).toEqual([]);
});
