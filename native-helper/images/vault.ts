// SPDX-License-Identifier: MIT
import { chown, copyFile, link, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture, CatalogueEntry, ImageImportParams, ImageImportUrlParams, ImageRemote, ImageSettings, VaultImage } from '#contract/images.ts';
import type { Fingerprint } from '#contract/names.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type { Images, OperationContext, OverlayRequest, ProcessRunner, VaultRecord } from '../core/ports.ts';
import type { Files } from '../store/files.ts';
import { BuiltSource } from './built-source.ts';
import { mergeCatalogue } from './catalogue.ts';
import { defaultTuning, type DownloadServices, type DownloadTuning } from './download/download-services.ts';
import { removeAbandoned } from './download/partial-file.ts';
import { Slots } from './download/slots.ts';
import { isExpired, publicPart } from './expiry.ts';
import { fetchRemoteImage, fetchUrlImage } from './fetch-image.ts';
import { digestOf } from './file-digest.ts';
import { FirstUse } from './first-use.ts';
import { imageRecord, type ImageRecord } from './image-record.ts';
import { importImage } from './import-image.ts';
import { emptyOverlay } from './qcow2-overlay.ts';
import { readImageSettings, writeImageSettings } from './settings-file.ts';
import { SharedWork } from './shared-work.ts';
import { readFamilies, type Family } from './sources/family.ts';
import { openRemotes } from './sources/open-remotes.ts';
import { fullAlias, RemoteBook, type FoundImage } from './sources/remote-book.ts';
import { RemoteCache } from './sources/remote-cache.ts';
import type { BringContext, StagingSource } from './staging-source.ts';
import { VaultDirectory } from './vault-directory.ts';
import { VaultIndex } from './vault-index.ts';

interface VaultOptions {
  readonly files: Files;
  readonly runner: ProcessRunner;
  readonly log: Logger;
  readonly assetsDirectory: string;
  /** For tests; the defaults suit servers far away. */
  readonly tuning?: DownloadTuning;
}

/** A remote's list is fresh for so long when a launch asks for a word that is not known. */
const freshMs = 15 * 60_000;
const parallelDownloads = 2;
const architecture: Architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
/** An image asked for just now is about to be used: a launch makes its record a moment later. */
const aboutToUseMs = 60_000;

/** The helper's store of images, addressed by the sha256 of their disk; see docs/on-disk.md. */
export class ImageVault implements Images {
  readonly #options: VaultOptions;
  readonly #directory: VaultDirectory;
  readonly #index = new VaultIndex();
  readonly #sources: readonly StagingSource[];
  readonly #offered = new Map<StagingSource, readonly CatalogueEntry[]>();
  readonly #building = new SharedWork<ImageRecord>();
  readonly #changes = new KeyedLock<'vault'>();
  readonly #listeners: (() => void)[] = [];
  readonly #appArmor: AppArmor;
  readonly #remotes: RemoteBook;
  readonly #downloads: DownloadServices;
  readonly #firstUse: FirstUse;
  readonly #diskUse = new Map<Fingerprint, number>();
  readonly #askedAtMs = new Map<Fingerprint, number>();
  #families: readonly Family[] = [];
  #settings: ImageSettings;
  #isEnding = false;

