// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { ErrorCode } from '#contract/errors.ts';
import type { CatalogueEntry, ImageRemote, ImageSettings } from '#contract/images.ts';
import { HelperError, toErrorData, toHelperError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { UnusableSettings } from '../../core/seams/images.ts';
import type { Files } from '../../store/files.ts';
import type { DownloadServices } from '../download/download-services.ts';
import { hostArchitecture } from './host-architecture.ts';
import { readImageSettings, unusedNames, writeImageSettings, type KnownSettings } from './settings-file.ts';
import { announcedBy, readFamilies, type Family } from '../sources/family.ts';
import { openRemotes } from '../sources/open-remotes.ts';
import type { Remote } from '../sources/remote.ts';
import { RemoteBook, type FoundImage } from '../sources/remote-book.ts';
import { RemoteCache } from '../sources/remote-cache.ts';
import type { BringContext } from '../vault/staging-source.ts';

interface RemoteImagesOptions {
  readonly files: Files;
  readonly log: Logger;
  readonly assetsDirectory: string;
  readonly downloads: DownloadServices;
  readonly changed: () => void;
}

/** A remote's list is fresh for so long when a launch asks for a word that is not known. */
const freshMs = 15 * 60_000;
/** Said of a reference that means no image, whatever anybody decides. */
const meansNothing: readonly ErrorCode[] = ['image.not-found', 'image.remote-not-found'];

interface Look {
  readonly found: FoundImage | undefined;
  /** Why those who may have it could not be asked. */
  readonly silence: HelperError | undefined;
}

/** What can be had from elsewhere, and the administrator's decisions about it. */
export class RemoteImages {
  readonly #options: RemoteImagesOptions;
  readonly #book: RemoteBook;
  #families: readonly Family[] = [];
  #known: KnownSettings;
  #disabled: readonly Remote[] = [];

  private constructor(options: RemoteImagesOptions, known: KnownSettings) {
    this.#options = options;
    this.#known = known;
    this.#book = new RemoteBook(new RemoteCache(options.files.catalogues), options.changed);
  }

  static async open(options: RemoteImagesOptions): Promise<RemoteImages> {
    const images = new RemoteImages(options, await readImageSettings(options.files.imageSettings, options.log));
    images.#families = await readFamilies(path.join(options.assetsDirectory, 'catalogue'));
    await images.#openRemotes();
    return images;
  }

  get settings(): ImageSettings {
    return this.#known.settings;
  }

  /** What of the settings cannot be used. */
  get unusable(): UnusableSettings {
    const { fault, unused } = this.#known;
    return { fault, remotes: { count: unused.length, names: unusedNames(this.#known) } };
  }

  /** @throws HelperError image.settings-unusable: nothing is to be fetched */
  requireSettings(): ImageSettings {
    if (this.#known.fault) throw this.#known.fault;
    return this.#known.settings;
  }

  async configure(settings: ImageSettings): Promise<void> {
    this.#known = await writeImageSettings(this.#options.files.imageSettings, settings, this.#known);
    await this.#openRemotes();
  }

  entries(): readonly CatalogueEntry[] {
    return this.#book.entries();
  }

  /** Names that remotes of families will have, whether or not they were asked yet. */
  announced(): readonly CatalogueEntry[] {
    return this.#families.flatMap(announcedBy);
  }

  /** Those that are asked, then the disabled ones; all of them with the fault where the settings have one. */
  remotes(): readonly ImageRemote[] {
    const { fault } = this.#known;
    const disabled = this.#disabled.map(({ name, title, kind, url, isBuiltIn }): ImageRemote => ({
      name,
      title,
      kind,
      url,
      isBuiltIn,
      entries: 0,
      ...(fault ? { error: toErrorData(fault) } : { isDisabled: true }),
    }));
    return [...this.#book.remotes(), ...disabled].map((remote) => {
      const mirror = this.mirrorOf(remote.name);
      return mirror === undefined ? remote : { ...remote, mirror };
    });
  }

  mirrorOf(remote: ImageRemote['name']): string | undefined {
    return this.settings.mirrors[remote];
  }

  /** @throws HelperError as {@link requireSettings} and {@link RemoteBook.refresh} */
  async refresh(maxAgeSeconds: number, context: BringContext): Promise<void> {
    this.requireSettings();
    await this.#book.refresh(maxAgeSeconds * 1000, context);
  }

  /**
   * What a reference means; the remotes are asked where what is known is old and does not have it.
   * @throws HelperError image.not-found, and as {@link requireSettings}, {@link RemoteBook.find} and
   * {@link RemoteBook.refresh}
   */
  async lookUp(reference: string, context: BringContext): Promise<FoundImage> {
    const { found, silence } = await this.#look(reference, context);
    // A word that no remote was named for may as well be a slip of the pen.
    if (silence && reference.includes(':')) throw silence;
    if (!found) throw new HelperError('image.not-found', { image: reference });
    return found;
  }

  /**
   * Refuses a reference that means nothing, as {@link lookUp} does; one that a remote may know which does not answer is
   * let through, and so is what there is more to say of than that.
   * @throws HelperError image.not-found, image.remote-not-found
   */
  async requireKnown(reference: string, context: BringContext): Promise<void> {
    const { found, silence } = await this.#look(reference, context).catch((error: unknown): Look => {
      context.signal.throwIfAborted();
      const fault = toHelperError(error);
      if (meansNothing.includes(fault.code)) throw fault;
      return { found: undefined, silence: fault };
    });
    if (!found && !silence) throw new HelperError('image.not-found', { image: reference });
  }

  /** Looks in what is known, then once more where the remotes that may have it were asked for that. */
  async #look(reference: string, context: BringContext): Promise<Look> {
    // a user's own, which is at no remote
    if (reference.includes('/')) throw new HelperError('image.not-found', { image: reference });
    this.requireSettings();
    const known = this.#book.find(reference);
    if (known) return { found: known, silence: undefined };
    let silence: HelperError | undefined;
    if (this.#book.isStale(reference, freshMs)) {
      const [remote] = reference.includes(':') ? reference.split(':') : [];
      await this.#book.refresh(freshMs, context, remote).catch((error: unknown) => {
        context.signal.throwIfAborted();
        silence = toHelperError(error);
      });
    }
    return { found: this.#book.find(reference), silence };
  }

  async #openRemotes(): Promise<void> {
    const remotes = openRemotes(this.settings, this.#families, hostArchitecture, this.#options.downloads);
    // one that cannot be used may have the name of one that comes with Berth, in whose place it is
    const isOff = new Set([...this.settings.disabled, ...unusedNames(this.#known)]);
    this.#disabled = this.#known.fault ? remotes : remotes.filter(({ name }) => isOff.has(name));
    await this.#book.use(remotes.filter((remote) => !this.#disabled.includes(remote)));
  }
}
