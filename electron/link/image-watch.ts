// SPDX-License-Identifier: MIT
import type { ImageLists } from '#contract/events.ts';

interface ImageWatchOptions {
  readonly isConnected: () => boolean;
  /** Rejects where there is no connection, or it is lost meanwhile. */
  readonly list: () => Promise<ImageLists>;
  readonly onImages: (images: ImageLists) => void;
  readonly log: (text: string) => void;
}

/** After a list that failed while the connection stands: the helper had too much to do, most likely. */
const retryMs = 5000;

/**
 * Lists the images again when they are said to be outdated: one list is under way at a time and one more follows it,
 * however often they changed meanwhile. What was known stays until the new lists are whole.
 */
export class ImageWatch {
  readonly #options: ImageWatchOptions;
  #isOutdated = false;
  #isListing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ImageWatchOptions) {
    this.#options = options;
  }

  outdated(): void {
    this.#isOutdated = true;
    void this.#list();
  }

  /** There is a connection again: makes up for a list that was lost with the one before. */
  connected(): void {
    void this.#list();
  }

  async #list(): Promise<void> {
    if (this.#isListing) return;
    this.#isListing = true;
    clearTimeout(this.#retry);
    try {
      while (this.#isOutdated) {
        this.#isOutdated = false;
        this.#options.onImages(await this.#options.list());
      }
    } catch (error) {
      this.#isOutdated = true;
      if (!this.#options.isConnected()) return;
      this.#options.log(`the images could not be listed: ${String(error)}`);
      this.#retry = setTimeout(() => void this.#list(), retryMs).unref();
    } finally {
      this.#isListing = false;
    }
  }
}
