// SPDX-License-Identifier: MIT
import { gibibyte, mebibyte } from './units.ts';

/** What is known of an image and of the computer. */
export interface SizesFor {
  /** Processors of the computer. */
  readonly hostCpus: number;
  /** The least that the image says it needs; 0 or absent where nobody knows. */
  readonly leastMemoryBytes?: number;
  readonly leastDiskBytes?: number;
}

export interface Sizes {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** What an instance has where nothing else was asked for: the helper gives it, and the window's form begins with it. */
export function defaultSizes({ hostCpus, leastMemoryBytes = 0, leastDiskBytes = 0 }: SizesFor): Sizes {
  return {
    cpus: Math.max(1, Math.min(2, hostCpus)),
    memoryBytes: Math.max(gibibyte, leastMemoryBytes),
    diskBytes: Math.max(5 * gibibyte, wholeMebibytes(leastDiskBytes)),
  };
}

/** The next whole mebibyte, as disks are made. */
export function wholeMebibytes(bytes: number): number {
  return Math.ceil(bytes / mebibyte) * mebibyte;
}
