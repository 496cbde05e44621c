// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fingerprint } from '#contract/names.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type { Files } from '../store/files.ts';
import { diskUseOf } from './disk-use.ts';
import { digestOf } from './file-digest.ts';
import type { ImageRecord } from './image-record.ts';
import type { BringContext } from './staging-source.ts';
import { VaultDirectory } from './vault-directory.ts';
import { VaultIndex } from './vault-index.ts';

/** The small files that a launch or the end of an operation makes durable go first: they would wait for the disk's bytes. */
const settleAfterMs = 2000;

/** The helper's store of images, addressed by the sha256 of their disk; see docs/on-disk.md. */
export class Vault {
  readonly #files: Files;
  readonly #changed: () => void;
  readonly #directory: VaultDirectory;
  readonly #index = new VaultIndex();
  readonly #diskUse = new Map<Fingerprint, number>();
  readonly #changes = new KeyedLock<'vault'>();
  readonly #settling = new Set<Promise<void>>();
  readonly #hurry = new AbortController();
  readonly #log: Logger;

  constructor(files: Files, log: Logger, changed: () => void) {
    this.#files = files;
    this.#changed = changed;
    this.#log = log;
    this.#directory = new VaultDirectory(files, log);
  }

  /** Rebuilds the index from the directory; an image that cannot be read is reported in the log and left out. */
  async load(): Promise<void> {
    for (const record of await this.#directory.load()) {
      await this.#admit(record);
      if (record.isSettled === false) this.#settle(record.fingerprint);
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

  /** @throws HelperError image.damaged, storage.failed */
  async verify(fingerprint: Fingerprint, context: BringContext): Promise<void> {
    const { disk } = this.#files.image(fingerprint);
    context.report({ step: 'verify' });
    const actual = await digestOf(disk, context.signal).catch((error: unknown) => {
      context.signal.throwIfAborted();
      throw new HelperError('storage.failed', { action: 'read', path: disk, reason: messageOf(error) }, { cause: error });
    });
    if (actual !== fingerprint) throw new HelperError('image.damaged', { image: this.#index.get(fingerprint)?.aliases[0] ?? fingerprint.slice(0, 12), actual });
  }

  /** The staged directory becomes an image, or is left where the vault has that image already. */
  async #place(staged: string, record: ImageRecord): Promise<void> {
    await this.#changes.hold('vault', async () => {
      if (this.#index.get(record.fingerprint)) return;
      const isLater = record.boot === 'disk'; // of a kernel beside the disk no digest is kept that could tell it is whole
      await this.#directory.place(staged, isLater ? { ...record, isSettled: false } : record);
      if (!isLater) await this.#directory.settle(record.fingerprint);
      await this.#admit(isLater ? { ...record, isSettled: false } : record);
    });
    this.#settle(record.fingerprint);
  }

  /** Nobody waits for the medium: until then the record says that the image is not settled. */
  #settle(fingerprint: Fingerprint): void {
    if (this.#index.get(fingerprint)?.isSettled !== false) return;
    const work = delay(settleAfterMs, undefined, { signal: this.#hurry.signal }).catch(() => {}).then(async () => await this.#directory.settle(fingerprint)).then(async () => await this.#changes.hold('vault', async () => {
      const record = this.#index.get(fingerprint);
      if (!record) return;
      const { isSettled: _, ...settled } = record;
      await this.#write(settled);
    })).catch((error: unknown) => {
      if (this.#index.get(fingerprint)) this.#log.warn({ image: fingerprint, reason: messageOf(error) }, 'an image could not be settled; the next start looks at it again');
    }).finally(() => this.#settling.delete(work));
    this.#settling.add(work);
  }

  /** All images have reached the medium, or cannot. */
  async settled(): Promise<void> {
    this.#hurry.abort();
    await Promise.all(this.#settling);
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
