// SPDX-License-Identifier: MIT
// Bundles the helper and the command line. Packages with native parts stay outside the bundle.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { cliBundle, cliCommand, fetchBundle, filteredExecBundle, watchBundle, helperBundle, root } from './lib/paths.ts';

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  legalComments: 'linked',
  external: ['koffi', 'node-pty', 'ssh2', 'cpu-features'],
  logLevel: 'warning',
  // CommonJS packages inside an ES module still call require()
  banner: { js: "import { createRequire as berthCreateRequire } from 'node:module';\nconst require = berthCreateRequire(import.meta.url);" },
};

const bundles = await Promise.allSettled([
  build({ ...common, entryPoints: ['native-helper/main.ts'], outfile: helperBundle }),
  build({ ...common, entryPoints: ['native-helper/images/fetch/main.ts'], outfile: fetchBundle }),
  build({ ...common, entryPoints: ['native-helper/shares/virtiofs/filtered-exec.ts'], outfile: filteredExecBundle }),
  build({ ...common, entryPoints: ['native-helper/shares/watch/main.ts'], outfile: watchBundle }),
  build({ ...common, entryPoints: ['cli/main.ts'], outfile: cliBundle }),
]);
// the name under which a terminal of the window finds it (BERTH_CLI)
fs.rmSync(cliCommand, { force: true });
fs.symlinkSync(path.basename(cliBundle), cliCommand);
// esbuild has already written what is wrong
process.exitCode = bundles.some((bundle) => bundle.status === 'rejected') ? 1 : 0;
