// SPDX-License-Identifier: MIT
import { z } from 'zod';

/** It was too large to be told whole: long texts are cut and end in `…`, and lists in it miss entries. */
export const isShortened = z.boolean().optional();

/**
 * Asks for a part of a list: what comes behind `after`, in the order of what names its entries; an empty answer is the
 * end.
 */
export function pageParams<Key extends z.ZodType>(key: Key) {
  return z.strictObject({ after: key.optional(), limit: z.int().min(1).max(1000).optional() });
}

/**
 * A list that may come in pages. A page is in the order of what names the entries, which no change of the list can
 * move, so that an entry that stays is in one page, once. `place` is the entry's in the whole list, by which whoever
 * gathered the pages sorts; there is none where no pages were asked for.
 */
export function pagedList<Shape extends z.ZodRawShape>(entry: z.ZodObject<Shape>) {
  return z.array(entry.extend({ place: z.int().nonnegative().optional(), isShortened }));
}

/** Where a snapshot goes on; of no meaning to clients. */
export const snapshotCursor = z.string().min(1).max(400);
