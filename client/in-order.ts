// SPDX-License-Identifier: MIT

/** The entries of all pages of a list, in the order of the whole. */
export function inOrder<Entry extends { readonly place?: number | undefined }>(
  entries: readonly Entry[],
): Omit<Entry, 'place'>[] {
  return entries.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0)).map(({ place: _, ...entry }) => entry);
}
