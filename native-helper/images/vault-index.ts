// SPDX-License-Identifier: MIT
import type { Fingerprint, ImageAlias } from '#contract/names.ts';
import type { ImageRecord } from './image-record.ts';

const shortestPrefix = 12;

/** The vault's images in memory, and how a reference finds one. */
export class VaultIndex {
  readonly #records = new Map<Fingerprint, ImageRecord>();

  get(fingerprint: Fingerprint): ImageRecord | undefined {
    return this.#records.get(fingerprint);
  }

  put(record: ImageRecord): void {
    this.#records.set(record.fingerprint, record);
  }

  delete(fingerprint: Fingerprint): void {
    this.#records.delete(fingerprint);
  }

  /** Oldest first. */
  all(): readonly ImageRecord[] {
    return [...this.#records.values()].sort((a, b) => a.addedAt.localeCompare(b.addedAt));
  }

  /** By alias, by fingerprint, or by a prefix of 12 digits or more that only one image has. */
  find(reference: string): ImageRecord | undefined {
    const named = this.all().findLast((record) => record.aliases.some((alias) => alias === reference));
    if (named || reference.length < shortestPrefix) return named;
    const matches = this.all().filter((record) => record.fingerprint.startsWith(reference));
    return matches.length === 1 ? matches[0] : undefined;
  }

  /** Every other image that has one of these aliases, without them. */
  without(aliases: readonly ImageAlias[], owner: Fingerprint): readonly ImageRecord[] {
    return this.all()
      .filter((record) => record.fingerprint !== owner && record.aliases.some((alias) => aliases.includes(alias)))
      .map((record) => ({ ...record, aliases: record.aliases.filter((alias) => !aliases.includes(alias)) }));
  }
}
