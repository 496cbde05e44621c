// SPDX-License-Identifier: MIT
import { chown, copyFile, link, open, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CatalogueEntry, ImageImportParams, VaultImage } from '#contract/images.ts';
import type { Fingerprint } from '#contract/names.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type { Images, OperationContext, OverlayRequest, ProcessRunner, VaultRecord } from '../core/ports.ts';
import type { Files } from '../store/files.ts';
import { BuiltSource } from './built-source.ts';
import { mergeCatalogue } from './catalogue.ts';
import { digestOf } from './file-digest.ts';
import { imageRecord, type ImageRecord } from './image-record.ts';
import { importImage } from './import-image.ts';
import { emptyOverlay } from './qcow2-overlay.ts';
import { SharedWork } from './shared-work.ts';
import type { StagingSource } from './staging-source.ts';
import { VaultDirectory } from './vault-directory.ts';
import { VaultIndex } from './vault-index.ts';

interface VaultOptions {
  readonly files: Files;
  readonly runner: ProcessRunner;
  readonly log: Logger;
  readonly assetsDirectory: string;
}

/** The helper's store of images, addressed by the sha256 of their disk; see docs/on-disk.md. */
export class ImageVault implements Images {
  readonly #options: VaultOptions;
  readonly #appArmor: AppArmor;
  readonly #directory: VaultDirectory;
  readonly #index = new VaultIndex();
  readonly #sources: readonly StagingSource[];
  readonly #offered = new Map<StagingSource, readonly CatalogueEntry[]>();
  readonly #building = new SharedWork<ImageRecord>();
  readonly #changes = new KeyedLock<'vault'>();
  readonly #listeners: (() => void)[] = [];

  private constructor(options: VaultOptions) {
    this.#options = options;
    this.#appArmor = new AppArmor(options.runner, options.files.profiles);
    this.#directory = new VaultDirectory(options.files, options.log);
    this.#sources = [new BuiltSource(options.runner, options.assetsDirectory)];
  }

  /** Reads the vault's directory; an image that cannot be read is reported in the log and left out. */
  static async open(options: VaultOptions): Promise<ImageVault> {
    const vault = new ImageVault(options);
    for (const record of await vault.#directory.load()) vault.#index.put(record);
    for (const source of vault.#sources) vault.#offered.set(source, await source.list(AbortSignal.timeout(10_000)));
    return vault;
  }

  catalogue(): readonly CatalogueEntry[] {
    return mergeCatalogue([...this.#offered.values()].flat(), this.#index.all());
  }

  list(usedBy: (fingerprint: Fingerprint) => readonly string[]): readonly VaultImage[] {
    return this.#index.all().map((record) => ({ ...publicPart(record), usedBy: [...usedBy(record.fingerprint)] }));
  }

  find(reference: string): VaultRecord | undefined {
    const record = this.#index.find(reference);
    return record && this.#withPaths(record);
  }

  async ensure(reference: string, ctx: OperationContext): Promise<VaultRecord> {
    const present = this.find(reference);
    if (present) return present;
    const source = this.#sources.find((candidate) => this.#offered.get(candidate)?.some((entry) => entry.alias === reference));
    if (!source) throw new HelperError('image.not-found', { image: reference });
    const record = await this.#building.join(reference, ctx, async (shared) => {
      const staged = await this.#directory.stage();
      try {
        return await this.#place(staged, await source.bring(reference, staged, shared));
      } finally {
        await rm(staged, { recursive: true, force: true });
      }
    });
    return this.#withPaths(record);
  }

  async import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord> {
    const isReserved = [...this.#offered.values()].flat().some((entry) => entry.alias === params.alias);
    if (isReserved) throw new HelperError('request.invalid', { reason: `${params.alias} is the name of an image of the catalogue; choose another alias` });
    const staged = await this.#directory.stage();
    try {
      const record = await importImage({ params, staged, runner: this.#options.runner, appArmor: this.#appArmor, ctx });
      return this.#withPaths(await this.#place(staged, record));
    } finally {
      await rm(staged, { recursive: true, force: true });
    }
  }

  /** Takes an image made beforehand (its directory as the builder leaves it) into the vault; the directory stays. */
  async adoptBuilt(directory: string, signal: AbortSignal = AbortSignal.timeout(10 * 60_000)): Promise<VaultRecord> {
    const described = imageRecord.parse(JSON.parse(await readFile(path.join(directory, 'image.json'), 'utf8')));
    if (this.#index.get(described.fingerprint)) return this.#withPaths(await this.#claimAliases(described));
    const disk = path.join(directory, 'disk.qcow2');
    const actual = await digestOf(disk, signal);
    if (actual !== described.fingerprint) throw new HelperError('image.checksum-mismatch', { path: disk, actual, expected: described.fingerprint });
    const staged = await this.#directory.stage();
    try {
      for (const name of ['disk.qcow2', ...(described.boot === 'kernel' ? ['kernel', 'initrd'] : [])]) await linkOrCopy(path.join(directory, name), path.join(staged, name));
      return this.#withPaths(await this.#place(staged, described));
    } finally {
      await rm(staged, { recursive: true, force: true });
    }
  }

  /** {@link adoptBuilt} for every image below a directory; one that is not usable is reported and left out. */
  async adoptAll(directory: string): Promise<void> {
    for (const name of await readdir(directory)) {
      if (name.startsWith('.') || name.endsWith('.partial')) continue;
      await this.adoptBuilt(path.join(directory, name)).catch((error: unknown) => {
        this.#options.log.error({ image: name, reason: messageOf(error) }, 'a ready image was not taken into the vault');
      });
    }
  }

  async remove(fingerprint: Fingerprint): Promise<void> {
    await this.#changes.hold('vault', async () => {
      if (!this.#index.get(fingerprint)) throw new HelperError('image.not-found', { image: fingerprint });
      this.#index.delete(fingerprint);
      await this.#directory.remove(fingerprint);
    });
    this.#announce();
  }

  async createOverlay({ base, path: file, sizeBytes, owner }: OverlayRequest, signal: AbortSignal): Promise<void> {
    if (sizeBytes < base.image.virtualBytes) throw new HelperError('request.invalid', { reason: `the disk must have ${base.image.virtualBytes} bytes or more, for the image has that many` });
    signal.throwIfAborted();
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        await handle.writeFile(emptyOverlay(base.diskPath, sizeBytes));
        await handle.chown(owner.uid, owner.gid);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw new HelperError('storage.failed', { action: 'create', path: file, reason: messageOf(error) }, { cause: error });
    }
    await this.#noteUse(base.image.fingerprint);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async #noteUse(fingerprint: Fingerprint): Promise<void> {
    const record = this.#index.get(fingerprint);
    if (!record) return;
    this.#index.put({ ...record, lastUsedAt: new Date().toISOString() });
    await this.#changes.hold('vault', async () => {
      const current = this.#index.get(fingerprint);
      if (current) await this.#directory.write(current);
    });
    this.#announce();
  }

  /** The staged directory becomes an image, or is left to its owner where the vault has that image already. */
  async #place(staged: string, record: ImageRecord): Promise<ImageRecord> {
    if (!this.#index.get(record.fingerprint)) {
      await this.#changes.hold('vault', async () => {
        if (this.#index.get(record.fingerprint)) return;
        await this.#directory.place(staged, record);
        this.#index.put(record);
      });
    }
    return this.#claimAliases(record);
  }

