// SPDX-License-Identifier: MIT
import type { CatalogueEntry, ImageImportParams, ImageImportUrlParams, ImageRemote, ImageSettings, VaultImage } from '#contract/images.ts';
import type { Fingerprint } from '#contract/names.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type { Images, OverlayRequest, VaultRecord } from '../core/seams/images.ts';
import type { OperationContext } from '../core/seams/operation.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import type { Files } from '../store/files.ts';
import { adoptImage, adoptImages } from './adopt-image.ts';
import { BuiltSource } from './built-source.ts';
import { mergeCatalogue } from './catalogue.ts';
import { createOverlay } from './create-overlay.ts';
import { disksOnImages } from './disks-on-images.ts';
import { defaultTuning, type DownloadServices, type DownloadTuning } from './download/download-services.ts';
import type { NetworkEnvironment } from './download/network-process.ts';
import { removeAbandoned } from './download/partial-file.ts';
import { Slots } from './download/slots.ts';
import { Turns } from './download/turns.ts';
import { endOrphans } from './end-orphans.ts';
import { isExpired, publicPart } from './expiry.ts';
import { fetchRemoteImage, fetchUrlImage } from './fetch-image.ts';
import { FirstUse } from './first-use.ts';
import type { ImageRecord } from './image-record.ts';
import { importImage } from './import-image.ts';
import { RemoteImages } from './remote-images.ts';
import { SharedWork } from './shared-work.ts';
import { fullAlias, type FoundImage } from './sources/remote-book.ts';
import type { BringContext, StagingSource } from './staging-source.ts';
import { systemProxy } from './system-proxy.ts';
import { Vault } from './vault.ts';

interface LocalImagesOptions {
  readonly files: Files;
  readonly runner: ProcessRunner;
  readonly log: Logger;
  readonly assetsDirectory: string;
  /** For tests; the defaults suit servers far away. */
  readonly tuning?: DownloadTuning;
}

const parallelDownloads = 2;
const listTimeoutMs = 10_000;
const adoptionTimeoutMs = 10 * 60_000;
/** An image asked for just now is about to be used: a launch makes its record a moment later. */
const aboutToUseMs = 60_000;

/** Images on this computer: what the vault has, and every way to bring another into it. */
export class LocalImages implements Images {
  readonly #options: LocalImagesOptions;
  readonly #vault: Vault;
  readonly #appArmor: AppArmor;
  readonly #sources: readonly StagingSource[];
  readonly #offered = new Map<StagingSource, readonly CatalogueEntry[]>();
  readonly #bringing = new SharedWork<ImageRecord>();
  readonly #configuring = new KeyedLock<'settings'>();
  readonly #listeners: (() => void)[] = [];
  readonly #downloads: DownloadServices;
  readonly #firstUse: FirstUse;
  readonly #askedAtMs = new Map<Fingerprint, number>();
  #remotes: RemoteImages | undefined;
  #systemProxy: NetworkEnvironment = {};
  #isEnding = false;

