// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';

const factors: Readonly<Record<string, bigint>> = { k: 2n ** 10n, m: 2n ** 20n, g: 2n ** 30n, t: 2n ** 40n };

export const mebibyte = 1024 ** 2;
export const gibibyte = 1024 ** 3;

/**
 * Parses what a person writes for a size: `512M`, `1.5G`, `20 GiB`, `1048576`. A number, then K, M, G or T in either
 * case, which may have `B` or `iB` behind it; all are binary. Bytes alone, with `B` or without, are whole. What a
 * fraction leaves of a byte is dropped. Returns bytes, or undefined where the text is no size.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d{1,20})(?:\.(\d{1,20}))?\s*(?:([kmgt])(?:i?b)?|b)?\s*$/i.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const factor = factors[unit.toLowerCase()] ?? 1n;
  if (fraction !== '' && factor === 1n) return undefined; // there is no part of a byte
  const bytes = (BigInt(whole + fraction) * factor) / 10n ** BigInt(fraction.length);
  return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : undefined;
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

/** A size in the shortest exact form that the command line reads back: `512M`, `2G`. */
export function sizeWord(bytes: number): string {
  for (const [unit, factor] of [
    ['T', 1024 ** 4],
    ['G', 1024 ** 3],
    ['M', 1024 ** 2],
    ['K', 1024],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** How many bytes a text has in UTF-8. The contract runs in the window too and has the language alone for it. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

export const byteCount = z.int().nonnegative();
export const cpuCount = z
  .int()
  .min(1, { error: () => say('invalid.at-least-1') })
  .max(64, { error: () => say('invalid.at-most-64') });
/** At least what the smallest catalogue image boots in. */
export const memoryBytes = z
  .int()
  .min(128 * mebibyte)
  .max(1024 * gibibyte);
/** The guest disk's virtual size. */
export const diskBytes = z
  .int()
  .min(512 * mebibyte)
  .max(16 * 1024 * gibibyte);
