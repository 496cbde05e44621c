// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { programNames } from '../../../native-helper/process/programs.ts';

const helper = path.resolve(import.meta.dirname, '../../../native-helper');
/** Lists of names are no callers. */
const lists = ['process/programs.ts', 'confinement/profiles/helper.ts'];
const code = readdirSync(helper, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !lists.includes(file))
  .map((file) => readFileSync(path.join(helper, file), 'utf8'))
  .join('\n')
  .replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '');

it.each(programNames.filter((name) => !name.startsWith('qemu-system-')))('%s has a caller', (name) => {
  expect(code).toContain(`'${name}'`);
});

it("QEMU's programs are named by their architecture", () => {
  expect(code).toContain('`qemu-system-${architecture}`');
});
