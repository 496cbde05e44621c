// SPDX-License-Identifier: MIT
import type {
  CatalogueEntry,
  ImageImportParams,
  ImageImportUrlParams,
  ImageRemote,
  ImageSettings,
  VaultImage,
} from '#contract/images.ts';
import type { Fingerprint, ImageAlias } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import type { Policy } from '../confinement/administrator/policy.ts';
import type { QuotaFile } from '../confinement/administrator/quotas.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { Counts } from '../core/counts.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import { SharedWork } from '../core/shared-work.ts';
import type {
  HeldImage,
  Images,
  OverlayBase,
  OverlayRequest,
  ShownImages,
  UnusableSettings,
  VaultRecord,
  Viewer,
} from '../core/seams/images.ts';
import type { ImageUses } from '../core/seams/instances.ts';
import type { OperationContext } from '../core/seams/operation.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import type { Files } from '../store/files.ts';
import { adoptImage, adoptImages } from './vault/adopt-image.ts';
import { aliasesFor } from './catalogue/aliases-for.ts';
import { BuiltSource } from './catalogue/built-source.ts';
import { mergeCatalogue } from './catalogue/catalogue.ts';
import { reasonAgainst, type SpokenFor } from './vault/check-alias.ts';
import { checkBase, diskDigestOf } from './vault/check-base.ts';
import { claimOfOthers, withoutOwner } from './vault/claims.ts';
import { createOverlay } from './vault/create-overlay.ts';
import { disksOnImages } from './vault/disks-on-images.ts';
import { defaultTuning, type DownloadServices, type DownloadTuning } from './download/download-services.ts';
import type { NetworkEnvironment } from './download/proxies.ts';
import { removeAbandoned, removeUnfounded } from './download/partial-file.ts';
import { KeyedSlots } from '../core/keyed-slots.ts';
import { endOrphans } from './convert/end-orphans.ts';
import { isExpired, publicPart } from './vault/expiry.ts';
import { fetchRemoteImage } from './download/fetch-image.ts';
import { FirstUse } from './download/first-use.ts';
import type { ImageRecord } from './vault/image-record.ts';
import { mendNames } from './vault/mend-names.ts';
import { withPin } from './vault/pinning.ts';
import { RemoteImages } from './catalogue/remote-images.ts';
import { fullAlias, type FoundImage } from './sources/remote-book.ts';
import type { BringContext, StagingSource } from './vault/staging-source.ts';
import { systemProxy } from './download/system-proxy.ts';
import { UserImports } from './convert/user-imports.ts';
import { UserNames } from './vault/user-names.ts';
import { UserQuota } from './vault/user-quota.ts';
import { Vault } from './vault/vault.ts';
import { isDigest } from './vault/vault-index.ts';
import { wordsFor, type ImageWords } from './catalogue/words-for.ts';

interface LocalImagesOptions {
  readonly files: Files;
  readonly runner: ProcessRunner;
  readonly log: Logger;
  readonly assetsDirectory: string;
  readonly quotas: QuotaFile;
  readonly policy: Policy;
  readonly uses: ImageUses;
  /** As {@link DownloadServices.newUser}. */
  readonly newUser: () => Promise<Credentials>;
  /** For tests; the defaults suit servers far away. */
  readonly tuning?: DownloadTuning;
}

