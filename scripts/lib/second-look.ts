// SPDX-License-Identifier: MIT
// A test that fails by chance is told, not forgiven in silence: its file is run once more, alone. What
// passes then is listed in the summary as unstable, with its first message, to be mended.
import { heading } from './heading.ts';

/** More failures than this are no chance. */
const MOST_FILES = 3;

/** Levels in which once is enough: a race that an attacker wins once is won, and so is a crash that loses something. */
const onceIsEnough = ['test/attacks/', 'test/crash/', 'test/lab/'];

/**
 * Runs the failed files of a stage once more, where that can tell chance from defect.
 * @param files that failed; undefined where it is not known which
 * @param run runs them, one after the other; its exit code
 * @returns the exit code of the second look; undefined when there was none
 */
export async function lookAgain(
  files: readonly string[] | undefined,
  run: (files: readonly string[]) => Promise<number>,
): Promise<number | undefined> {
  if (files === undefined || files.length > MOST_FILES) return undefined;
  if (files.some((file) => onceIsEnough.some((level) => file.startsWith(level)))) return undefined;
  heading(`Second look, alone: ${files.join(', ')}`);
  return await run(files);
}
