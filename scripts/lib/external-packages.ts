// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';

const unwanted =
  /(\.test\.js|\.map|\.d\.ts|\.md|\.o|\.a|\.gypi?|\.mk|Makefile)$|\/(src|deps|third_party|scripts|test|typings|prebuilds|obj\.target|\.deps|node-addon-api)(\/|$)/;

/**
 * Copies the packages that `bundle` requires or imports by name, and what these depend on, from `from` to `to`;
 * only the files that are used at run time.
 */
export async function copyExternalPackages(bundle: string, from: string, to: string): Promise<void> {
  const code = await fs.promises.readFile(bundle, 'utf8');
  const wanted = [...code.matchAll(/\b(?:require|import)\(["']([^"'./][^"']*)["']\)/g)].map((match) => match[1] ?? '');
  const names = new Set(
    wanted.filter(
      (name) => fs.existsSync(path.join(from, 'node_modules', name, 'package.json')) && name !== 'electron',
    ),
  );
  for (const name of names) {
    const source = path.join(from, 'node_modules', name);
    // a set grows while it is walked: the dependencies follow
    for (const dependency of await dependenciesOf(source)) names.add(dependency);
    await fs.promises.cp(source, path.join(to, 'node_modules', name), {
      recursive: true,
      filter: (file) => !unwanted.test(file.slice(source.length)),
    });
  }
}

/** Names of what a package needs at run time. */
export async function dependenciesOf(directory: string): Promise<readonly string[]> {
  const manifest = JSON.parse(await fs.promises.readFile(path.join(directory, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  // node-addon-api holds headers, used only to compile
  return Object.keys(manifest.dependencies ?? {}).filter((name) => name !== 'node-addon-api');
}
