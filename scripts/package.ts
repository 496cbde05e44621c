// SPDX-License-Identifier: MIT
// `npm run package`: a runnable folder below out/, made by Forge from the installed Electron runtime.
import fs from 'node:fs';
import path from 'node:path';
import { fail, heading } from './lib/heading.ts';
import { root } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';

const runtime = await runProgram(process.execPath, ['scripts/electron-runtime.ts'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (runtime.exitCode !== 0) process.exit(runtime.exitCode);
const {
  version,
  source,
  path: executable,
} = JSON.parse(runtime.output) as { version: string; source: string; path: string };
if (source === 'registry')
  heading(`This package holds Electron ${version} out of the npm registry: for tests, not for release`);

// Forge asks for the version that package.json names, whatever the archive holds
const named = JSON.parse(fs.readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8')) as {
  version: string;
};
const zipDirectory = path.join(root, '.cache/electron-zip', version);
const zip = path.join(zipDirectory, `electron-v${named.version}-linux-${process.arch}.zip`);
if (!fs.existsSync(zip)) {
  heading('Packing the Electron runtime');
  fs.mkdirSync(zipDirectory, { recursive: true });
  const partial = `${zip}.partial.zip`;
  fs.rmSync(partial, { force: true });
  const packed = await runProgram('zip', ['-q', '-r', '-y', '-1', partial, '.'], {
    cwd: fs.realpathSync(path.dirname(executable)),
  });
  if (packed.exitCode !== 0)
    fail('the Electron runtime could not be packed.', 'zip must be installed: run ./run setup.');
  fs.renameSync(partial, zip);
}
const forge = await runProgram('electron-forge', ['package'], {
  stdio: 'inherit',
  env: { ...process.env, BERTH_ELECTRON_ZIP_DIR: zipDirectory },
});
process.exitCode = forge.exitCode;
