// SPDX-License-Identifier: MIT
// `./run uninstall`: takes away what `./run start` or an installed helper made on this computer.
import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { asRoot, obtainRoot } from './lib/as-root.ts';
import { heading } from './lib/heading.ts';
import { parseOptions } from './lib/parse-options.ts';
import { helperBundle, root } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';

const { values: options } = parseOptions({
  options: {
    'state-dir': { type: 'string', default: '/var/lib/berth' },
    'run-dir': { type: 'string', default: '/run/berth' },
    'keep-data': { type: 'boolean', default: false },
    'remove-data': { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
  },
});

await obtainRoot('to take away what the helper made');
const flags = (['keep-data', 'remove-data', 'force'] as const)
  .filter((name) => options[name])
  .map((name) => `--${name}`);
const [program = '', ...args] = asRoot([
  process.execPath,
  helperBundle,
  '--uninstall',
  ...flags,
  '--state-dir',
  path.resolve(options['state-dir']),
  '--run-dir',
  path.resolve(options['run-dir']),
]);
heading('Uninstall');
process.exitCode = (await runProgram(program, args, { stdio: 'inherit' })).exitCode;
if (process.exitCode === 0) sayWhatIsLeft();

/** Where the window keeps its own; the same names as in electron/main.ts. */
function sayWhatIsLeft(): void {
  const windows = [
    path.join(process.env.XDG_CONFIG_HOME ?? path.join(homedir(), '.config'), 'berth'),
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'berth'),
  ];
  if (options['remove-data']) for (const directory of windows) fs.rmSync(directory, { recursive: true, force: true });
  const left = [
    ...windows.map((directory) => [directory, "the window's preferences and cache"] as const),
    ['/etc/berth', "the administrator's settings"] as const,
    [root, 'the program itself'] as const,
  ].filter(([place]) => fs.existsSync(place));
  process.stdout.write(
    `Left for you to remove where you like, besides the packages of scripts/apt-packages.txt:\n${left.map(([place, what]) => `  ${place}   ${what}\n`).join('')}`,
  );
}
