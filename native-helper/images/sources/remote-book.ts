// SPDX-License-Identifier: MIT
import type { CatalogueEntry, ImageRemote } from '#contract/images.ts';
import { imageAlias, type RemoteName } from '#contract/names.ts';
import { mebibyte, gibibyte } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, toErrorData, toHelperError } from '../../core/errors.ts';
import { SharedWork } from '../../core/shared-work.ts';
import type { BringContext } from '../vault/staging-source.ts';
import type { Remote } from './remote.ts';
import type { RemoteCache } from './remote-cache.ts';
import type { RemoteList } from './remote-list-document.ts';
import type { RemoteImage } from './remote-image.ts';

export interface FoundImage {
  readonly remote: Remote;
  readonly image: RemoteImage;
  readonly list: RemoteList;
}

interface Page {
  readonly remote: Remote;
  /** Tells it from the page that the remote had under other settings. */
  readonly edition: number;
  list?: RemoteList;
  error?: HelperError;
}

const refreshTimeoutMs = 90_000;
/** What today's server distributions ask for; the disk is at least the image's own size in any case. */
const assumedMemoryBytes = 512 * mebibyte;
const assumedDiskBytes = 4 * gibibyte;

/** What all remotes have, as far as is known; one that fails keeps what was known of it. */
export class RemoteBook {
  readonly #cache: RemoteCache;
  readonly #changed: () => void;
  readonly #asking = new SharedWork<void>();
  #pages: readonly Page[] = [];
  #editions = 0;

  constructor(cache: RemoteCache, changed: () => void) {
    this.#cache = cache;
    this.#changed = changed;
  }

  /** Takes these remotes, in the order in which they are asked for a word, with what is known of each. */
  async use(remotes: readonly Remote[]): Promise<void> {
    const gone = this.#pages.filter((page) => !remotes.some((remote) => remote.name === page.remote.name));
    for (const page of gone) await this.#cache.remove(page.remote.name);
    const edition = (this.#editions += 1);
    this.#pages = await Promise.all(
      remotes.map(async (remote) => {
        const list = await this.#cache.read(remote.name, remote.url);
        return { remote, edition, ...(list === undefined ? {} : { list }) };
      }),
    );
  }

