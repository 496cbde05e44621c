// SPDX-License-Identifier: MIT
import { beginningOf } from './beginning-of.ts';

/**
 * From what is hardly missed to what is left in any case. No digest, name or word of ours is longer than the shortest
 * text.
 */
const steps = [
  { textLength: 1000, entries: 200 },
  { textLength: 200, entries: 100 },
  { textLength: 100, entries: 20 },
  { textLength: 64, entries: 0 },
] as const;

type Shortened<Value> = Value & { isShortened?: boolean };

/**
 * What one thing is told as where it is too large to be told whole, so that it keeps nobody from what is told beside
 * it: long texts are cut and end in `…`, lists lose their last entries, and `isShortened` says so.
 */
export function shortened<Value extends object>(value: Value, mostBytes: number): Shortened<Value> {
  return measured(value, mostBytes).value;
}

/** The same with its bytes as JSON, which have been counted for it anyway. */
export function measured<Value extends object>(
  value: Value,
  mostBytes: number,
): { readonly value: Shortened<Value>; readonly bytes: number } {
  let short: Shortened<Value> = value;
  let bytes = bytesOf(value);
  for (const step of steps) {
    if (bytes <= mostBytes) break;
    short = { ...(cut(value, step) as Value), isShortened: true };
    bytes = bytesOf(short);
  }
  return { value: short, bytes };
}

/** The same of a list of which nothing may be missing: each entry has its share of the bytes. */
export function allShortened<Value extends object>(values: readonly Value[], mostBytes: number): Shortened<Value>[] {
  return bytesOf(values) <= mostBytes
    ? [...values]
    : values.map((value) => shortened(value, Math.floor(mostBytes / values.length)));
}

function cut(value: unknown, step: (typeof steps)[number]): unknown {
  if (typeof value === 'string')
    return value.length <= step.textLength ? value : `${beginningOf(value, step.textLength - 1)}…`;
  if (Array.isArray(value)) return value.slice(0, step.entries).map((entry) => cut(entry, step));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cut(each, step)]));
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