  /** An alias means the newest image that came with it. */
  async #claimAliases(claim: ImageRecord): Promise<ImageRecord> {
    const record = await this.#changes.hold('vault', async () => {
      const present = this.#index.get(claim.fingerprint) ?? claim;
      const aliases = [...new Set([...present.aliases, ...claim.aliases])];
      const merged = { ...present, aliases };
      const changed = [...(aliases.length > present.aliases.length ? [merged] : []), ...this.#index.without(claim.aliases, claim.fingerprint)];
      for (const other of changed) {
        await this.#directory.write(other);
        this.#index.put(other);
      }
      return merged;
    });
    this.#announce();
    return record;
  }

  #withPaths(record: ImageRecord): VaultRecord {
    const files = this.#options.files.image(record.fingerprint);
    return {
      image: publicPart(record),
      diskPath: files.disk,
      ...(record.commandLine === undefined ? {} : { kernel: { kernelPath: files.kernel, initrdPath: files.initrd, commandLine: record.commandLine } }),
    };
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

function publicPart(record: ImageRecord): Omit<VaultImage, 'usedBy'> {
  const { fingerprint, aliases, title, os, release, architecture, origin, defaultUser, virtualBytes, fileBytes, boot, addedAt, lastUsedAt } = record;
  return { fingerprint, aliases, title, os, release, architecture, origin, defaultUser, virtualBytes, fileBytes, boot, addedAt, ...(lastUsedAt === undefined ? {} : { lastUsedAt }) };
}

/** A link costs nothing, where both lie on one file system and the file is already what the vault's files are. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const isOurs = await readOnlyRootFile(from);
  if (isOurs) {
    try {
      await link(from, to);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && (error.code === 'EXDEV' || error.code === 'EPERM'))) throw error;
    }
  }
  await copyFile(from, to);
  await chown(to, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
}

async function readOnlyRootFile(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { uid, mode } = await handle.stat();
    return uid === process.getuid?.() && (mode & 0o777) === 0o444;
  } finally {
    await handle.close();
  }
}
