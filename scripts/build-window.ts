// SPDX-License-Identifier: MIT
// Builds Electron's main process, the preload script and the window with the Vite configurations that
// Forge uses, into the places where Forge would put them.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { packagesOf } from './lib/bundled-packages.ts';
import { noticesOf } from './lib/notices.ts';
import { root, windowBundles, windowNotices } from './lib/paths.ts';

fs.rmSync(path.join(root, '.vite'), { recursive: true, force: true });
process.env.NODE_ENV ??= 'production';
for (const name of windowBundles) {
  await build({ configFile: path.join(root, `vite.${name}.config.ts`), mode: 'production', logLevel: 'warn' });
}
fs.writeFileSync(windowNotices, noticesOf(packagesOf(windowBundles)));
