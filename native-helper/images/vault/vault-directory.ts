// SPDX-License-Identifier: MIT
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import { documentText, readDocument, tellUnknown, writeDocument } from '../../store/document.ts';
import { syncDirectory, syncFile } from '../../store/durable.ts';
import type { Files } from '../../store/files.ts';
import { setAside } from '../../store/set-aside.ts';
import { hostBootId } from '../../process/proc-fs.ts';
import { buildPrefix } from '../build/build-image.ts';
import { diskUseOf } from './disk-use.ts';
import { digestOf } from './file-digest.ts';
import { imageDocument, type ImageRecord } from './image-record.ts';

const newPrefix = '.new-';
/**
 * Nobody's (systemd.io/UIDS-GIDS), and below those of machines; drawn by lot, the files themselves keep which it is.
 */
const importGroups = { first: 1_880_000_000, end: 1_899_000_000 } as const;
/** The form of setAside's names. */
const asideForm = /^([0-9a-f]{64})\.corrupt-/;
const wholenessTimeoutMs = 10 * 60_000;

/** Whether an instance stands on the image. */
export type IsUsed = (image: Fingerprint) => Promise<boolean>;

/**
 * The vault on disk: images/<fingerprint>/{image.json, disk.qcow2, kernel?, initrd?}. Directories are 0711, so that a
 * machine's user reaches the disk by name and lists nothing; files are 0444. An import is somebody's own: its files
 * belong to a group of its own, which the machines on it have besides theirs, and nobody else opens them.
 */
export class VaultDirectory {
  readonly #files: Files;
  readonly #log: Logger;

  constructor(files: Files, log: Logger) {
    this.#files = files;
    this.#log = log;
  }

