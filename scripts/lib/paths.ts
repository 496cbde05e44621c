// SPDX-License-Identifier: MIT
import path from 'node:path';

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '../..');

export const seedImages = path.join(root, '.cache/images');
export const helperBundle = path.join(root, 'dist/helper/main.mjs');
/** The program that talks to image servers; beside the helper, which looks for it there. */
export const fetchBundle = path.join(root, 'dist/helper/fetch.mjs');
/** The program that puts a filter on a file system's server; beside the helper too. */
export const filteredExecBundle = path.join(root, 'dist/helper/filtered-exec.mjs');
/** The program that watches a shared folder as its user; beside the helper too. */
export const watchBundle = path.join(root, 'dist/helper/watch.mjs');
export const cliBundle = path.join(root, 'dist/cli/berth.mjs');
/** The command line under its own name; a link beside the bundle. */
export const cliCommand = path.join(root, 'dist/cli/berth');
export const reports = path.join(root, 'test-results');
