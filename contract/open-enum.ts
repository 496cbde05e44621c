// SPDX-License-Identifier: MIT
import { z } from 'zod';

/**
 * A value that only a later version of Berth knows. It is carried as it is: shown as the word that it
 * is, handed on, kept in records; nobody decides anything by it.
 */
export const laterValue = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i)
  .brand<'later'>();
export type LaterValue = z.infer<typeof laterValue>;
/** Of the values of an open enum, those of this version. */
export type KnownOf<Value> = Exclude<Value, LaterValue>;

/**
 * The values of an enum in what the helper tells. Within a protocol version a newer helper may tell
 * of one more, and an older client must go on. What a client asks for stays closed: a helper does
 * nothing that it does not know.
 */
export function open<Known extends z.ZodEnum>(known: Known): z.ZodUnion<[Known, typeof laterValue]> {
  return z.union([known, laterValue]);
}

/** Whether a table by the values of an enum has a row for this one. */
export function isKnown<Known extends string>(
  table: Readonly<Record<Known, unknown>>,
  value: Known | LaterValue,
): value is Known {
  return Object.hasOwn(table, value);
}

/** The row of a value, or what stands for all that later versions bring. */
export function rowOf<Known extends string, Row>(
  table: Readonly<Record<Known, Row>>,
  value: Known | LaterValue,
  otherwise: Row,
): Row {
  return isKnown(table, value) ? table[value] : otherwise;
}

/** A value as a word for people: `not-connected` is "not connected". */
export function wordOf(value: string): string {
  return value.replaceAll(/[._-]/g, ' ');
}
