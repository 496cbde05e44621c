// SPDX-License-Identifier: MIT
import { builtinModules } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vite';
import { bundledPackages } from './scripts/lib/bundled-packages.ts';

/** Electron's main process: CommonJS, because both supported runtimes load it the same way. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [bundledPackages('main')],
  resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
  build: {
    outDir: path.resolve(import.meta.dirname, '.vite/build'),
    emptyOutDir: false,
    target: 'node20',
    sourcemap: true,
    minify: false,
    lib: { entry: 'electron/main.ts', formats: ['cjs'], fileName: () => 'main.cjs' },
    rolldownOptions: {
      external: ['electron', 'node-pty', 'ssh2', 'koffi', ...builtinModules.flatMap((name) => [name, `node:${name}`])],
    },
  },
});
