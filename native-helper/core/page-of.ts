// SPDX-License-Identifier: MIT
import { measured } from './shortened.ts';

interface PageRequest {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  /** As JSON; the first entry of a page comes in any case, with {@link standardBytes} at most. */
  readonly mostBytes?: number;
}

/** An entry of a page, with its place in the whole list. */
export type Placed<Entry> = Entry & { place?: number; isShortened?: boolean };

interface Page<Entry> {
  readonly page: Placed<Entry>[];
  readonly bytes: number;
  /** The key of the last entry where there are more. */
  readonly last: string | undefined;
}

const standardBytes = 256 * 1024;

/**
 * The entries behind `after`, as many as there is room for. A page is in the order of the keys: the list can change
 * between two pages in any way, and what stays is neither lost nor doubled. The order of the list is that of the
 * places.
 */
export function pageOf<Entry extends object>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  { after, limit = entries.length, mostBytes = standardBytes }: PageRequest,
): Page<Entry> {
  const keyed = entries.map((entry, place) => ({ key: keyOf(entry), entry, place }));
  const behind = keyed.filter(({ key }) => after === undefined || key > after).sort(byKey);
  const page: Placed<Entry>[] = [];
  let bytes = 0;
  let last: string | undefined;
  for (const { key, entry: whole, place } of behind) {
    const { value: entry, bytes: more } = measured({ ...whole, place }, standardBytes);
    // What has the same key is not told apart by `after`.
    if (key !== last && page.length > 0 && (page.length >= limit || bytes + more > mostBytes))
      return { page, bytes, last };
    page.push(entry);
    bytes += more;
    last = key;
  }
  return { page, bytes, last: undefined };
}

/** The whole list where no page was asked for. */
export function inPages<Entry extends object>(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => string,
  { after, limit }: PageRequest,
): Placed<Entry>[] {
  return after === undefined && limit === undefined ? [...entries] : pageOf(entries, keyOf, { after, limit }).page;
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
