// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { CatalogueEntry, ImageRemote, ImageSettings } from '#contract/images.ts';
import { HelperError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Files } from '../store/files.ts';
import type { DownloadServices } from './download/download-services.ts';
import { hostArchitecture } from './host-architecture.ts';
import { readImageSettings, writeImageSettings } from './settings-file.ts';
import { announcedBy, readFamilies, type Family } from './sources/family.ts';
import { openRemotes } from './sources/open-remotes.ts';
import type { Remote } from './sources/remote.ts';
import { RemoteBook, type FoundImage } from './sources/remote-book.ts';
import { RemoteCache } from './sources/remote-cache.ts';
import type { BringContext } from './staging-source.ts';

interface RemoteImagesOptions {
  readonly files: Files;
  readonly log: Logger;
  readonly assetsDirectory: string;
  readonly downloads: DownloadServices;
  readonly changed: () => void;
}

/** A remote's list is fresh for so long when a launch asks for a word that is not known. */
const freshMs = 15 * 60_000;

/** What can be had from elsewhere, and the administrator's decisions about it. */
export class RemoteImages {
  readonly #options: RemoteImagesOptions;
  readonly #book: RemoteBook;
  #families: readonly Family[] = [];
  #settings: ImageSettings;
  #disabled: readonly Remote[] = [];

  private constructor(options: RemoteImagesOptions, settings: ImageSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#book = new RemoteBook(new RemoteCache(options.files.catalogues), options.changed);
  }

  static async open(options: RemoteImagesOptions): Promise<RemoteImages> {
    const images = new RemoteImages(options, await readImageSettings(options.files.imageSettings, options.log));
    images.#families = await readFamilies(path.join(options.assetsDirectory, 'catalogue'));
    await images.#openRemotes();
    return images;
  }

  get settings(): ImageSettings {
    return this.#settings;
  }

  async configure(settings: ImageSettings): Promise<void> {
    this.#settings = await writeImageSettings(this.#options.files.imageSettings, settings, this.#settings);
    await this.#openRemotes();
  }

  entries(): readonly CatalogueEntry[] {
    return this.#book.entries();
  }

  /** Names that remotes of families will have, whether or not they were asked yet. */
  announced(): readonly CatalogueEntry[] {
    return this.#families.flatMap(announcedBy);
  }

  /** Those that are asked, then the disabled ones. */
  remotes(): readonly ImageRemote[] {
    const disabled = this.#disabled.map(({ name, title, kind, url, isBuiltIn }): ImageRemote => ({
      name,
      title,
      kind,
      url,
      isBuiltIn,
      entries: 0,
      isDisabled: true,
    }));
    return [...this.#book.remotes(), ...disabled].map((remote) => {
      const mirror = this.mirrorOf(remote.name);
      return mirror === undefined ? remote : { ...remote, mirror };
    });
  }

  mirrorOf(remote: ImageRemote['name']): string | undefined {
    return this.#settings.mirrors[remote];
  }

  /** @throws HelperError as {@link RemoteBook.refresh} */
  async refresh(maxAgeSeconds: number, context: BringContext): Promise<void> {
    await this.#book.refresh(maxAgeSeconds * 1000, context);
  }

  /**
   * What a reference means; the remotes are asked where what is known is old and does not have it.
   * @throws HelperError image.not-found, and as {@link RemoteBook.find} and {@link RemoteBook.refresh}
   */
  async lookUp(reference: string, context: BringContext): Promise<FoundImage> {
    const known = this.#book.find(reference);
    if (known) return known;
    if (this.#book.isStale(reference, freshMs)) {
      const [remote] = reference.includes(':') ? reference.split(':') : [];
      await this.#book.refresh(freshMs, context, remote).catch((error: unknown) => {
        context.signal.throwIfAborted();
        // A word that no remote was named for may as well be a slip of the pen.
        if (remote !== undefined) throw error;
      });
    }
    const found = this.#book.find(reference);
    if (!found) throw new HelperError('image.not-found', { image: reference });
    return found;
  }

  async #openRemotes(): Promise<void> {
    const remotes = openRemotes(this.#settings, this.#families, hostArchitecture, this.#options.downloads);
    this.#disabled = remotes.filter(({ name }) => this.#settings.disabled.includes(name));
    await this.#book.use(remotes.filter((remote) => !this.#disabled.includes(remote)));
  }
}
