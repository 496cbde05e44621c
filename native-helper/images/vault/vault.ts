// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fingerprint as fingerprintSchema, type Fingerprint } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf, storageError } from '../../core/errors.ts';
import { KeyedLock } from '../../core/keyed-lock.ts';
import type { Logger } from '../../core/log.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import type { Files } from '../../store/files.ts';
import { hostBootId } from '../../process/proc-fs.ts';
import { diskDigestOf } from './check-base.ts';
import { diskUseOf } from './disk-use.ts';
import { digestOf } from './file-digest.ts';
import type { ImageRecord } from './image-record.ts';
import { Settler } from './settler.ts';
import type { BringContext } from './staging-source.ts';
import { VaultDirectory, type IsUsed } from './vault-directory.ts';
import { VaultIndex } from './vault-index.ts';

const comparisonTimeoutMs = 10 * 60_000;

/** The helper's store of images, addressed by their fingerprint; see docs/on-disk.md. */
export class Vault {
  readonly #files: Files;
  readonly #log: Logger;
  readonly #changed: () => void;
  readonly #isUsed: IsUsed;
  readonly #directory: VaultDirectory;
  readonly #index = new VaultIndex();
  readonly #diskUse = new Map<Fingerprint, number>();
  /** Of an image that is not settled yet, those that lost a name to it. */
  readonly #unwritten = new Map<Fingerprint, Set<Fingerprint>>();
  readonly #changes = new KeyedLock<'vault'>();
  readonly #placing = new KeyedLock<Fingerprint>();
  readonly #settler: Settler;