  /**
   * Every image that can be read. What a helper that died left under our temporary names is removed;
   * what cannot be used is set aside and reported; nothing else is touched.
   */
  async load(): Promise<readonly ImageRecord[]> {
    await makeDirectory(this.#files.images, 0o711);
    const records: ImageRecord[] = [];
    for (const name of await readdir(this.#files.images)) {
      if (name.startsWith(newPrefix) || name.startsWith(buildPrefix)) {
        await this.#empty(path.join(this.#files.images, name));
        continue;
      }
      const parsed = fingerprint.safeParse(name);
      const record = parsed.success ? await this.#read(parsed.data) : undefined;
      if (!record) continue;
      await this.#closeOlder(record);
      records.push(record);
    }
    return records;
  }

  /** A new empty directory in the vault that is no image yet; the caller removes it or places it. */
  async stage(): Promise<string> {
    const directory = this.#newName();
    await mkdir(directory, { mode: 0o711 });
    return directory;
  }

  /**
   * Makes a staged directory, which holds all its files, the image that `record` describes. What was
   * written may still be on its way to the medium: {@link settle} waits for that.
   */
  async place(staged: string, record: ImageRecord, isUsed: IsUsed): Promise<void> {
    await writeFile(path.join(staged, 'image.json'), documentText(imageDocument, record).text);
    await seal(staged, isPrivate(record));
    await this.#makeRoom(record.fingerprint, isUsed);
    await rename(staged, this.#files.image(record.fingerprint).directory);
  }

  /** The image with all its files survives a loss of power afterwards. */
  async settle(image: Fingerprint): Promise<void> {
    const { directory } = this.#files.image(image);
    for (const name of await readdir(directory)) await syncFile(path.join(directory, name));
    await syncDirectory(directory);
    await syncDirectory(this.#files.images);
  }

  async write(record: ImageRecord): Promise<void> {
    const { record: file } = this.#files.image(record.fingerprint);
    await writeDocument(imageDocument, file, record, isPrivate(record) ? 0o400 : 0o444);
  }

  /**
   * Removes what was set aside of images that no instance stands on, and of the others all but the newest.
   * @param only the image whose set-aside directories are meant; of all where it is not given
   * @returns how many bytes that freed
   */
  async removeAside(isUsed: IsUsed, only?: Fingerprint): Promise<number> {
    const newest = new Set<string>();
    let freedBytes = 0;
    for (const name of (await readdir(this.#files.images)).toSorted().toReversed()) {
      const [, image] = asideForm.exec(name) ?? [];
      if (image === undefined || image !== (only ?? image)) continue;
      const isKept = !newest.has(image) && (await isUsed(fingerprint.parse(image)));
      newest.add(image);
      if (isKept) continue;
      const directory = path.join(this.#files.images, name);
      freedBytes += await diskUseOf({
        disk: path.join(directory, 'disk.qcow2'),
        kernel: path.join(directory, 'kernel'),
        initrd: path.join(directory, 'initrd'),
      });
      await this.#empty(directory);
      this.#log.info({ directory }, 'an image that was set aside was removed: no instance stands on it');
    }
    return freedBytes;
  }

  /** The name goes first: a removal that is cut short leaves garbage of ours, never half an image. */
  async remove(image: Fingerprint): Promise<void> {
    const doomed = this.#newName();
    await rename(this.#files.image(image).directory, doomed);
    await syncDirectory(this.#files.images);
    await this.#empty(doomed);
  }

  #newName(): string {
    return path.join(this.#files.images, `${newPrefix}${randomBytes(6).toString('hex')}`);
  }

  /** What is no image any more. What cannot be removed now is at the next start. */
  async #empty(directory: string): Promise<void> {
    await removeTree(directory).catch((error: unknown) =>
      this.#log.warn(
        { directory, reason: messageOf(error) },
        'what is left of an image could not be removed; the next start tries again',
      ),
    );
  }

  /** Imports of older versions were everybody's to read who knew the fingerprint. */
  async #closeOlder(record: ImageRecord): Promise<void> {
    const { directory } = this.#files.image(record.fingerprint);
    if (isPrivate(record) && (await stat(directory)).gid === 0) await seal(directory, true);
  }

  /**
   * Nothing where the directory holds no image that can be used. It is set aside whole then, so that it has an end
   * ({@link removeAside}); but a medium that does not answer tells nothing of what is on it.
   */
  async #read(image: Fingerprint): Promise<ImageRecord | undefined> {
    const { directory, record: file } = this.#files.image(image);
    try {
      const record = await readDocument(imageDocument, file);
      if (!record) throw new HelperError('record.missing', { path: file });
      if (record.fingerprint !== image)
        throw new HelperError('record.misplaced', { path: file, name: record.fingerprint });
      if (record.isSettled === false) await this.#requireWhole(record);
      tellUnknown(record, file, this.#log);
      return record;
    } catch (error) {
      const reason = messageOf(error);
      if (error instanceof HelperError && error.code === 'record.newer')
        this.#log.warn({ image, reason }, 'an image of a newer version of Berth is left alone');
      else if (isOfMedium(error))
        this.#log.error({ image, reason }, 'an image cannot be read; the next start looks at it again');
      else
        this.#log.error(
          { image, aside: await this.#setAside(directory), reason },
          'an image cannot be used and was set aside',
        );
      return undefined;
    }
  }

  /** Undefined where the disk refuses: it stays where it is, and the next start tries again. */
  async #setAside(directory: string): Promise<string | undefined> {
    try {
      const aside = await setAside(directory);
      await syncDirectory(this.#files.images);
      return aside;
    } catch (error) {
      this.#log.warn({ directory, reason: messageOf(error) }, 'an image could not be set aside');
      return undefined;
    }
  }

  /**
   * The helper ended before the image was settled. When the computer stopped too, only its digest tells whether all of
   * it is there.
   */
  async #requireWhole({ fingerprint: image, diskDigest, writtenInBoot }: ImageRecord): Promise<void> {
    if (writtenInBoot === (await hostBootId())) return;
    const actual =
      diskDigest === null
        ? undefined
        : await digestOf(this.#files.image(image).disk, AbortSignal.timeout(wholenessTimeoutMs));
    if (actual !== (diskDigest ?? image))
      throw new Error('its disk is not whole: the computer stopped while it was written');
  }

  /**
   * What lies where an image is to be, and is none that could be read or another disk, makes room, and so does what
   * was set aside of it before. The newest stays beside the image where an instance stands on it, whose disk may need
   * it; whoever has images come anew would fill the disk with the others.
   */
  async #makeRoom(image: Fingerprint, isUsed: IsUsed): Promise<void> {
    try {
      this.#log.warn(
        { aside: await setAside(this.#files.image(image).directory) },
        'an image that could not be used was set aside: the same image came anew',
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await this.removeAside(isUsed, image);
  }
}

function isPrivate({ origin }: ImageRecord): boolean {
  return origin === 'imported';
}

/** The image's files are changed no more, and a private one's are its own group's alone. Only root reads its record. */
async function seal(directory: string, isOwn: boolean): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  const gid = isOwn ? randomInt(importGroups.first, importGroups.end) : (process.getgid?.() ?? 0);
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    await chown(file, uid, gid);
    await chmod(file, !isOwn ? 0o444 : name === 'image.json' ? 0o400 : 0o440);
  }
  await chown(directory, uid, gid);
  await chmod(directory, isOwn ? 0o710 : 0o711);
}

/** Of read(2), also where a state file's own words are around it; and a disk that takes too long. */
function isOfMedium(error: unknown): boolean {
  const { code, name } = (error instanceof HelperError ? (error.cause ?? error) : error) as NodeJS.ErrnoException;
  return code === 'EIO' || name === 'TimeoutError';
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