  remotes(): readonly ImageRemote[] {
    return this.#pages.map(({ remote, list, error }) => ({
      name: remote.name,
      title: remote.title,
      kind: remote.kind,
      url: remote.url,
      isBuiltIn: remote.isBuiltIn,
      entries: list?.images.length ?? 0,
      ...(list === undefined
        ? {}
        : {
            refreshedAt: list.refreshedAt,
            verification: list.verification,
            ...(list.leftOut === undefined ? {} : { leftOut: list.leftOut }),
          }),
      ...(error === undefined ? {} : { error: toErrorData(error) }),
    }));
  }

  entries(): readonly CatalogueEntry[] {
    return this.#pages.flatMap(({ remote, list }) =>
      (list?.images ?? []).map((image): CatalogueEntry => ({
        alias: fullAlias(remote.name, image),
        title: image.title,
        description: '',
        os: image.os,
        release: image.release,
        architecture: image.architecture,
        origin: 'remote',
        defaultUser: image.defaultUser,
        minMemoryBytes: assumedMemoryBytes,
        minDiskBytes: assumedDiskBytes,
        words: image.words,
        remote: remote.name,
        version: image.version,
        ...(image.isSupported ? {} : { isSupported: false }),
        ...(image.downloadBytes === undefined ? {} : { downloadBytes: image.downloadBytes }),
        ...(list === undefined ? {} : { verification: list.verification }),
      })),
    );
  }

  /**
   * `remote:word` at that remote; a word alone at the first remote that has it; or the first digits of
   * a digest that only one image has.
   * @throws HelperError image.remote-not-found, image.unsupported-release, image.ambiguous
   */
  find(reference: string): FoundImage | undefined {
    const [name, word] = split(reference);
    if (name !== undefined) {
      const page = this.#pages.find(({ remote }) => remote.name === name);
      if (!page) throw new HelperError('image.remote-not-found', { remote: name });
      return foundOn(page, ({ alias, words }) => alias === word || words.includes(imageAlias.parse(word)))[0];
    }
    const named = this.#pages.flatMap((page) => foundOn(page, (image) => hasWord(image, word)));
    const [supported] = named.filter(({ image }) => image.isSupported);
    if (supported) return supported;
    if (named.length > 0) throw new HelperError('image.unsupported-release', { image: reference });
    return this.#byDigest(word);
  }

  /** Whether a reference could be known after a refresh. */
  isStale(reference: string, maxAgeMs: number): boolean {
    const [name] = split(reference);
    return this.#pages.some((page) => (name === undefined || page.remote.name === name) && ageOf(page) > maxAgeMs);
  }

  /**
   * Asks every remote, or the one named, whose list is older. One that fails hides no other.
   * @throws HelperError the first failure when all that were asked failed
   */
  async refresh(maxAgeMs: number, context: BringContext, only?: string): Promise<void> {
    const asked = this.#pages.filter(
      (page) => (only === undefined || page.remote.name === only) && ageOf(page) >= maxAgeMs,
    );
    let done = 0;
    context.report({ step: 'refresh', fraction: 0 });
    await Promise.all(
      asked.map(async (page) => {
        // Who wants the same list at the same time waits for the same answer.
        await this.#asking.join(
          `${page.remote.name} ${page.edition}`,
          { signal: context.signal, report: () => {} },
          async ({ signal }) => await this.#refreshPage(page, signal),
        );
        done += 1;
        context.report({ step: 'refresh', fraction: done / asked.length });
      }),
    );
    context.signal.throwIfAborted();
    const [first] = asked.flatMap(({ error }) => error ?? []);
    if (first && asked.every(({ error }) => error !== undefined)) throw first;
  }

  async #refreshPage(page: Page, signal: AbortSignal): Promise<void> {
    try {
      const list = await page.remote.list(AbortSignal.any([signal, AbortSignal.timeout(refreshTimeoutMs)]));
      page.list = { ...list, images: [...list.images], url: page.remote.url, refreshedAt: new Date().toISOString() };
      delete page.error;
      await this.#cache.write(page.remote.name, page.list);
    } catch (error) {
      if (signal.aborted) return; // the asker went away; that says nothing of the remote
      page.error = remoteError(error, page.remote.name);
    }
    this.#changed();
  }

  #byDigest(digits: string): FoundImage | undefined {
    if (!/^[0-9a-f]{8,128}$/.test(digits)) return undefined;
    const matches = this.#pages.flatMap((page) => foundOn(page, (image) => image.digest.hex.startsWith(digits)));
    if (new Set(matches.map(({ image }) => image.digest.hex)).size > 1)
      throw new HelperError('image.ambiguous', { image: digits, count: matches.length });
    return matches[0];
  }
}

/** The word by which an image of a remote is known in the vault. */
export function fullAlias(remote: RemoteName, image: RemoteImage): CatalogueEntry['alias'] {
  return imageAlias.parse(`${remote}:${image.alias}`);
}

/**
 * Without a remote's name only words say which distribution is meant: `24.04` alone does not, except at Ubuntu's, where
 * it is a word too.
 */
function hasWord(image: RemoteImage, word: string): boolean {
  return image.words.some((each) => each === word) || (image.os === 'ubuntu' && image.alias === word);
}

function foundOn(page: Page, fits: (image: RemoteImage) => boolean): FoundImage[] {
  const { remote, list } = page;
  return list === undefined ? [] : list.images.filter(fits).map((image) => ({ remote, image, list }));
}

function split(reference: string): readonly [remote: string | undefined, word: string] {
  const at = reference.indexOf(':');
  return at < 0 ? [undefined, reference] : [reference.slice(0, at), reference.slice(at + 1)];
}

function ageOf({ list }: Page): number {
  return list === undefined ? Infinity : Date.now() - Date.parse(list.refreshedAt);
}

/** A transport's failure becomes the remote's; what is wrong with its content has a code already. */
function remoteError(error: unknown, remote: string): HelperError {
  if (error instanceof Error && error.name === 'TimeoutError')
    return new HelperError(
      'image.remote-unreachable',
      { remote, reason: sentence('image.took-longer', { seconds: refreshTimeoutMs / 1000 }) },
      { cause: error },
    );
  if (error instanceof Error && error.name === 'ZodError')
    return new HelperError(
      'image.catalogue-invalid',
      { remote, reason: error.message.slice(0, 200) },
      { cause: error },
    );
  const thrown = toHelperError(error);
  if (thrown.code !== 'image.download-failed') return thrown;
  return new HelperError(
    'image.remote-unreachable',
    { remote, reason: String(thrown.params.reason) },
    { cause: thrown },
  );
}