  /**
   * @param isUsed whether an instance stands on an image: what its disk may need is set aside and not removed when
   * another takes its place
   */
  constructor(
    files: Files,
    log: Logger,
    { changed, isUsed }: { readonly changed: () => void; readonly isUsed: IsUsed },
  ) {
    this.#files = files;
    this.#isUsed = isUsed;
    this.#log = log;
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

  /** As {@link VaultIndex.find}. */
  find(reference: string, uid: number): ImageRecord | undefined {
    return this.#index.find(reference, uid);
  }

  named(alias: string, uid: number): ImageRecord | undefined {
    return this.#index.named(alias, uid);
  }

  ofCatalogue(alias: string): ImageRecord | undefined {
    return this.#index.ofCatalogue(alias);
  }

  /** What an image takes on the disk, as it was when it came. */
  diskUseBytes(fingerprint: Fingerprint): number {
    return this.#diskUse.get(fingerprint) ?? 0;
  }

  /** Has `make` put an image's files into a directory of the vault and takes them in; a failure leaves nothing. */
  async take(make: (staged: string) => Promise<ImageRecord>): Promise<ImageRecord> {
    const staged = await this.#directory.stage();
    try {
      const made = await make(staged);
      return await this.#placing.hold(made.fingerprint, async () => {
        const apart = await this.#apart(staged, made);
        await this.#place(staged, apart);
        return await this.claimNames(apart);
      });
    } finally {
      await removeTree(staged).catch(() => {}); // the next start removes it; what was thrown is the fault to tell
    }
  }

  /** A name means the newest image that came with it: the catalogue's, and each user's of his own. */
  async claimNames(claim: ImageRecord): Promise<ImageRecord> {
    const record = await this.#changes.hold('vault', async () => {
      const present = this.#index.get(claim.fingerprint) ?? claim;
      const merged = withNames(present, claim);
      await this.#write(merged);
      for (const loser of this.#index.without(claim)) await this.#giveName(loser, merged.fingerprint);
      return merged;
    });
    this.#changed();
    return record;
  }

  /**
   * A name that two images have stays the one's: `without` takes it from the other. Nothing where that has gone
   * meanwhile.
   */
  async leaveName(from: Fingerprint, to: Fingerprint, without: (record: ImageRecord) => ImageRecord): Promise<void> {
    await this.#changes.hold('vault', async () => {
      const record = this.#index.get(from);
      if (record) await this.#giveName(without(record), to);
    });
  }

  /** Changes who has an image and under which names. Nothing where the image has gone meanwhile. */
  async rename(image: Fingerprint, change: (record: ImageRecord) => ImageRecord): Promise<void> {
    await this.#amend(image, change);
    this.#changed();
  }

  /**
   * @param isWanted asked before anything, and at the last moment: from its no on nobody finds the image
   * @returns whether the image is gone
   * @throws HelperError image.not-found
   */
  async removeUnless(fingerprint: Fingerprint, isWanted: (record: ImageRecord) => boolean): Promise<boolean> {
    if (isWanted(this.#require(fingerprint))) return false;
    const isGone = await this.#placing.hold(fingerprint, async () => {
      await this.#settler.cease(fingerprint);
      return await this.#changes.hold('vault', async () => {
        const record = this.#require(fingerprint);
        if (isWanted(record)) return false;
        await this.#writePutOff(fingerprint).catch((error: unknown) =>
          this.#log.warn(
            { fingerprint, reason: messageOf(error) },
            "a name that another image lost to this one may be that one's again after the next start",
          ),
        );
        this.#index.delete(fingerprint);
        await this.#directory.remove(fingerprint).catch((error: unknown) => {
          this.#index.put(record);
          throw error;
        });
        return this.#diskUse.delete(fingerprint);
      });
    });
    if (isGone) this.#changed();
    else if (this.#index.get(fingerprint)?.isSettled === false) this.#settler.begin(fingerprint);
    return isGone;
  }

  /** As {@link VaultDirectory.removeAside}. */
  async removeAside(): Promise<number> {
    return await this.#changes.hold('vault', async () => await this.#directory.removeAside(this.#isUsed));
  }

  /** Changes what a user may ask of an image. @throws HelperError image.not-found, and what `change` throws */
  async change(fingerprint: Fingerprint, change: (record: ImageRecord) => ImageRecord): Promise<void> {
    await this.#changes.hold('vault', async () => await this.#write(change(this.#require(fingerprint))));
    this.#changed();
  }

  /** Notes who wants an image of the catalogue: only one whom nobody else wants may a user remove. */
  async noteAsker(fingerprint: Fingerprint, uid: number): Promise<void> {
    const record = this.#index.get(fingerprint);
    if (!record || record.origin === 'imported' || record.askedBy?.includes(uid)) return;
    await this.#amend(fingerprint, (current) => ({
      ...current,
      askedBy: [...new Set([...(current.askedBy ?? []), uid])],
    }));
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

  /**
   * @param label what the image is called in an error
   * @throws HelperError image.not-found, image.damaged, storage.failed
   */
  async verify(fingerprint: Fingerprint, label: string, context: BringContext): Promise<void> {
    const { disk, record } = this.#files.image(fingerprint);
    context.report({ step: 'verify' });
    // its first digest was not taken yet, or could not be
    if (this.#require(fingerprint).diskDigest === null) this.#settler.begin(fingerprint);
    await this.#settler.finish(fingerprint);
    const actual = await digestOf(disk, context.signal).catch((error: unknown) => {
      context.signal.throwIfAborted();
      throw storageError('read', disk, error);
    });
    const { diskDigest } = this.#require(fingerprint);
    if (diskDigest === null)
      throw new HelperError('storage.failed', {
        action: sentence('storage.action', { action: 'write' }),
        path: record,
        reason: sentence('image.digest-not-noted'),
      });
    if (actual !== (diskDigest ?? fingerprint)) throw new HelperError('image.damaged', { image: label, actual });
  }

  /** All images have reached the medium, or cannot. */
  async settled(): Promise<void> {
    await this.#settler.finish();
  }

  /** The staged directory becomes an image, or is left where the vault has that image already. */
  async #place(staged: string, record: ImageRecord): Promise<void> {
    const isAnotherDisk = await this.#isAnotherDisk(staged, record);
    if (isAnotherDisk) await this.#settler.cease(record.fingerprint);
    await this.#changes.hold('vault', async () => {
      const present = this.#index.get(record.fingerprint);
      if (present && !isAnotherDisk)
        return isUsersOwn(present, record) ? await this.#write(publishersWord(present, record)) : undefined;
      // of a kernel beside the disk no digest is kept that could tell it is whole
      const isLater = record.boot === 'disk';
      const named = { ...record, ...(present && userPart(present)) };
      const placed: ImageRecord = isLater ? { ...named, isSettled: false, writtenInBoot: await hostBootId() } : named;
      await this.#directory.place(staged, placed, this.#isUsed);
      if (!isLater) await this.#directory.settle(record.fingerprint);
      await this.#admit(placed);
    });
    if (this.#index.get(record.fingerprint)?.isSettled === false) this.#settler.begin(record.fingerprint);
  }

  /**
   * A file that a user fetched first and that the catalogue brings now is the same file, but the user said what it is:
   * the disk that was made of it may be another. The catalogue's counts then; the other is set aside where an instance
   * stands on it.
   */
  async #isAnotherDisk(staged: string, record: ImageRecord): Promise<boolean> {
    const present = this.#index.get(record.fingerprint);
    if (!present || !isUsersOwn(present, record)) return false;
    return (
      present.boot !== record.boot || (await this.#diskDigest(present)) !== (await this.#diskDigest(record, staged))
    );
  }

  /**
   * Whoever fetches a file says what it is, and by that it can become another disk: two users who say different things
   * of one file have an image each. The second's has no digest for a fingerprint, for somebody could have any.
   */
  async #apart(staged: string, record: ImageRecord): Promise<ImageRecord> {
    const present = this.#index.get(record.fingerprint);
    if (present?.origin !== 'imported' || record.origin !== 'imported') return record;
    const [was, is] = [await this.#diskDigest(present), await this.#diskDigest(record, staged)];
    return was === is
      ? record
      : { ...record, fingerprint: fingerprintSchema.parse(randomBytes(32).toString('hex')), diskDigest: is };
  }

  /** The digest of an image's disk, which lies in the vault or in `staged`. */
  async #diskDigest(record: ImageRecord, staged?: string): Promise<Fingerprint> {
    const disk = staged === undefined ? this.#files.image(record.fingerprint).disk : path.join(staged, 'disk.qcow2');
    return diskDigestOf(record) ?? (await digestOf(disk, AbortSignal.timeout(comparisonTimeoutMs)));
  }

  /**
   * Nobody waits for the disk's digest and for the medium: until then the record says that the image is not settled.
   */
  async #settle(image: Fingerprint, signal: AbortSignal): Promise<void> {
    if (this.#index.get(image)?.diskDigest === null) {
      const diskDigest = await digestOf(this.#files.image(image).disk, signal);
      await this.#amend(image, (record) => ({ ...record, diskDigest }));
    }
    await this.#directory.settle(image);
    await this.#changes.hold('vault', async () => {
      const record = this.#index.get(image);
      if (!record) return;
      const { isSettled: _, writtenInBoot: __, ...settled } = record;
      await this.#write(settled);
      await this.#writePutOff(image);
    });
  }

  /** Nothing where the image has gone meanwhile. */
  async #amend(image: Fingerprint, change: (record: ImageRecord) => ImageRecord): Promise<void> {
    await this.#changes.hold('vault', async () => {
      const record = this.#index.get(image);
      if (record) await this.#write(change(record));
    });
  }

  /**
   * The image that lost a name to the one that came with it. On the medium it keeps the name until the other is
   * settled: when power goes before that, the other may be lost, and the name still means the one it meant.
   */
  async #giveName(from: ImageRecord, to: Fingerprint): Promise<void> {
    this.#index.put(from);
    if (this.#index.get(to)?.isSettled !== false) return await this.#directory.write(from);
    this.#unwritten.set(to, (this.#unwritten.get(to) ?? new Set()).add(from.fingerprint));
  }

  /** What {@link #giveName} put off until `to` is settled, or goes. */
  async #writePutOff(to: Fingerprint): Promise<void> {
    for (const from of this.#unwritten.get(to) ?? []) {
      const record = this.#index.get(from);
      if (record) await this.#directory.write(record);
    }
    this.#unwritten.delete(to);
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