  private constructor(options: LocalImagesOptions) {
    const { files, runner, log, tuning = defaultTuning } = options;
    this.#options = options;
    this.#vault = new Vault(files, log, () => this.#announce());
    this.#appArmor = new AppArmor(runner, files.profiles);
    this.#firstUse = new FirstUse(files.catalogues);
    this.#downloads = {
      runner, appArmor: this.#appArmor, tuning, slots: new Slots(parallelDownloads), turns: new Turns(), directory: files.downloads, work: files.work,
      network: () => ({ ...this.#systemProxy, ...this.#far.settings }), isEnding: () => this.#isEnding,
    };
    this.#sources = [new BuiltSource(runner, options.assetsDirectory)];
  }

  static async open(options: LocalImagesOptions): Promise<LocalImages> {
    const images = new LocalImages(options);
    await images.#vault.load();
    images.#systemProxy = await systemProxy();
    for (const source of images.#sources) images.#offered.set(source, await source.list(AbortSignal.timeout(listTimeoutMs)));
    images.#remotes = await RemoteImages.open({ ...options, downloads: images.#downloads, changed: () => images.#announce() });
    await removeAbandoned(options.files.downloads);
    await images.#endOrphans();
    return images;
  }

  catalogue(): readonly CatalogueEntry[] {
    return mergeCatalogue([...this.#builtEntries(), ...this.#far.entries()], this.#vault.all());
  }

  list(usedBy: (fingerprint: Fingerprint) => readonly string[]): readonly VaultImage[] {
    return this.#vault.all().map((record) => {
      const users = [...usedBy(record.fingerprint)];
      return { ...publicPart(record, this.settings().expiryDays, users.length > 0), diskUseBytes: this.#vault.diskUseBytes(record.fingerprint), usedBy: users };
    });
  }

  remotes(): readonly ImageRemote[] {
    return this.#far.remotes();
  }

  async refresh(maxAgeSeconds: number, ctx: OperationContext): Promise<void> {
    await this.#far.refresh(maxAgeSeconds, ctx);
  }

  settings(): ImageSettings {
    return this.#far.settings;
  }

  async configure(settings: ImageSettings): Promise<void> {
    await this.#configuring.hold('settings', async () => await this.#far.configure(settings));
    this.#announce();
  }

  /** The helper is ending: half downloads stay for the next one. */
  end(): void {
    this.#isEnding = true;
  }

  /** Every image that was taken in has reached the medium. */
  async settled(): Promise<void> {
    await this.#vault.settled();
  }

  find(reference: string): VaultRecord | undefined {
    const record = this.#vault.find(reference);
    return record && this.#withPaths(record);
  }

  async ensure(reference: string, ctx: OperationContext): Promise<VaultRecord> {
    const present = this.find(reference);
    if (present) return this.#asked(present);
    const source = this.#sources.find((candidate) => this.#offered.get(candidate)?.some((entry) => entry.alias === reference));
    if (source) return await this.#bring(reference, ctx, async (staged, shared) => await source.bring(reference, staged, shared));
    const found = await this.#far.lookUp(reference, ctx);
    const cached = this.find(fullAlias(found.remote.name, found.image));
    return cached ? this.#asked(cached) : await this.#fetch(found, ctx);
  }

  async fetch(alias: string, ctx: OperationContext): Promise<VaultRecord> {
    const found = await this.#far.lookUp(alias, ctx);
    const cached = this.#vault.all().findLast(({ source }) => source?.digest.hex === found.image.digest.hex);
    return cached ? this.#withPaths(await this.#vault.claimAliases({ ...cached, aliases: [fullAlias(found.remote.name, found.image)] })) : await this.#fetch(found, ctx);
  }

  async importUrl(params: ImageImportUrlParams, ctx: OperationContext): Promise<VaultRecord> {
    this.#refuseReserved(params.alias);
    return await this.#bring(`${params.url} ${params.alias}`, ctx, async (staged, context) => await fetchUrlImage(params, this.#firstUse, { staged, services: this.#downloads, context }));
  }

  async import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord> {
    this.#refuseReserved(params.alias);
    return this.#withPaths(await this.#vault.take(async (staged) => await importImage({ params, staged, runner: this.#options.runner, appArmor: this.#appArmor, ctx })));
  }

  /** Takes an image made beforehand, see {@link adoptImage}. */
  async adoptBuilt(directory: string, signal: AbortSignal = AbortSignal.timeout(adoptionTimeoutMs)): Promise<VaultRecord> {
    return this.#withPaths(await adoptImage(directory, this.#vault, signal));
  }

  async adoptAll(directory: string): Promise<void> {
    await adoptImages(directory, { vault: this.#vault, log: this.#options.log, signal: AbortSignal.timeout(adoptionTimeoutMs) });
  }

  async remove(fingerprint: Fingerprint): Promise<void> {
    const users = (await disksOnImages(this.#options.files.instances)).get(fingerprint) ?? [];
    if (users.length > 0) throw new HelperError('image.in-use', { image: this.#vault.get(fingerprint)?.aliases[0] ?? fingerprint.slice(0, 12), users: users.join(', ') });
    await this.#vault.remove(fingerprint);
  }

  async setPinned(fingerprint: Fingerprint, isPinned: boolean): Promise<void> {
    await this.#vault.setPinned(fingerprint, isPinned);
  }

  async verify(fingerprint: Fingerprint, ctx: OperationContext): Promise<void> {
    await this.#vault.verify(fingerprint, ctx);
  }

  async prune(isUsed: (fingerprint: Fingerprint) => boolean, isEverything: boolean): Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }> {
    const nowMs = Date.now();
    await removeAbandoned(this.#options.files.downloads);
    const disks = await disksOnImages(this.#options.files.instances);
    const removed: Fingerprint[] = [];
    let freedBytes = 0;
    for (const record of this.#vault.all()) {
      const { fingerprint } = record;
      const isWanted = isUsed(fingerprint) || disks.has(fingerprint) || record.isPinned === true || (this.#askedAtMs.get(fingerprint) ?? 0) > nowMs - aboutToUseMs;
      if (isWanted || !(isEverything || isExpired(record, this.settings().expiryDays, nowMs))) continue;
      freedBytes += this.#vault.diskUseBytes(fingerprint);
      await this.#vault.remove(fingerprint);
      removed.push(fingerprint);
    }
    return { removed, freedBytes };
  }

  async createOverlay(request: OverlayRequest, signal: AbortSignal): Promise<void> {
    await createOverlay(request, signal);
    await this.#vault.noteUse(request.base.image.fingerprint);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async #endOrphans(): Promise<void> {
    await endOrphans(this.#appArmor, AbortSignal.timeout(listTimeoutMs)).catch((error: unknown) => {
      this.#options.log.warn({ reason: messageOf(error) }, 'not all that earlier conversions left could be taken away; the next start tries again');
    });
  }

  /** There from `open` on; apart from it only because the remotes' transfers need the settings and they the transfers. */
  get #far(): RemoteImages {
    if (!this.#remotes) throw new HelperError('internal.bug', { reason: 'the remotes are not open yet' });
    return this.#remotes;
  }

  async #fetch(found: FoundImage, ctx: OperationContext): Promise<VaultRecord> {
    const mirror = this.#far.mirrorOf(found.remote.name);
    return await this.#bring(found.image.digest.hex, ctx, async (staged, context) => await fetchRemoteImage(found, mirror, { staged, services: this.#downloads, context }));
  }

  /** Makes an image once for all who want it at the same time. */
  async #bring(key: string, ctx: OperationContext, make: (staged: string, shared: BringContext) => Promise<ImageRecord>): Promise<VaultRecord> {
    const record = await this.#bringing.join(key, ctx, async (shared) => await this.#vault.take(async (staged) => await make(staged, shared)));
    return this.#asked(this.#withPaths(record));
  }

  #asked(record: VaultRecord): VaultRecord {
    this.#askedAtMs.set(record.image.fingerprint, Date.now());
    return record;
  }

  #refuseReserved(alias: string): void {
    if (this.#builtEntries().some((entry) => entry.alias === alias)) throw new HelperError('request.invalid', { reason: `${alias} is the name of an image of the catalogue; choose another alias` });
  }

  #builtEntries(): readonly CatalogueEntry[] {
    return [...this.#offered.values()].flat();
  }

  #withPaths(record: ImageRecord): VaultRecord {
    const files = this.#options.files.image(record.fingerprint);
    return {
      image: publicPart(record, this.settings().expiryDays, true),
      diskPath: files.disk,
      ...(record.commandLine === undefined ? {} : { kernel: { kernelPath: files.kernel, initrdPath: files.initrd, commandLine: record.commandLine } }),
    };
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}
