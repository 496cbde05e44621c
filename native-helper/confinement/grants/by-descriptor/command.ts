// SPDX-License-Identifier: MIT
import { ownProgram } from '../../../core/own-program.ts';

/** The program of main.ts: its file, for Node. */
export const byDescriptorProgram = ownProgram(import.meta.dirname, '../by-descriptor/main.ts', 'by-descriptor.mjs');

/** Its command line for one action, by Node. */
export function byDescriptor(...action: readonly ['look' | 'run', ...string[]]): {
  readonly program: 'node';
  readonly args: readonly string[];
} {
  return { program: 'node', args: ['--no-warnings', byDescriptorProgram, ...action] };
}
