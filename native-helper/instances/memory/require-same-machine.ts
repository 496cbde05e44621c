// SPDX-License-Identifier: MIT
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { SuspendedRecord } from '../../store/suspended-record.ts';
import { layoutOf } from './machine-stamp.ts';

/** What a guest sees of its machine and a person has a name for; all the rest is in the layout. */
const seen: readonly (readonly [what: Sentence, of: (spec: MachineSpec) => string])[] = [
  [sentence('saved.what-architecture'), (spec) => spec.architecture],
  [sentence('saved.what-accelerator'), (spec) => spec.accelerator],
  [sentence('saved.what-machine-type'), (spec) => spec.stamp.machineType],
  [sentence('saved.what-cpu-model'), (spec) => spec.stamp.cpuModel],
  [sentence('saved.what-cpus'), (spec) => `${spec.cpus}/${spec.maxCpus}`],
  [sentence('saved.what-memory'), (spec) => formatBytes(spec.memoryBytes)],
  [sentence('saved.what-disk'), (spec) => spec.disks.map(({ bytes }) => formatBytes(bytes ?? 0)).join(', ')],
  [sentence('saved.what-mac'), (spec) => spec.nics.map(({ mac }) => mac).join(', ')],
  [sentence('saved.what-uuid'), (spec) => spec.uuid],
];

/**
 * That a machine of now is the one that the memory is of. QEMU itself would take much of another one's without a word.
 *
 * @throws HelperError memory.machine-differs, memory.devices-differ
 */
export function requireSameMachine(saved: SuspendedRecord, now: MachineSpec, processor: string | undefined): void {
  const { instance: name } = now;
  for (const [what, of] of seen) requireSame(name, what, of(saved.spec), of(now));
  requireSame(name, sentence('saved.what-processor'), saved.processor ?? '-', processor ?? '-');
  // the one that is stored, of this version's making, is compared too: it may have been changed by hand
  const layout = layoutOf(now);
  if (layoutOf({ ...saved.spec, ...placesOnHost(now) }) !== layout || saved.layout !== layout)
    throw new HelperError('memory.devices-differ', { name });
}

/** @throws HelperError memory.machine-differs */
export function requireSameQemu(name: string, saved: SuspendedRecord, version: string | undefined): void {
  requireSame(name, sentence('saved.what-qemu'), saved.spec.stamp.qemuVersion ?? '-', version ?? '-');
}

/** Where its files are says nothing to a guest. */
function placesOnHost({ runDirectory, qmpSocket, serialSocket, consoleLog, log }: MachineSpec): Partial<MachineSpec> {
  return { runDirectory, qmpSocket, serialSocket, consoleLog, log };
}

function requireSame(name: string, what: Sentence, before: string, now: string): void {
  if (before !== now) throw new HelperError('memory.machine-differs', { name, what, before, now });
}
