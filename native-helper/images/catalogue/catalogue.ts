// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import type { ImageAlias } from '#contract/names.ts';
import { mebibyte } from '#contract/units.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import type { ImageWords } from './words-for.ts';

/** Memory an image needs of which nothing is known: what today's server distributions ask for. */
const assumedMemoryBytes = 512 * mebibyte;

/**
 * What the sources offer, each with its fingerprint once it is in the vault, then what the vault alone has by the names
 * that the asking user has for it, each with what goes with it.
 */
export function mergeCatalogue(
  offered: readonly CatalogueEntry[],
  vault: readonly ImageRecord[],
  namesOf: (record: ImageRecord) => readonly { readonly alias: ImageAlias; readonly words: ImageWords }[],
): readonly CatalogueEntry[] {
  const merged = offered.map((entry): CatalogueEntry => {
    const record = vault.findLast((candidate) => candidate.aliases.includes(entry.alias));
    if (!record) return entry;
    const { cost: _, ...rest } = entry;
    return { ...rest, fingerprint: record.fingerprint };
  });
  const known = new Set(offered.map((entry) => entry.alias));
  for (const record of vault) {
    for (const {
      alias,
      words: { title, defaultUser },
    } of namesOf(record)) {
      if (known.has(alias)) continue;
      merged.push({
        alias,
        title,
        description: record.origin === 'imported' ? 'Imported from a file' : '',
        os: record.os,
        release: record.release,
        architecture: record.architecture,
        origin: record.origin,
        defaultUser,
        minMemoryBytes: assumedMemoryBytes,
        minDiskBytes: Math.max(record.virtualBytes, 512 * mebibyte),
        fingerprint: record.fingerprint,
      });
    }
  }
  return merged;
}
