// SPDX-License-Identifier: MIT
import type { Architecture } from '#contract/images.ts';
import { imageAlias, type RemoteName } from '#contract/names.ts';
import { HelperError } from '../../core/errors.ts';
import { downloadDocument } from '../download/download-document.ts';
import type { DownloadServices } from '../download/download-services.ts';
import { digestInList } from './checksum-list.ts';
import { checkedPath, fillIn, type Family, type Release } from './family.ts';
import type { Remote, RemoteList } from './remote.ts';
import { remoteImage, type RemoteImage } from './remote-image.ts';
import { checkSignature, findKeyring } from './signature.ts';

const largestList = 2 * 1024 ** 2;
const largestSignature = 64 * 1024;

/** A remote whose images lie as files beside their digests, described by a catalogue file. */
export class FileFamilyRemote implements Remote {
  readonly kind = 'files';
  readonly isBuiltIn = true;
  readonly name: RemoteName;
  readonly title: string;
  readonly url: string;
  readonly #family: Family;
  readonly #architecture: Architecture;
  readonly #services: DownloadServices;

  constructor(family: Family, architecture: Architecture, services: DownloadServices) {
    this.name = family.name;
    this.title = family.title;
    this.url = family.url;
    this.#family = family;
    this.#architecture = architecture;
    this.#services = services;
  }

  /** A release that is not there (not yet, or no longer) hides no other; only when none is there it is a failure. */
  async list(signal: AbortSignal): Promise<RemoteList> {
    const keyring = this.#family.signature === undefined ? undefined : await findKeyring(this.#family.keyrings);
    const images: RemoteImage[] = [];
    let missing: HelperError | undefined;
    for (const release of this.#family.releases) {
      try {
        const image = await this.#find(release, keyring, signal);
        if (image) images.push(image);
      } catch (error) {
        if (!isAbout(error)) throw error;
        if (missing?.code !== 'image.catalogue-invalid') missing = error; // what is there and wrong says more than what is not there
      }
    }
    if (images.length === 0 && missing !== undefined) throw missing;
    return { images, verification: keyring === undefined ? 'https' : 'signature' };
  }

  async #find(release: Release, keyring: string | undefined, signal: AbortSignal): Promise<RemoteImage | undefined> {
    const { architectures, algorithm, isListed, os, defaultUser, format, packing } = this.#family;
    const word = architectures[this.#architecture];
    if (word === undefined) return undefined;
    const folder = fillIn(release.folder, word);
    const listed = isListed ? namesIn(await this.#get(`${folder}/`, signal)) : undefined;
    const image = pick(fillIn(release.image, word), listed);
    const checksums = image && pick(fillIn(release.checksums, word).replaceAll('{image}', listed === undefined ? image : escaped(image)), listed);
    if (image === undefined || checksums === undefined) throw this.#invalid(`${folder} has no image of ${release.title}`);
    const list = await this.#checksums(checkedPath(folder, checksums), keyring, signal);
    const hex = digestInList(list, image, algorithm);
    if (hex === undefined) throw this.#invalid(`${checksums} does not name one digest of ${image}`);
    return remoteImage.parse({
      alias: release.release, words: [...release.words, `${os}-${release.release}`].filter((each) => imageAlias.safeParse(each).success), title: release.title, os, release: release.release, version: versionOf(image, hex),
      architecture: this.#architecture, isSupported: release.isSupported, defaultUser, path: checkedPath(folder, image), digest: { algorithm, hex }, format, packing,
    });
  }

  async #checksums(path: string, keyring: string | undefined, signal: AbortSignal): Promise<string> {
    const document = await this.#get(path, signal);
    if (keyring !== undefined) {
      const signature = await downloadDocument({ url: `${this.url}${path}${this.#family.signature ?? ''}`, largestBytes: largestSignature }, this.#services, signal);
      await checkSignature({ document, signature, keyring, remote: this.name }, this.#services.runner, signal);
    }
    return document.toString('utf8');
  }

  async #get(path: string, signal: AbortSignal): Promise<Buffer> {
    return await downloadDocument({ url: `${this.url}${path}`, largestBytes: largestList }, this.#services, signal);
  }

  #invalid(reason: string): HelperError {
    return new HelperError('image.catalogue-invalid', { remote: this.name, reason });
  }
}

/** Whether an error says something of one release, not of the whole remote. */
function isAbout(error: unknown): error is HelperError {
  if (!(error instanceof HelperError)) return false;
  return error.code === 'image.catalogue-invalid' || (error.code === 'image.download-failed' && /answered (?:403|404|410)/.test(String(error.params.reason)));
}

/** The names that a server's page about a folder links to. */
export function namesIn(page: Buffer): readonly string[] {
  const links = page.toString('utf8').matchAll(/href="(?:\.\/)?([A-Za-z0-9._+~=-]+)"/g);
  return [...links].map(([, name]) => name ?? '');
}

/** The name itself where there is no list of names, else the highest that the expression fits. */
function pick(pattern: string, names: readonly string[] | undefined): string | undefined {
  if (names === undefined) return pattern;
  const expression = new RegExp(`^(?:${pattern})$`);
  return names.filter((name) => expression.test(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

/** A name of ours is made of few characters; of those, two mean something in an expression. */
function escaped(name: string): string {
  return name.replaceAll(/[.+]/g, '\\$&');
}

/** A name that says nothing of a version is told apart by its digest. */
function versionOf(image: string, hex: string): string {
  return /\d+(?:[.-]\d+)+/.exec(image)?.[0] ?? hex.slice(0, 12);
}
