// SPDX-License-Identifier: MIT
import { z } from 'zod';

const factors: Readonly<Record<string, number>> = {
  '': 1, b: 1,
  k: 1024, kib: 1024, kb: 1024,
  m: 1024 ** 2, mib: 1024 ** 2, mb: 1024 ** 2,
  g: 1024 ** 3, gib: 1024 ** 3, gb: 1024 ** 3,
  t: 1024 ** 4, tib: 1024 ** 4, tb: 1024 ** 4,
};

export const mebibyte = 1024 ** 2;
export const gibibyte = 1024 ** 3;

/**
 * Parses what a person writes for a size: `512M`, `1.5G`, `20 GiB`, `1048576`. Units are binary,
 * in whatever case. Returns bytes, or undefined where the text is no size.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(text);
  const factor = factors[match?.[2]?.toLowerCase() ?? '?'];
  if (!match || factor === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Formats bytes for reading: `512 MiB`, `1.5 GiB`; one decimal at most. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`;
}

export const byteCount = z.int().nonnegative();
export const cpuCount = z.int().min(1).max(64);
/** At least what the smallest catalogue image boots in. */
export const memoryBytes = z.int().min(128 * mebibyte).max(1024 * gibibyte);
/** The guest disk's virtual size. */
export const diskBytes = z.int().min(512 * mebibyte).max(16 * 1024 * gibibyte);
