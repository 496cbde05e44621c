// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';
import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';
import { dependenciesOf } from './external-packages.ts';
import { root } from './paths.ts';

const lists = path.join(root, '.cache/bundled-packages');
/** Modules that the bundlers write themselves. */
const written: readonly (readonly [RegExp, string])[] = [
  [/^\0?rolldown\//, 'rolldown'],
  [/^\0?vite\//, 'vite'],
];
/** Of Electron's runtime, which has its own notices beside it. */
const ofRuntime = ['electron'];

/**
 * A plugin that notes the packages of whatever a bundle holds: those its modules are of, and those that it loads by
 * name, with what they depend on. {@link packagesOf} reads the list.
 */
export function bundledPackages(bundle: string): Plugin {
  return {
    name: 'bundled-packages',
    generateBundle: async (_options, outputs) => {
      const chunks = Object.values(outputs).filter((output) => output.type === 'chunk');
      const found = new Set(chunks.flatMap((chunk) => chunk.moduleIds.flatMap(directoryOf)));
      for (const name of chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])) {
        if (isPackage(name)) await addWithDependencies(path.join(root, 'node_modules', name), found);
      }
      await fs.promises.mkdir(lists, { recursive: true });
      const sorted = [...found].map((directory) => path.relative(root, directory)).toSorted();
      await fs.promises.writeFile(path.join(lists, `${bundle}.json`), JSON.stringify(sorted, undefined, 2));
    },
  };
}

/** Directories of the packages in some bundles, each once. They must have been built with {@link bundledPackages}. */
export function packagesOf(bundles: readonly string[]): readonly string[] {
  const found = bundles.flatMap(
    (bundle) => JSON.parse(fs.readFileSync(path.join(lists, `${bundle}.json`), 'utf8')) as readonly string[],
  );
  return [...new Set(found)].map((directory) => path.join(root, directory));
}

/** The package that a module is of, as a list of one; none for our own. */
function directoryOf(id: string): readonly string[] {
  const byBundler = written.find(([pattern]) => pattern.test(id));
  if (byBundler) return [path.join(root, 'node_modules', byBundler[1])];
  const match = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
  return match?.[1] === undefined ? [] : [match[1]];
}

function isPackage(name: string): boolean {
  if (name.startsWith('.') || name.startsWith('/') || name.startsWith('node:')) return false;
  return !builtinModules.includes(name) && !ofRuntime.includes(name) && isInstalled(name);
}

function isInstalled(name: string): boolean {
  return fs.existsSync(path.join(root, 'node_modules', name, 'package.json'));
}

async function addWithDependencies(directory: string, found: Set<string>): Promise<void> {
  if (found.has(directory)) return;
  found.add(directory);
  for (const name of await dependenciesOf(directory)) {
    const own = path.join(directory, 'node_modules', name);
    await addWithDependencies(fs.existsSync(own) ? own : path.join(root, 'node_modules', name), found);
  }
}
