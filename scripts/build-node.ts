// SPDX-License-Identifier: MIT
// Bundles the helper with its other programs and the command line. Packages with native parts stay outside the bundle.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';
import type { BuildOptions } from 'rolldown';
import { bundledPackages, packagesOf } from './lib/bundled-packages.ts';
import { noticesOf } from './lib/notices.ts';
import {
  byDescriptorBundle,
  cliBundle,
  cliCommand,
  cliStart,
  fetchBundle,
  filteredExecBundle,
  helperBundle,
  nodeNotices,
  mayOpenBundle,
  checkBundle,
  root,
  sshBundle,
  watchBundle,
} from './lib/paths.ts';

const native = ['koffi', 'node-pty', 'ssh2', 'cpu-features'];

const bundles = await Promise.allSettled([
  bundle('native-helper/main.ts', helperBundle),
  bundle('native-helper/images/fetch/main.ts', fetchBundle),
  bundle('native-helper/cloudinit/check/main.ts', checkBundle),
  bundle('native-helper/confinement/grants/by-descriptor/main.ts', byDescriptorBundle),
  bundle('native-helper/confinement/grants/may-open/main.ts', mayOpenBundle),
  bundle('native-helper/shares/filter/filtered-exec.ts', filteredExecBundle),
  bundle('native-helper/shares/watch/main.ts', watchBundle),
  // one file, so that it is there soon; the library's native parts are not used, but it asks where it lies
  bundle('native-helper/guest/ssh-process/main.ts', sshBundle, {
    external: ['cpu-features', /\.node$/],
    banner: 'const __dirname = import.meta.dirname;\nconst __filename = import.meta.filename;',
  }),
  bundle('cli/main.ts', cliBundle),
  bundle('cli/start.ts', cliStart),
]);
fs.rmSync(cliCommand, { force: true }); // it was a link once
fs.writeFileSync(
  cliCommand,
  `#!/bin/sh
# SPDX-License-Identifier: MIT
# Berth's command line, on the Node that came along; without it on the one of this computer, unless that is too old.
here=$(dirname "$(readlink -f "$0")")
# what a user left in the environment (sudo -E) must not run code of his as root
if [ "$(id -u)" = 0 ]; then unset NODE_COMPILE_CACHE NODE_OPTIONS; fi
node=$here/../../node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=node
  node -e 'process.exit(parseInt(process.versions.node) >= 24 ? 0 : 1)' 2>/dev/null || {
    echo 'berth: it needs Node 24, and the one that came along is not there. Get it with: ./run setup' >&2
    exit 1
  }
fi
exec "$node" "$here/${path.basename(cliStart)}" "$@"
`,
  { mode: 0o755 },
);
for (const each of bundles) if (each.status === 'rejected') process.stderr.write(`${String(each.reason)}\n`);
const built = bundles.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
if (built.length === bundles.length) fs.writeFileSync(nodeNotices, noticesOf(packagesOf(built)));
process.exitCode = built.length === bundles.length ? 0 : 1;

async function bundle(
  input: string,
  file: string,
  { external = native, banner = '' }: { readonly external?: BuildOptions['external']; readonly banner?: string } = {},
): Promise<string> {
  await build({
    cwd: root,
    input,
    platform: 'node',
    external,
    plugins: [bundledPackages(nameOf(file))],
    tsconfig: false,
    logLevel: 'warn',
    output: { file, format: 'esm', sourcemap: true, codeSplitting: false, banner },
  });
  return nameOf(file);
}

function nameOf(file: string): string {
  return `${path.basename(path.dirname(file))}-${path.basename(file, '.mjs')}`;
}
