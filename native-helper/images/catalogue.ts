// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import { mebibyte } from '#contract/units.ts';
import type { ImageRecord } from './image-record.ts';

/** Memory an image needs of which nothing is known: what today's server distributions ask for. */
const assumedMemoryBytes = 512 * mebibyte;

/** What the sources offer, each with its fingerprint once it is in the vault, then what the vault alone has. */
export function mergeCatalogue(offered: readonly CatalogueEntry[], vault: readonly ImageRecord[]): readonly CatalogueEntry[] {
  const merged = offered.map((entry): CatalogueEntry => {
    const record = vault.findLast((candidate) => candidate.aliases.includes(entry.alias));
    if (!record) return entry;
    const { cost: _, ...rest } = entry;
    return { ...rest, fingerprint: record.fingerprint };
  });
  const known = new Set(offered.map((entry) => entry.alias));
  for (const record of vault) {
    for (const alias of record.aliases) {
      if (known.has(alias)) continue;
      merged.push({
        alias, title: record.title, description: record.origin === 'imported' ? 'Imported from a file' : '',
        os: record.os, release: record.release, architecture: record.architecture, origin: record.origin, defaultUser: record.defaultUser,
        minMemoryBytes: assumedMemoryBytes, minDiskBytes: Math.max(record.virtualBytes, 512 * mebibyte), fingerprint: record.fingerprint,
      });
    }
  }
  return merged;
}
