// SPDX-License-Identifier: MIT
import type { Architecture } from '#contract/images.ts';
import { imageAlias, type RemoteName } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import { downloadDocument } from '../download/download-document.ts';
import { isNotThere } from '../download/download-error.ts';
import type { DownloadServices } from '../download/download-services.ts';
import { digestInList, textOfList } from './checksum-list.ts';
import { checkedPath, fillIn, type Family, type Release } from './family.ts';
import { LeftOut } from './left-out.ts';
import type { Remote, RemoteList } from './remote.ts';
import { remoteImage, type RemoteImage } from './remote-image.ts';
import { checkSignature, findKeyring, openSigned } from './signature.ts';

const largestList = 2 * 1024 ** 2;
const largestSignature = 64 * 1024;
/** Of a folder on a publisher's server; the longest have hundreds. */
const mostNames = 5000;

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

  /**
   * A release that is not there (not yet, or no longer) hides no other; only when none is there it is a
   * failure. The list is verified by signature when every release's checksums were.
   */
  async list(signal: AbortSignal): Promise<RemoteList> {
    const [first, ...others] = this.#family.releases;
    // alone: of a server that is not reached, one release is enough to know
    const opening = await Promise.allSettled(first ? [this.#find(first, signal)] : []);
    const unreached = opening.flatMap((look) => (look.status === 'rejected' ? [look.reason as Error] : []));
    const looks = unreached.some((error) => !isAbout(error))
      ? opening
      : [...opening, ...(await Promise.allSettled(others.map(async (release) => await this.#find(release, signal))))];
    const failures = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason as Error] : []));
    const fatal = failures.find((error) => !isAbout(error));
    if (fatal) throw fatal;
    const found = looks.flatMap((look) =>
      look.status === 'fulfilled' && look.value !== undefined ? [look.value] : [],
    );
    // what is there and wrong says more than what is not there
    const telling = failures.find((error) => !isNotThere(error)) ?? failures[0];
    if (found.length === 0 && telling) throw telling;
    const leftOut = new LeftOut();
    looks.forEach((look, at) => {
      const release = this.#family.releases[at];
      // one that is not there yet, or no longer, is nothing odd
      if (release && look.status === 'rejected' && !isNotThere(look.reason))
        leftOut.note(release.title, leftOutReason(look.reason));
    });
    const verification = found.length > 0 && found.every(({ isSigned }) => isSigned) ? 'signature' : 'https';
    return { images: found.map(({ image }) => image), verification, leftOut: leftOut.entries };
  }

  async #find(
    release: Release,
    signal: AbortSignal,
  ): Promise<{ readonly image: RemoteImage; readonly isSigned: boolean } | undefined> {
    const { architectures, algorithm, isListed, os, defaultUser, format, packing } = this.#family;
    const word = architectures[this.#architecture];
    if (word === undefined) return undefined;
    const folder = fillIn(release.folder, word);
    const listed = isListed ? namesIn(await this.#get(`${folder}/`, signal)) : undefined;
    const image = pick(fillIn(release.image, word), listed);
    const checksums =
      image &&
      pick(
        fillIn(release.checksums, word).replaceAll('{image}', listed === undefined ? image : escaped(image)),
        listed,
      );
    if (image === undefined || checksums === undefined)
      throw this.#invalid(sentence('image.folder-without-image', { folder, title: release.title }));
    const { list, isSigned } = await this.#checksums(checkedPath(folder, checksums), release, signal);
    const hex = digestInList(list, image, algorithm);
    if (hex === undefined) throw this.#invalid(sentence('image.no-one-digest', { checksums, image }));
    return {
      isSigned,
      image: remoteImage.parse({
        alias: release.release,
        words: [...release.words, `${os}-${release.release}`].filter((each) => imageAlias.safeParse(each).success),
        title: release.title,
        os,
        release: release.release,
        version: versionOf(image, hex),
        architecture: this.#architecture,
        isSupported: release.isSupported,
        defaultUser,
        path: checkedPath(folder, image),
        digest: { algorithm, hex },
        format,
        packing,
      }),
    };
  }

  /** The list of digests; of a signed one only what the publisher signed. */
  async #checksums(
    path: string,
    { release }: Release,
    signal: AbortSignal,
  ): Promise<{ readonly list: string; readonly isSigned: boolean }> {
    const document = await this.#get(path, signal);
    const { signature: how, keyrings } = this.#family;
    const keyring =
      how === undefined ? undefined : await findKeyring(keyrings.map((each) => each.replaceAll('{release}', release)));
    if (how === undefined || keyring === undefined) return { list: textOfList(document), isSigned: false };
    const signed = { document, keyring, remote: this.name };
    if (how === 'inline') return { list: textOfList(await openSigned(signed, this.#services, signal)), isSigned: true };
    const signature = await downloadDocument(
      { url: `${this.url}${path}${how}`, largestBytes: largestSignature },
      this.#services,
      signal,
    ).catch((error: unknown) => {
      if (!isNotThere(error)) throw error;
      throw new HelperError(
        'image.signature-invalid',
        { remote: this.name, reason: sentence('image.no-signature', { path }) },
        { cause: error },
      );
    });
    await checkSignature({ ...signed, signature }, this.#services, signal);
    return { list: textOfList(document), isSigned: true };
  }

  async #get(path: string, signal: AbortSignal): Promise<Buffer> {
    return await downloadDocument({ url: `${this.url}${path}`, largestBytes: largestList }, this.#services, signal);
  }

  #invalid(reason: Reason): HelperError {
    return new HelperError('image.catalogue-invalid', { remote: this.name, reason });
  }
}

/** Whether an error says something of one release, not of the whole remote. */
function isAbout(error: Error): boolean {
  return isNotThere(error) || (error instanceof HelperError && error.code === 'image.catalogue-invalid');
}

function leftOutReason(error: unknown): string {
  return error instanceof HelperError ? String(error.params.reason ?? error.message) : messageOf(error);
}

/** The names that a server's page about a folder links to. */
export function namesIn(page: Buffer): readonly string[] {
  const links = page.toString('utf8').matchAll(/href="(?:\.\/)?([A-Za-z0-9._+~=-]+)"/g);
  return [...links.take(mostNames)].map(([, name]) => name ?? '');
}

/** The name itself where there is no list of names, else the highest that the expression fits. */
function pick(pattern: string, names: readonly string[] | undefined): string | undefined {
  if (names === undefined) return pattern;
  const expression = new RegExp(`^(?:${pattern})$`);
  return names
    .filter((name) => expression.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
}

/** A name of ours is made of few characters; of those, two mean something in an expression. */
function escaped(name: string): string {
  return name.replaceAll(/[.+]/g, '\\$&');
}

/** A name that says nothing of a version is told apart by its digest. */
function versionOf(image: string, hex: string): string {
  return /\d+(?:[.-]\d+)+/.exec(image)?.[0] ?? hex.slice(0, 12);
}
