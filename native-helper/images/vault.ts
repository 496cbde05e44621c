// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import type { Fingerprint } from '#contract/names.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type { Files } from '../store/files.ts';
import { hostBootId } from '../process/proc-fs.ts';
import { diskUseOf } from './disk-use.ts';
import { digestOf } from './file-digest.ts';
import type { ImageRecord } from './image-record.ts';
import { Settler } from './settler.ts';
import type { BringContext } from './staging-source.ts';
import { VaultDirectory } from './vault-directory.ts';
import { VaultIndex } from './vault-index.ts';

/** The helper's store of images, addressed by their fingerprint; see docs/on-disk.md. */
export class Vault {
  readonly #files: Files;
  readonly #changed: () => void;
  readonly #directory: VaultDirectory;
  readonly #index = new VaultIndex();
  readonly #diskUse = new Map<Fingerprint, number>();
  readonly #changes = new KeyedLock<'vault'>();
  readonly #settler: Settler;

  constructor(files: Files, log: Logger, changed: () => void) {
    this.#files = files;
    this.#changed = changed;
    this.#directory = new VaultDirectory(files, log);
    this.#settler = new Settler(async (image, signal) => await this.#settle(image, signal), log);
  }

  /** Rebuilds the index from the directory; an image that cannot be read is reported in the log and left out. */
  async load(): Promise<void> {
    for (const record of await this.#directory.load()) {
      await this.#admit(record);
      if (record.isSettled === false) this.#settler.begin(record.fingerprint);
    }
  }

  /** Oldest first. */
  all(): readonly ImageRecord[] {
    return this.#index.all();
  }

  get(fingerprint: Fingerprint): ImageRecord | undefined {
    return this.#index.get(fingerprint);
  }

  find(reference: string): ImageRecord | undefined {
    return this.#index.find(reference);
  }

  /** What an image takes on the disk, as it was when it came. */
  diskUseBytes(fingerprint: Fingerprint): number {
    return this.#diskUse.get(fingerprint) ?? 0;
  }

  /** Has `make` put an image's files into a directory of the vault and takes them in; a failure leaves nothing. */
  async take(make: (staged: string) => Promise<ImageRecord>): Promise<ImageRecord> {
    const staged = await this.#directory.stage();
    try {
      const record = await make(staged);
      await this.#place(staged, record);
      return await this.claimAliases(record);
    } finally {
      await rm(staged, { recursive: true, force: true });
    }
  }

  /** An alias means the newest image that came with it. */
  async claimAliases(claim: ImageRecord): Promise<ImageRecord> {
    const record = await this.#changes.hold('vault', async () => {
      const present = this.#index.get(claim.fingerprint) ?? claim;
      const aliases = [...new Set([...present.aliases, ...claim.aliases])];
      const merged = { ...present, aliases };
      const changed = [...(aliases.length > present.aliases.length ? [merged] : []), ...this.#index.without(claim.aliases, claim.fingerprint)];
      for (const other of changed) await this.#write(other);
      return merged;
    });
    this.#changed();
    return record;
  }

  /** @throws HelperError image.not-found */
  async remove(fingerprint: Fingerprint): Promise<void> {
    await this.#settler.cease(fingerprint);
    await this.#changes.hold('vault', async () => {
      this.#require(fingerprint);
      this.#index.delete(fingerprint);
      this.#diskUse.delete(fingerprint);
      await this.#directory.remove(fingerprint);
    });
    this.#changed();
  }

  /** @throws HelperError image.not-found */
  async setPinned(fingerprint: Fingerprint, isPinned: boolean): Promise<void> {
    await this.#changes.hold('vault', async () => await this.#write({ ...this.#require(fingerprint), isPinned }));
    this.#changed();
  }

  async noteUse(fingerprint: Fingerprint): Promise<void> {
    const record = this.#index.get(fingerprint);
    if (!record) return;
    this.#index.put({ ...record, lastUsedAt: new Date().toISOString() });
    await this.#changes.hold('vault', async () => {
      const current = this.#index.get(fingerprint);
      if (current) await this.#directory.write(current);
    });
    this.#changed();
  }

  /** @throws HelperError image.not-found, image.damaged, storage.failed */
  async verify(fingerprint: Fingerprint, context: BringContext): Promise<void> {
    const { disk, record } = this.#files.image(fingerprint);
    context.report({ step: 'verify' });
    if (this.#require(fingerprint).diskDigest === null) this.#settler.begin(fingerprint); // its first digest was not taken yet, or could not be
    await this.#settler.finish(fingerprint);
    const actual = await digestOf(disk, context.signal).catch((error: unknown) => {
      context.signal.throwIfAborted();
      throw new HelperError('storage.failed', { action: 'read', path: disk, reason: messageOf(error) }, { cause: error });
    });
    const { diskDigest, aliases } = this.#require(fingerprint);
    if (diskDigest === null) throw new HelperError('storage.failed', { action: 'write', path: record, reason: 'the digest of its disk, which there would be to compare with, could not be noted' });
    if (actual !== (diskDigest ?? fingerprint)) throw new HelperError('image.damaged', { image: aliases[0] ?? fingerprint.slice(0, 12), actual });
  }

  /** All images have reached the medium, or cannot. */
  async settled(): Promise<void> {
    await this.#settler.finish();
  }

  /** The staged directory becomes an image, or is left where the vault has that image already. */
  async #place(staged: string, record: ImageRecord): Promise<void> {
    await this.#changes.hold('vault', async () => {
      if (this.#index.get(record.fingerprint)) return;
      const isLater = record.boot === 'disk'; // of a kernel beside the disk no digest is kept that could tell it is whole
      const placed: ImageRecord = isLater ? { ...record, isSettled: false, writtenInBoot: await hostBootId() } : record;
      await this.#directory.place(staged, placed);
      if (!isLater) await this.#directory.settle(record.fingerprint);
      await this.#admit(placed);
    });
    if (this.#index.get(record.fingerprint)?.isSettled === false) this.#settler.begin(record.fingerprint);
  }

  /** Nobody waits for the disk's digest and for the medium: until then the record says that the image is not settled. */
  async #settle(image: Fingerprint, signal: AbortSignal): Promise<void> {
    if (this.#index.get(image)?.diskDigest === null) {
      const diskDigest = await digestOf(this.#files.image(image).disk, signal);
      await this.#amend(image, (record) => ({ ...record, diskDigest }));
    }
    await this.#directory.settle(image);
    await this.#amend(image, ({ isSettled: _, writtenInBoot: __, ...settled }) => settled);
  }

  /** Nothing where the image has gone meanwhile. */
  async #amend(image: Fingerprint, change: (record: ImageRecord) => ImageRecord): Promise<void> {
    await this.#changes.hold('vault', async () => {
      const record = this.#index.get(image);
      if (record) await this.#write(change(record));
    });
  }

  async #admit(record: ImageRecord): Promise<void> {
    this.#index.put(record);
    this.#diskUse.set(record.fingerprint, await diskUseOf(this.#files.image(record.fingerprint)));
  }

  async #write(record: ImageRecord): Promise<void> {
    await this.#directory.write(record);
    this.#index.put(record);
  }

  #require(fingerprint: Fingerprint): ImageRecord {
    const record = this.#index.get(fingerprint);
    if (!record) throw new HelperError('image.not-found', { image: fingerprint });
    return record;
  }
}