const parallelDownloads = 2;
/** Nobody's own names are shown to it; root's are. */
const everybody: Viewer = { uid: 0 };
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
  readonly #imports: UserImports;
  readonly #quota: UserQuota;
  readonly #users = new UserNames();
  /** The images that somebody is about to use and no record names yet: nobody removes one of them. */
  readonly #holds = new Counts<Fingerprint>();
  readonly #askedAtMs = new Map<Fingerprint, number>();
  #remotes: RemoteImages | undefined;
  #systemProxy: NetworkEnvironment = {};
  #isEnding = false;

  private constructor(options: LocalImagesOptions) {
    const { files, runner, log, quotas, policy, newUser, tuning = defaultTuning } = options;
    this.#options = options;
    this.#vault = new Vault(files, log, {
      changed: () => this.#announce(),
      isUsed: async (image) => await this.#isUsed(image),
    });
    this.#appArmor = new AppArmor(runner, files.profiles);
    this.#downloads = {
      runner,
      newUser,
      appArmor: this.#appArmor,
      tuning,
      slots: new KeyedSlots(parallelDownloads),
      turns: new KeyedLock(),
      directory: files.downloads,
      work: files.work,
      network: () => ({ ...this.#systemProxy, ...this.#far.requireSettings() }),
      isEnding: () => this.#isEnding,
    };
    this.#quota = new UserQuota(this.#vault, quotas);
    this.#imports = new UserImports({
      vault: this.#vault,
      quotas,
      policy,
      downloads: this.#downloads,
      firstUse: new FirstUse(files.catalogues),
      catalogue: () => this.#spokenFor(),
    });
    this.#sources = [new BuiltSource(runner, options.assetsDirectory)];
  }

  static async open(options: LocalImagesOptions): Promise<LocalImages> {
    const images = new LocalImages(options);
    await images.#vault.load();
    images.#systemProxy = await systemProxy();
    for (const source of images.#sources)
      images.#offered.set(source, await source.list(AbortSignal.timeout(listTimeoutMs)));
    images.#remotes = await RemoteImages.open({
      ...options,
      downloads: images.#downloads,
      changed: () => images.#announce(),
    });
    await images.#users.read();
    await mendNames(images.#vault, (alias) => reasonAgainst(alias, images.#spokenFor()), options.log);
    await images.#endOrphans();
    await removeUnfounded(options.files.downloads);
    await removeAbandoned(options.files.downloads);
    return images;
  }

  shown(usedBy: (fingerprint: Fingerprint) => readonly string[], viewer: Viewer): ShownImages {
    return { catalogue: this.catalogue(viewer), vault: this.list(usedBy, viewer), remotes: this.remotes() };
  }

  catalogue(viewer: Viewer): readonly CatalogueEntry[] {
    return mergeCatalogue(this.#offeredEntries(), this.#vault.all(), (record) =>
      aliasesFor(record, viewer.uid, this.#users).map((alias) => ({
        alias,
        words: this.#wordsBy(alias, record, viewer.uid),
      })),
    );
  }

  list(usedBy: (fingerprint: Fingerprint) => readonly string[], viewer: Viewer): readonly VaultImage[] {
    const { expiryDays } = this.settings();
    return this.#vault.all().map((record) => {
      const users = usedBy(record.fingerprint);
      const shown = publicPart(record, this.#known(record, viewer.uid), expiryDays, users.length > 0);
      return { ...shown, diskUseBytes: this.#vault.diskUseBytes(record.fingerprint), usedBy: [...users] };
    });
  }

  remotes(): readonly ImageRemote[] {
    return this.#far.remotes();
  }

  async refresh(maxAgeSeconds: number, ctx: Pick<OperationContext, 'signal' | 'report'>): Promise<void> {
    await this.#far.refresh(maxAgeSeconds, ctx);
  }

  settings(): ImageSettings {
    return this.#far.settings;
  }

  unusableSettings(): UnusableSettings {
    return this.#far.unusable;
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

  find(reference: string, viewer: Viewer): VaultRecord | undefined {
    const [user, alias] = reference.split('/');
    const record =
      alias === undefined
        ? this.#vault.find(reference, viewer.uid)
        : this.#vault.named(alias, this.#users.uidOf(user ?? '') ?? -1);
    return record && this.#withPaths(record, viewer, this.#wordsBy(reference, record, viewer.uid));
  }

  base(fingerprint: Fingerprint): VaultRecord | undefined {
    const record = this.#vault.get(fingerprint);
    return record && this.#withPaths(record, everybody);
  }

  async requireBase(instance: string, base: OverlayBase): Promise<VaultRecord> {
    const { disk } = this.#options.files.image(base.fingerprint);
    return this.#withPaths(await checkBase(instance, base, this.#vault.get(base.fingerprint), disk), everybody);
  }

  async ensure(reference: string, ctx: OperationContext): Promise<VaultRecord> {
    await this.#users.read();
    const present = this.find(reference, ctx.actor);
    if (present) return await this.#asked(present, ctx.actor);
    const source = this.#sourceOf(reference);
    if (source)
      return await this.#bring(reference, ctx, async (staged, shared) => await source.bring(reference, staged, shared));
    const found = await this.#far.lookUp(reference, ctx);
    const cached = this.#vault.ofCatalogue(fullAlias(found.remote.name, found.image));
    return cached ? await this.#asked(this.#withPaths(cached, ctx.actor), ctx.actor) : await this.#fetch(found, ctx);
  }

  async requireKnown(reference: string, viewer: Viewer, signal: AbortSignal): Promise<void> {
    await this.#users.read();
    if (isDigest(reference) || this.find(reference, viewer) || this.#sourceOf(reference)) return;
    await this.#far.requireKnown(reference, { signal, report: () => undefined });
  }

  async hold(reference: string, ctx: OperationContext): Promise<HeldImage> {
    for (;;) {
      const record = await this.ensure(reference, ctx);
      const { fingerprint } = record.image;
      if (this.#vault.get(fingerprint)) return { record, [Symbol.dispose]: this.#holds.take(fingerprint) };
      ctx.signal.throwIfAborted(); // removed in the meantime: it is brought anew, or is known no more
    }
  }

  async fetch(alias: string, ctx: OperationContext): Promise<VaultRecord> {
    const found = await this.#far.lookUp(alias, ctx);
    const cached = this.#vault
      .all()
      .findLast(({ origin, source }) => origin !== 'imported' && source?.digest.hex === found.image.digest.hex);
    if (!cached) return await this.#fetch(found, ctx);
    return await this.#asked(
      this.#withPaths(
        await this.#vault.claimNames({ ...cached, aliases: [fullAlias(found.remote.name, found.image)] }),
        ctx.actor,
      ),
      ctx.actor,
    );
  }

  async importUrl(params: ImageImportUrlParams, ctx: OperationContext): Promise<VaultRecord> {
    await this.#users.read();
    const key = JSON.stringify([ctx.actor.uid, params]); // another user's is another image, whatever it is called
    const record = await this.#bringing.join(
      key,
      ctx,
      async (shared) => await this.#imports.importUrl(params, ctx.actor, shared),
    );
    return await this.#asked(this.#withPaths(record, ctx.actor), ctx.actor);
  }

  async import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord> {
    await this.#users.read();
    return this.#withPaths(await this.#imports.import(params, ctx), ctx.actor);
  }

  /** Takes an image made beforehand, see {@link adoptImage}. */
  async adoptBuilt(
    directory: string,
    signal: AbortSignal = AbortSignal.timeout(adoptionTimeoutMs),
  ): Promise<VaultRecord> {
    return this.#withPaths(await adoptImage(directory, this.#vault, signal), everybody);
  }

  async adoptAll(directory: string): Promise<void> {
    await adoptImages(directory, {
      vault: this.#vault,
      log: this.#options.log,
      signal: AbortSignal.timeout(adoptionTimeoutMs),
    });
  }

  async remove(fingerprint: Fingerprint, viewer: Viewer): Promise<void> {
    const { uid } = viewer;
    const { ownerUids = [], origin } = this.#vault.get(fingerprint) ?? {};
    if (uid !== 0 && origin === 'imported' && ownerUids.includes(uid) && ownerUids.length > 1)
      return await this.#vault.rename(fingerprint, (current) => withoutOwner(current, uid));
    const untold = (await this.#untoldUses()).get(fingerprint) ?? [];
    let refusal: HelperError | undefined;
    await this.#vault.removeUnless(fingerprint, (record) => {
      refusal = this.#reasonToKeep(record, viewer, untold);
      return refusal !== undefined;
    });
    if (refusal) throw refusal;
  }

  async setPinned(fingerprint: Fingerprint, isPinned: boolean, viewer: Viewer): Promise<void> {
    const label = this.#labelOf(fingerprint, viewer);
    const requireRoom = (): void => this.#quota.requireBytes(viewer, this.#vault.diskUseBytes(fingerprint));
    await this.#vault.change(fingerprint, (record) =>
      withPin(record, isPinned, { uid: viewer.uid, label, requireRoom }),
    );
  }

  async verify(fingerprint: Fingerprint, ctx: OperationContext): Promise<void> {
    await this.#vault.verify(fingerprint, this.#labelOf(fingerprint, ctx.actor), ctx);
  }

  async prune(
    isUsed: (fingerprint: Fingerprint) => boolean,
    isEverything: boolean,
  ): Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }> {
    const nowMs = Date.now();
    await removeAbandoned(this.#options.files.downloads);
    const untold = await this.#untoldUses();
    const removed: Fingerprint[] = [];
    let freedBytes = 0;
    for (const record of this.#vault.all()) {
      const { fingerprint } = record;
      const isWanted = (): boolean =>
        isUsed(fingerprint) ||
        untold.has(fingerprint) ||
        record.isPinned === true ||
        (this.#askedAtMs.get(fingerprint) ?? 0) > nowMs - aboutToUseMs ||
        this.#holds.of(fingerprint) > 0;
      if (isWanted() || !(isEverything || isExpired(record, this.settings().expiryDays, nowMs))) continue;
      const bytes = this.#vault.diskUseBytes(fingerprint);
      if (!(await this.#vault.removeUnless(fingerprint, isWanted))) continue;
      freedBytes += bytes;
      removed.push(fingerprint);
    }
    return { removed, freedBytes: freedBytes + (await this.#vault.removeAside()) };
  }

  async createOverlay(request: OverlayRequest, signal: AbortSignal): Promise<void> {
    await createOverlay(request, signal);
    await this.#vault.noteUse(request.base.image.fingerprint);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * An import goes with its owner's word, what the catalogue has with that of the only one who wanted it, and each by
   * root's.
   */
  #reasonToKeep(record: ImageRecord, viewer: Viewer, untold: readonly string[]): HelperError | undefined {
    const { fingerprint } = record;
    const { uid } = viewer;
    const image = this.#labelOf(fingerprint, viewer);
    const claim = uid === 0 ? undefined : claimOfOthers(record, uid);
    if (claim !== undefined)
      return new HelperError('auth.denied', { uid, action: sentence('image.remove-claimed', { image, claim }) });
    const users = [...this.#options.uses.usersOf(fingerprint), ...untold].join(', ');
    const isHeld = this.#holds.of(fingerprint) > 0;
    if (isHeld && users !== '')
      return new HelperError('image.in-use', { image, users: sentence('image.users-and-launch', { users }) });
    if (isHeld) return new HelperError('image.in-use', { image, users: sentence('image.launch-under-way') });
    return users === '' ? undefined : new HelperError('image.in-use', { image, users });
  }

  /** What cannot be seen is taken to be there. */
  async #isUsed(fingerprint: Fingerprint): Promise<boolean> {
    if (this.#options.uses.usersOf(fingerprint).length > 0) return true;
    return await this.#untoldUses().then(
      (uses) => uses.has(fingerprint),
      () => true,
    );
  }

  async #untoldUses(): Promise<ReadonlyMap<Fingerprint, readonly string[]>> {
    return await disksOnImages(this.#options.files.instances, (name) => this.#options.uses.tellsImageOf(name));
  }

  async #endOrphans(): Promise<void> {
    await endOrphans(this.#appArmor, AbortSignal.timeout(listTimeoutMs)).catch((error: unknown) => {
      this.#options.log.warn(
        { reason: messageOf(error) },
        'not all that earlier conversions left could be taken away; the next start tries again',
      );
    });
  }

  /**
   * There from `open` on; apart from it only because the remotes' transfers need the settings and they the transfers.
   */
  get #far(): RemoteImages {
    if (!this.#remotes) throw new HelperError('internal.bug', { reason: 'the remotes are not open yet' });
    return this.#remotes;
  }

  async #fetch(found: FoundImage, ctx: OperationContext): Promise<VaultRecord> {
    const mirror = this.#far.mirrorOf(found.remote.name);
    return await this.#bring(
      found.image.digest.hex,
      ctx,
      async (staged, context) => await fetchRemoteImage(found, mirror, { staged, services: this.#downloads, context }),
    );
  }

  /** Makes an image once for all who want it at the same time. */
  async #bring(
    key: string,
    ctx: OperationContext,
    make: (staged: string, shared: BringContext) => Promise<ImageRecord>,
  ): Promise<VaultRecord> {
    const record = await this.#bringing.join(
      key,
      ctx,
      async (shared) => await this.#vault.take(async (staged) => await make(staged, shared)),
    );
    return await this.#asked(this.#withPaths(record, ctx.actor), ctx.actor);
  }

  async #asked(record: VaultRecord, { uid }: Viewer): Promise<VaultRecord> {
    this.#askedAtMs.set(record.image.fingerprint, Date.now());
    await this.#vault.noteAsker(record.image.fingerprint, uid);
    return record;
  }

  /** Who makes an image of that name on this computer. */
  #sourceOf(alias: string): StagingSource | undefined {
    return this.#sources.find((source) => this.#offered.get(source)?.some((entry) => entry.alias === alias));
  }

  #offeredEntries(): readonly CatalogueEntry[] {
    return [...this.#offered.values(), this.#far.entries()].flat();
  }

  #spokenFor(): Omit<SpokenFor, 'rootsAliases'> {
    return {
      entries: [...this.#offeredEntries(), ...this.#far.announced()],
      remotes: this.#far.remotes().map(({ name }) => name),
    };
  }

  #labelOf(fingerprint: Fingerprint, { uid }: Viewer): string {
    const record = this.#vault.get(fingerprint);
    return (record && aliasesFor(record, uid, this.#users)[0]) ?? fingerprint.slice(0, 12);
  }

  /** What is said of an image by the name that was used, where it was found by one. */
  #wordsBy(reference: string, record: ImageRecord, uid: number): ImageWords {
    const [user = '', alias] = reference.split('/');
    return wordsFor(
      record,
      uid,
      alias === undefined ? { alias: reference, uids: [uid, 0] } : { alias, uids: [this.#users.uidOf(user) ?? -1] },
    );
  }

  #known(record: ImageRecord, uid: number): { readonly aliases: readonly ImageAlias[]; readonly words: ImageWords } {
    return { aliases: aliasesFor(record, uid, this.#users), words: wordsFor(record, uid) };
  }

  #withPaths(record: ImageRecord, viewer: Viewer, words?: ImageWords): VaultRecord {
    const files = this.#options.files.image(record.fingerprint);
    return {
      image: publicPart(
        record,
        { ...this.#known(record, viewer.uid), ...(words && { words }) },
        this.settings().expiryDays,
        true,
      ),
      diskPath: files.disk,
      diskDigest: diskDigestOf(record),
      ...(record.commandLine === undefined
        ? {}
        : { kernel: { kernelPath: files.kernel, initrdPath: files.initrd, commandLine: record.commandLine } }),
    };
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}
