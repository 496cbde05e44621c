// SPDX-License-Identifier: MIT
import path from 'node:path';
import { defineConfig } from 'vite';
import { bundledPackages } from './scripts/lib/bundled-packages.ts';

/** The preload script: one CommonJS file, as a sandboxed renderer wants it. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [bundledPackages('preload')],
  build: {
    outDir: path.resolve(import.meta.dirname, '.vite/build'),
    emptyOutDir: false,
    target: 'chrome130',
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: 'electron/preload/preload.ts',
      external: ['electron'],
      output: { format: 'cjs', codeSplitting: false, entryFileNames: 'preload.cjs' },
    },
  },
});
