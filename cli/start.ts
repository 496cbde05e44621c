// SPDX-License-Identifier: MIT
// What the command `berth` runs: it lets Node keep the compiled code, and loads the bundle that lies beside it.
import { enableCompileCache } from 'node:module';
import { compiledDirectory } from './compiled-directory.ts';

const directory = compiledDirectory();
if (directory !== undefined) enableCompileCache(directory);
await import(new URL('berth.mjs', import.meta.url).href);
