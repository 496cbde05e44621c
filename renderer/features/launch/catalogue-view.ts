// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';

/** What the person asked to see of the catalogue. */
export interface CatalogueFilter {
  readonly text: string;
  /** A distribution, or `all`. */
  readonly os: string;
}

/** One card: the releases of one distribution at one remote, or an image of this computer by itself. */
export interface CatalogueFamily {
  readonly key: string;
  /** Newest first; never empty. */
  readonly entries: readonly [CatalogueEntry, ...CatalogueEntry[]];
}

/** The distributions there are, in the order of the catalogue. */
export function osNames(catalogue: readonly CatalogueEntry[]): readonly string[] {
  return [...new Set(catalogue.map((entry) => entry.os))];
}

/** The catalogue as cards. Releases that their publisher gave up are shown only to who types their name. */
export function familiesOf(catalogue: readonly CatalogueEntry[], filter: CatalogueFilter): readonly CatalogueFamily[] {
  const families = new Map<string, [CatalogueEntry, ...CatalogueEntry[]]>();
  for (const entry of catalogue) {
    if (!fits(entry, filter)) continue;
    const key = entry.remote === undefined ? entry.alias : `${entry.remote}:`;
    const family = families.get(key);
    if (family) family.push(entry);
    else families.set(key, [entry]);
  }
  return [...families].map(([key, entries]) => ({ key, entries }));
}

function fits(entry: CatalogueEntry, { text, os }: CatalogueFilter): boolean {
  const wanted = text.trim().toLowerCase();
  if (os !== 'all' && entry.os !== os) return false;
  const words = [entry.alias, ...(entry.words ?? [])];
  if (entry.isSupported === false && !words.some((word) => word === wanted)) return false;
  return (
    wanted === '' ||
    [...words, entry.title.toLowerCase(), entry.os.toLowerCase(), entry.release.toLowerCase()].some((word) =>
      word.includes(wanted),
    )
  );
}