/** Both records' names and owners on the first's image. */
function withNames(present: ImageRecord, claim: ImageRecord): ImageRecord {
  const aliases = [...new Set([...present.aliases, ...claim.aliases])];
  const ownerUids = [...new Set([...(present.ownerUids ?? []), ...(claim.ownerUids ?? [])])];
  const isAnew = (name: NonNullable<ImageRecord['names']>[number]): boolean =>
    claim.names?.some(({ uid, alias }) => uid === name.uid && alias === name.alias) ?? false;
  const names = [...(present.names ?? []).filter((name) => !isAnew(name)), ...(claim.names ?? [])];
  return { ...present, aliases, ...(ownerUids.length > 0 && { ownerUids }), ...(names.length > 0 && { names }) };
}

/** Whether the vault has as a user's own what the catalogue brings. */
function isUsersOwn(present: ImageRecord, record: ImageRecord): boolean {
  return present.origin === 'imported' && record.origin !== 'imported';
}

/** The same disk, with what its publisher says of it in place of what a user said. */
function publishersWord(present: ImageRecord, record: ImageRecord): ImageRecord {
  const { title, os, release, origin, defaultUser, source } = record;
  return { ...present, title, os, release, origin, defaultUser, ...(source && { source }) };
}

function userPart({ ownerUids, names, askedBy }: ImageRecord): Pick<ImageRecord, 'ownerUids' | 'names' | 'askedBy'> {
  return { ...(ownerUids && { ownerUids }), ...(names && { names }), ...(askedBy && { askedBy }) };
}
