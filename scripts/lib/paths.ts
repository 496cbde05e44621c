// SPDX-License-Identifier: MIT
import path from 'node:path';

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, '../..');

export const seedImages = path.join(root, '.cache/images');
export const helperBundle = path.join(root, 'dist/helper/main.mjs');
/**
 * As the service has it (assets/linux/berth-helper.service): little of what the helper makes lives long, and 5 MB stay
 * free.
 */
export const helperNodeOptions = ['--max-semi-space-size=1'] as const;
/** The program that reads cloud-init documents; beside the helper, which looks for it there. */
export const checkBundle = path.join(root, 'dist/helper/check.mjs');
/** The program that talks to image servers; beside the helper too. */
export const fetchBundle = path.join(root, 'dist/helper/fetch.mjs');
/** The program that puts a filter on a file system's server; beside the helper too. */
export const filteredExecBundle = path.join(root, 'dist/helper/filtered-exec.mjs');
/** The program that opens for root what lies at others' names; beside the helper too. */
export const byDescriptorBundle = path.join(root, 'dist/helper/by-descriptor.mjs');
/** The program that tries what a machine's user may open; beside the helper too. */
export const mayOpenBundle = path.join(root, 'dist/helper/may-open.mjs');
/** The program that watches a shared folder as its user; beside the helper too. */
export const watchBundle = path.join(root, 'dist/helper/watch.mjs');
/** The program that speaks SSH with a guest; beside the helper too. */
export const sshBundle = path.join(root, 'dist/helper/ssh.mjs');
export const cliBundle = path.join(root, 'dist/cli/berth.mjs');
/** What the command runs: the bundle, with what Node compiled of it before. */
export const cliStart = path.join(root, 'dist/cli/start.mjs');
/** The command line under its own name; a script beside the bundle (also BERTH_CLI of a terminal in the window). */
export const cliCommand = path.join(root, 'dist/cli/berth');
/** Whose code is in helper and command line, and under which licences. */
export const nodeNotices = path.join(root, 'dist/THIRD-PARTY-NOTICES');
/** The same for the window. */
export const windowNotices = path.join(root, '.vite/THIRD-PARTY-NOTICES');
/** The bundles of the window, by their Vite configurations. */
export const windowBundles = ['main', 'preload', 'renderer'] as const;
export const reports = path.join(root, 'test-results');

/** The report that a runner writes about a stage. */
export function reportOf(stage: string): string {
  return path.join(reports, `${stage}.json`);
}

/** The report about what of a stage was run once more (second-look.ts). */
export function secondReportOf(stage: string): string {
  return path.join(reports, `${stage}-again.json`);
}
