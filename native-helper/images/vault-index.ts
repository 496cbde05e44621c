// SPDX-License-Identifier: MIT
import type { Fingerprint, ImageAlias } from '#contract/names.ts';
import { HelperError } from '../core/errors.ts';
import type { ImageRecord } from './image-record.ts';

/** Fewer digits are a word like any other; the remotes' digests are found by as many. */
const prefix = /^[0-9a-f]{8,64}$/;

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

  /**
   * By alias, by fingerprint, or by 8 or more of its first digits.
   * @throws HelperError image.ambiguous where several images begin with them
   */
  find(reference: string): ImageRecord | undefined {
    const named = this.all().findLast((record) => record.aliases.some((alias) => alias === reference));
    if (named || !prefix.test(reference)) return named;
    const matches = this.all().filter((record) => record.fingerprint.startsWith(reference));
    if (matches.length > 1) throw new HelperError('image.ambiguous', { image: reference, count: matches.length });
    return matches[0];
  }

  /** Every other image that has one of these aliases, without them. */
  without(aliases: readonly ImageAlias[], owner: Fingerprint): readonly ImageRecord[] {
    return this.all()
      .filter((record) => record.fingerprint !== owner && record.aliases.some((alias) => aliases.includes(alias)))
      .map((record) => ({ ...record, aliases: record.aliases.filter((alias) => !aliases.includes(alias)) }));
  }
}
