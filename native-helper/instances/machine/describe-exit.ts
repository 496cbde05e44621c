// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Reason } from '../../core/said-error.ts';
import { foreignWords } from '../../core/foreign-words.ts';
import type { MachineExit } from '../../core/seams/hypervisor.ts';

/** Why a machine ended, in QEMU's own last words where it had any. */
export function describeExit({ lastLines, exitCode, signal }: MachineExit): Reason {
  const said = lastLines.at(-1);
  if (said !== undefined) return foreignWords(said);
  if (signal !== null) return sentence('instance.ended-by-signal', { signal });
  return exitCode === null ? sentence('instance.machine-gone') : sentence('instance.exit-code', { exitCode });
}
