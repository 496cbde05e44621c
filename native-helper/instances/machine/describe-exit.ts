// SPDX-License-Identifier: MIT
import { foreignWords } from '../../core/foreign-words.ts';
import type { MachineExit } from '../../core/seams/hypervisor.ts';

/** Why a machine ended, in QEMU's own last words where it had any. */
export function describeExit({ lastLines, exitCode, signal }: MachineExit): string {
  const said = lastLines.at(-1);
  if (said !== undefined) return foreignWords(said);
  if (signal !== null) return `ended by ${signal}`;
  return exitCode === null ? 'it is gone; no helper was there to learn why' : `exit code ${exitCode}`;
}
