// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { syncDirectory, writeDurably } from '../store/durable.ts';
import type { Files } from '../store/files.ts';
import { setAside } from '../store/set-aside.ts';
import { hostBootId } from '../process/proc-fs.ts';
import { buildPrefix } from './build/build-image.ts';
import { digestOf } from './file-digest.ts';
import { imageRecord, type ImageRecord } from './image-record.ts';

const newPrefix = '.new-';
const wholenessTimeoutMs = 10 * 60_000;

/**
 * The vault on disk: images/<fingerprint>/{image.json, disk.qcow2, kernel?, initrd?}. Directories
 * are 0711, so that a machine's user reaches the disk by name and lists nothing; files are 0444.
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
   * an unreadable record is set aside and reported; nothing else is touched.
   */
  async load(): Promise<readonly ImageRecord[]> {
    await mkdir(this.#files.images, { recursive: true, mode: 0o711 });
    const records: ImageRecord[] = [];
    for (const name of await readdir(this.#files.images)) {
      if (name.startsWith(newPrefix) || name.startsWith(buildPrefix)) {
        await rm(path.join(this.#files.images, name), { recursive: true, force: true });
        continue;
      }
      const parsed = fingerprint.safeParse(name);
      const record = parsed.success ? await this.#read(parsed.data) : undefined;
      if (record) records.push(record);
    }
    return records;
  }

  /** A new empty directory in the vault that is no image yet; the caller removes it or places it. */
  async stage(): Promise<string> {
    const directory = path.join(this.#files.images, `${newPrefix}${randomBytes(6).toString('hex')}`);
    await mkdir(directory, { mode: 0o711 });
    return directory;
  }

  /**
   * Makes a staged directory, which holds all its files, the image that `record` describes. What was
   * written may still be on its way to the medium: {@link settle} waits for that.
   */
  async place(staged: string, record: ImageRecord): Promise<void> {
    await writeFile(path.join(staged, 'image.json'), serialise(record));
    for (const name of await readdir(staged)) await seal(path.join(staged, name));
    await chmod(staged, 0o711);
    const { directory } = this.#files.image(record.fingerprint);
    await this.#makeRoom(directory);
    await rename(staged, directory);
  }

  /** The image with all its files survives a loss of power afterwards. */
  async settle(image: Fingerprint): Promise<void> {
    const { directory } = this.#files.image(image);
    for (const name of await readdir(directory)) await syncFile(path.join(directory, name));
    await syncDirectory(directory);
    await syncDirectory(this.#files.images);
  }

  async write(record: ImageRecord): Promise<void> {
    await writeDurably(this.#files.image(record.fingerprint).record, serialise(record), 0o444);
  }

  /** The name goes first: a removal that is cut short leaves garbage of ours, never half an image. */
  async remove(image: Fingerprint): Promise<void> {
    const doomed = path.join(this.#files.images, `${newPrefix}${randomBytes(6).toString('hex')}`);
    await rename(this.#files.image(image).directory, doomed);
    await syncDirectory(this.#files.images);
    await rm(doomed, { recursive: true, force: true });
  }

  async #read(image: Fingerprint): Promise<ImageRecord | undefined> {
    const file = this.#files.image(image).record;
    try {
      const record = imageRecord.parse(JSON.parse(await readFile(file, 'utf8')));
      if (record.fingerprint !== image) throw new Error(`it describes ${record.fingerprint}`);
      if (record.isSettled === false) await this.#requireWhole(record);
      return record;
    } catch (error) {
      if (isMissing(error)) {
        this.#log.warn({ image }, 'an image directory has no record; it is left alone');
        return undefined;
      }
      const aside = await setAside(file);
      this.#log.error({ image, aside, reason: messageOf(error) }, 'an image record cannot be read and was set aside');
      return undefined;
    }
  }

  /** The helper ended before the image was settled. When the computer stopped too, only its digest tells whether all of it is there. */
  async #requireWhole({ fingerprint: image, diskDigest, writtenInBoot }: ImageRecord): Promise<void> {
    if (writtenInBoot === (await hostBootId())) return;
    const actual = diskDigest === null ? undefined : await digestOf(this.#files.image(image).disk, AbortSignal.timeout(wholenessTimeoutMs));
    if (actual !== (diskDigest ?? image)) throw new Error('its disk is not whole: the computer stopped while it was written');
  }

  /** What lies where an image is to be, and is none that could be read, makes room but stays. */
  async #makeRoom(directory: string): Promise<void> {
    try {
      this.#log.warn({ aside: await setAside(directory) }, 'an image that could not be used was set aside: the same image came anew');
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function serialise(record: ImageRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

async function seal(file: string): Promise<void> {
  await chown(file, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  await chmod(file, 0o444);
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