  private constructor(options: VaultOptions, settings: ImageSettings) {
    this.#options = options;
    this.#appArmor = new AppArmor(options.runner, options.files.profiles);
    this.#settings = settings;
    this.#remotes = new RemoteBook(new RemoteCache(options.files.catalogues), () => this.#announce());
    this.#firstUse = new FirstUse(options.files.catalogues);
    this.#downloads = {
      runner: options.runner, appArmor: this.#appArmor, tuning: options.tuning ?? defaultTuning, slots: new Slots(parallelDownloads), directory: options.files.downloads,
      network: () => this.#settings, isEnding: () => this.#isEnding,
    };
    this.#directory = new VaultDirectory(options.files, options.log);
    this.#sources = [new BuiltSource(options.runner, options.assetsDirectory)];
  }

  /** Reads the vault's directory; an image that cannot be read is reported in the log and left out. */
  static async open(options: VaultOptions): Promise<ImageVault> {
    const vault = new ImageVault(options, await readImageSettings(options.files.imageSettings, options.log));
    for (const record of await vault.#directory.load()) await vault.#admit(record);
    for (const source of vault.#sources) vault.#offered.set(source, await source.list(AbortSignal.timeout(10_000)));
    vault.#families = await readFamilies(path.join(options.assetsDirectory, 'catalogue'));
    await vault.#openRemotes();
    await removeAbandoned(options.files.downloads);
    return vault;
  }

  catalogue(): readonly CatalogueEntry[] {
    return mergeCatalogue([...[...this.#offered.values()].flat(), ...this.#remotes.entries()], this.#index.all());
  }

  list(usedBy: (fingerprint: Fingerprint) => readonly string[]): readonly VaultImage[] {
    return this.#index.all().map((record) => {
      const users = [...usedBy(record.fingerprint)];
      return { ...publicPart(record, this.#settings.expiryDays, users.length > 0), diskUseBytes: this.#diskUse.get(record.fingerprint) ?? 0, usedBy: users };
    });
  }

  remotes(): readonly ImageRemote[] {
    return this.#remotes.remotes().map((remote) => {
      const mirror = this.#settings.mirrors[remote.name];
      return mirror === undefined ? remote : { ...remote, mirror };
    });
  }

  async refresh(maxAgeSeconds: number, ctx: OperationContext): Promise<void> {
    await this.#remotes.refresh(maxAgeSeconds * 1000, ctx);
  }

  settings(): ImageSettings {
    return this.#settings;
  }

  async configure(settings: ImageSettings): Promise<void> {
    await this.#changes.hold('vault', async () => {
      await writeImageSettings(this.#options.files.imageSettings, settings);
      this.#settings = settings;
      await this.#openRemotes();
    });
    this.#announce();
  }

  /** The helper is ending: half downloads stay for the next one. */
  end(): void {
    this.#isEnding = true;
  }

  find(reference: string): VaultRecord | undefined {
    const record = this.#index.find(reference);
    return record && this.#withPaths(record);
  }

  async ensure(reference: string, ctx: OperationContext): Promise<VaultRecord> {
    const present = this.find(reference);
    if (present) return this.#asked(present);
    const source = this.#sources.find((candidate) => this.#offered.get(candidate)?.some((entry) => entry.alias === reference));
    if (source) return await this.#bring(reference, ctx, async (staged, shared) => await source.bring(reference, staged, shared));
    const found = await this.#lookUp(reference, ctx);
    const cached = this.find(fullAlias(found.remote.name, found.image));
    return cached ? this.#asked(cached) : await this.#fetch(found, ctx);
  }

  async fetch(alias: string, ctx: OperationContext): Promise<VaultRecord> {
    const found = await this.#lookUp(alias, ctx);
    const cached = this.#index.all().findLast(({ source }) => source?.digest.hex === found.image.digest.hex);
    return cached ? this.#withPaths(await this.#claimAliases({ ...cached, aliases: [fullAlias(found.remote.name, found.image)] })) : await this.#fetch(found, ctx);
  }

  async importUrl(params: ImageImportUrlParams, ctx: OperationContext): Promise<VaultRecord> {
    this.#refuseReserved(params.alias);
    return await this.#bring(`${params.url} ${params.alias}`, ctx, async (staged, context) => await fetchUrlImage(params, this.#firstUse, { staged, services: this.#downloads, context }));
  }

  async import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord> {
    this.#refuseReserved(params.alias);
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
      this.#diskUse.delete(fingerprint);
      await this.#directory.remove(fingerprint);
    });
    this.#announce();
  }

  async setPinned(fingerprint: Fingerprint, isPinned: boolean): Promise<void> {
    await this.#changes.hold('vault', async () => {
      const record = this.#index.get(fingerprint);
      if (!record) throw new HelperError('image.not-found', { image: fingerprint });
      const changed = { ...record, isPinned };
      await this.#directory.write(changed);
      this.#index.put(changed);
    });
    this.#announce();
  }

  async verify(fingerprint: Fingerprint, ctx: OperationContext): Promise<void> {
    const files = this.#options.files.image(fingerprint);
    ctx.report({ step: 'verify' });
    const actual = await digestOf(files.disk, ctx.signal).catch((error: unknown) => {
      ctx.signal.throwIfAborted();
      throw new HelperError('storage.failed', { action: 'read', path: files.disk, reason: messageOf(error) }, { cause: error });
    });
    if (actual !== fingerprint) throw new HelperError('image.damaged', { image: this.#index.get(fingerprint)?.aliases[0] ?? fingerprint.slice(0, 12), actual });
  }

  async prune(isUsed: (fingerprint: Fingerprint) => boolean, isEverything: boolean): Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }> {
    const nowMs = Date.now();
    await removeAbandoned(this.#options.files.downloads);
    const removed: Fingerprint[] = [];
    let freedBytes = 0;
    for (const record of this.#index.all()) {
      const { fingerprint } = record;
      const isWanted = isUsed(fingerprint) || record.isPinned === true || (this.#askedAtMs.get(fingerprint) ?? 0) > nowMs - aboutToUseMs;
      if (isWanted || !(isEverything || isExpired(record, this.#settings.expiryDays, nowMs))) continue;
      freedBytes += this.#diskUse.get(fingerprint) ?? 0;
      await this.remove(fingerprint);
      removed.push(fingerprint);
    }
    return { removed, freedBytes };
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

  /** What a reference means at the remotes; they are asked where what is known is old and does not have it. */
  async #lookUp(reference: string, ctx: OperationContext): Promise<FoundImage> {
    const known = this.#remotes.find(reference);
    if (known) return known;
    if (this.#remotes.isStale(reference, freshMs)) {
      const [remote] = reference.includes(':') ? reference.split(':') : [];
      await this.#remotes.refresh(freshMs, ctx, remote).catch((error: unknown) => {
        ctx.signal.throwIfAborted();
        // A word that no remote was named for may as well be a slip of the pen.
        if (remote !== undefined) throw error;
      });
    }
    const found = this.#remotes.find(reference);
    if (!found) throw new HelperError('image.not-found', { image: reference });
    return found;
  }

  async #fetch(found: FoundImage, ctx: OperationContext): Promise<VaultRecord> {
    const mirror = this.#settings.mirrors[found.remote.name];
    return await this.#bring(found.image.digest.hex, ctx, async (staged, context) => await fetchRemoteImage(found, mirror, { staged, services: this.#downloads, context }));
  }

  /** Makes an image once for all who want it at the same time. */
  async #bring(key: string, ctx: OperationContext, make: (staged: string, shared: BringContext) => Promise<ImageRecord>): Promise<VaultRecord> {
    const record = await this.#building.join(key, ctx, async (shared) => {
      const staged = await this.#directory.stage();
      try {
        return await this.#place(staged, await make(staged, shared));
      } finally {
        await rm(staged, { recursive: true, force: true });
      }
    });
    return this.#asked(this.#withPaths(record));
  }

  #asked(record: VaultRecord): VaultRecord {
    this.#askedAtMs.set(record.image.fingerprint, Date.now());
    return record;
  }

  #refuseReserved(alias: string): void {
    const isReserved = [...this.#offered.values()].flat().some((entry) => entry.alias === alias);
    if (isReserved) throw new HelperError('request.invalid', { reason: `${alias} is the name of an image of the catalogue; choose another alias` });
  }

  async #openRemotes(): Promise<void> {
    await this.#remotes.use(openRemotes(this.#settings, this.#families, architecture, this.#downloads));
  }

  async #admit(record: ImageRecord): Promise<void> {
    this.#index.put(record);
    this.#diskUse.set(record.fingerprint, await diskUseOf(this.#options.files.image(record.fingerprint)));
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
        await this.#admit(record);
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
      image: publicPart(record, this.#settings.expiryDays, true),
      diskPath: files.disk,
      ...(record.commandLine === undefined ? {} : { kernel: { kernelPath: files.kernel, initrdPath: files.initrd, commandLine: record.commandLine } }),
    };
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The blocks of all its files; one that is not there counts nothing. */
async function diskUseOf({ disk, kernel, initrd }: { readonly disk: string; readonly kernel: string; readonly initrd: string }): Promise<number> {
  const sizes = await Promise.all([disk, kernel, initrd].map(async (file) => await stat(file).then(({ blocks }) => blocks * 512, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
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
