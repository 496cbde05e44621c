// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { formatBytes } from '#contract/units.ts';
import { HelperError } from '../../core/errors.ts';

/**
 * Refuses what this computer can never hold, with all of its swap. Less than that is the user's to decide: guests that
 * do not use all they were promised run beside one another.
 *
 * @throws HelperError host.too-little-memory
 */
export async function requireMemory(askedBytes: number | undefined): Promise<void> {
  if (askedBytes === undefined) return;
  const { memoryBytes, swapBytes } = hostMemory(await readFile('/proc/meminfo', 'utf8'));
  const totalBytes = memoryBytes + swapBytes;
  if (askedBytes <= totalBytes) return;
  throw new HelperError('host.too-little-memory', {
    asked: formatBytes(askedBytes),
    memory: formatBytes(memoryBytes),
    total: formatBytes(totalBytes),
  });
}

/** proc_meminfo(5) */
export function hostMemory(meminfo: string): { readonly memoryBytes: number; readonly swapBytes: number } {
  const bytesOf = (key: string): number =>
    Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  return { memoryBytes: bytesOf('MemTotal'), swapBytes: bytesOf('SwapTotal') };
}
