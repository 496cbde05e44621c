// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import { commandLine } from '../../hypervisor/qemu/command-line.ts';

/**
 * What this version makes of a specification, as one value: a later one may give a machine of the same specification
 * other devices. How the memory comes is no part of it.
 */
export function layoutOf(spec: MachineSpec): Fingerprint {
  const { memory: _, ...lasting } = spec;
  const text = JSON.stringify(commandLine({ ...lasting, stamp: { ...spec.stamp, qemuVersion: undefined } }));
  return fingerprint.parse(createHash('sha256').update(text).digest('hex'));
}

/** The processor that a guest sees, where it is this computer's own; undefined where QEMU emulates one. */
export async function processorOf({ accelerator }: Pick<MachineSpec, 'accelerator'>): Promise<string | undefined> {
  return accelerator === 'kvm' ? processorIn(await readFile('/proc/cpuinfo', 'utf8')) : undefined;
}

const kinds = [
  'vendor_id',
  'cpu family',
  'model',
  'model name',
  'stepping',
  'CPU implementer',
  'CPU part',
  'CPU variant',
];

/** Of the first processor: what it is called, and what it can do, which an update of its microcode may change. */
export function processorIn(cpuinfo: string): string {
  const [first = ''] = cpuinfo.split('\n\n');
  const values = new Map(first.split('\n').map((line) => [keyOf(line), line.slice(line.indexOf(':') + 1).trim()]));
  const name = values.get('model name') ?? values.get('CPU part') ?? 'processor';
  const all = [...kinds, 'flags', 'Features'].map((key) => values.get(key) ?? '').join('\n');
  return `${name} (${createHash('sha256').update(all).digest('hex').slice(0, 12)})`;
}

function keyOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(':'))).trim();
}
