// SPDX-License-Identifier: MIT
import { ownProgram } from '../../core/own-program.ts';
import { locateProgram } from '../../process/programs.ts';
import type { filterChoices } from './share-filter.ts';

/** Beside this file in the sources; beside the helper in a package. */
const filteredExec = ownProgram(import.meta.dirname, 'filtered-exec.ts', 'filtered-exec.mjs');

/** A command that runs under the filter of its kind from its first instruction on, and all that comes from it. */
export async function filteredCommand(
  kind: keyof typeof filterChoices,
  { program, args }: { readonly program: 'unshare'; readonly args: readonly string[] },
): Promise<{ readonly program: 'node'; readonly args: string[] }> {
  return { program: 'node', args: ['--no-warnings', filteredExec, kind, await locateProgram(program), ...args] };
}
