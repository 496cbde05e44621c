// SPDX-License-Identifier: MIT
import { fingerprint as fingerprintSchema, type Fingerprint, type ImageAlias } from '#contract/names.ts';
import { HelperError } from '../../core/errors.ts';
import type { ImageRecord } from './image-record.ts';

/** Fewer digits are a word like any other; the remotes' digests are found by as many. */
const prefix = /^[0-9a-f]{8,64}$/;

/** Whether a reference is a digest or the first digits of one. */
export function isDigest(reference: string): boolean {
  return prefix.test(reference);
}

/** The vault's images in memory, and how a reference finds one. */
export class VaultIndex {
  readonly #records = new Map<Fingerprint, ImageRecord>();
  /** As {@link all} tells them; made when it is asked for, which is once for each image when the helper starts. */
  #sorted: readonly ImageRecord[] | undefined;

  /** The image of that very fingerprint: what a record of ours says. What a user typed is for {@link find}. */
  get(fingerprint: Fingerprint): ImageRecord | undefined {
    return this.#records.get(fingerprint);
  }

  put(record: ImageRecord): void {
    this.#records.set(record.fingerprint, record);
    this.#sorted = undefined;
  }

  delete(fingerprint: Fingerprint): void {
    this.#records.delete(fingerprint);
    this.#sorted = undefined;
  }

  /** Oldest first. */
  all(): readonly ImageRecord[] {
    this.#sorted ??= [...this.#records.values()].sort((a, b) => a.addedAt.localeCompare(b.addedAt));
    return this.#sorted;
  }

  /**
   * What a user typed: digits are a digest and nothing else, all 64 of them or 8 or more of the first; a word is the
   * user's own name for an image, else root's, else the catalogue's.
   * @throws HelperError image.ambiguous where several images begin with the digits
   */
  find(reference: string, uid: number): ImageRecord | undefined {
    if (isDigest(reference)) return this.#byDigits(reference, uid);
    return this.named(reference, uid) ?? this.named(reference, 0) ?? this.ofCatalogue(reference);
  }

  /** The image that one user gave this name. */
  named(alias: string, uid: number): ImageRecord | undefined {
    return this.all().findLast((record) => record.names?.some((name) => name.uid === uid && name.alias === alias));
  }

  /** The image that the catalogue has under this name. */
  ofCatalogue(alias: string): ImageRecord | undefined {
    return this.all().findLast((record) => record.aliases.some((each) => each === alias));
  }

  /** Every other image that has one of the claim's names, without them. */
  without(claim: ImageRecord): readonly ImageRecord[] {
    const isClaimed = (uid: number, alias: ImageAlias): boolean =>
      claim.names?.some((name) => name.uid === uid && name.alias === alias) ?? false;
    return this.all()
      .filter((record) => record.fingerprint !== claim.fingerprint)
      .flatMap((record) => {
        const aliases = record.aliases.filter((alias) => !claim.aliases.includes(alias));
        const names = record.names?.filter(({ uid, alias }) => !isClaimed(uid, alias));
        return aliases.length === record.aliases.length && names?.length === record.names?.length
          ? []
          : [{ ...record, aliases, ...(names && { names }) }];
      });
  }

  /**
   * The beginning of a digest is not trusted to find what only another user chose: a few digits can be hit on purpose.
   */
  #byDigits(digits: string, uid: number): ImageRecord | undefined {
    const whole = fingerprintSchema.safeParse(digits);
    if (whole.success) return this.#records.get(whole.data);
    const matches = this.all().filter((record) => record.fingerprint.startsWith(digits) && isOpenTo(record, uid));
    if (matches.length > 1) throw new HelperError('image.ambiguous', { image: digits, count: matches.length });
    return matches[0];
  }
}

/** Root sees everybody's; the catalogue's and root's are everybody's. */
function isOpenTo({ origin, ownerUids = [0] }: ImageRecord, uid: number): boolean {
  return uid === 0 || origin !== 'imported' || ownerUids.includes(uid) || ownerUids.includes(0);
}
