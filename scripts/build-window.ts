// SPDX-License-Identifier: MIT
// Builds Electron's main process, the preload script and the window with the Vite configurations that
// Forge uses, into the places where Forge would put them.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { root } from './lib/paths.ts';

fs.rmSync(path.join(root, '.vite'), { recursive: true, force: true });
process.env.NODE_ENV ??= 'production';
for (const name of ['main', 'preload', 'renderer']) {
  await build({ configFile: path.join(root, `vite.${name}.config.ts`), mode: 'production', logLevel: 'warn' });
}
