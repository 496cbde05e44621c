// SPDX-License-Identifier: MIT
import type { Architecture } from '#contract/images.ts';
import type { RemoteName } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { type Reason, reasonFrom, SaidError } from '../../core/said-error.ts';
import { downloadDocument } from '../download/download-document.ts';
import { isNotThere } from '../download/download-error.ts';
import type { DownloadServices } from '../download/download-services.ts';
import { fetchProgram, framed, networkUser } from '../download/network-process.ts';
import { readFault } from '../download/read-fault.ts';
import { indexReading, productsReading, type ReadRequest } from '../fetch/read-products.ts';
import { LeftOut } from './left-out.ts';
import type { Remote, RemoteList } from './remote.ts';
import { checkSignature, findKeyring, openSigned } from './signature.ts';

interface SimplestreamsOptions {
  readonly name: RemoteName;
  readonly title: string;
  readonly url: string;
  readonly isBuiltIn: boolean;
  readonly defaultUser: string;
  readonly architecture: Architecture;
  /** The first that exists must have signed the lists; none: https is trusted alone. */
  readonly keyrings: readonly string[];
  /** A keyring of {@link keyrings} must be there. */
  readonly isKeyringNeeded: boolean;
}

interface Trust {
  /** What must have signed; undefined: the server's certificate is trusted alone. */
  readonly keyring: string | undefined;
  readonly signal: AbortSignal;
}

/** Ubuntu's list of all releases has about 10 MB. */
const largestList = 32 * 1024 ** 2;
const largestSignature = 64 * 1024;
/** What is left of a list when it has been read: 2,000 images. */
const largestReading = 4 * 1024 ** 2;
const mostLists = 8;
const readTimeoutMs = 60_000;

/** A remote in the format of simplestreams, as Ubuntu's cloud images are. */
export class SimplestreamsRemote implements Remote {
  readonly kind = 'simplestreams';
  readonly name: RemoteName;
  readonly title: string;
  readonly url: string;
  readonly isBuiltIn: boolean;
  readonly #options: SimplestreamsOptions;
  readonly #services: DownloadServices;

  constructor(options: SimplestreamsOptions, services: DownloadServices) {
    this.name = options.name;
    this.title = options.title;
    this.url = options.url.endsWith('/') ? options.url : `${options.url}/`;
    this.isBuiltIn = options.isBuiltIn;
    this.#options = options;
    this.#services = services;
  }

  async list(signal: AbortSignal): Promise<RemoteList> {
    const keyring = await findKeyring(this.#options.keyrings);
    if (keyring === undefined && this.#options.isKeyringNeeded)
      throw new HelperError('image.signature-invalid', {
        remote: this.name,
        reason: sentence('image.no-keyring', { keyrings: this.#options.keyrings.join(', ') }),
      });
    const { lists, leftOut: unreadable } = indexReading.parse(await this.#readIndex({ keyring, signal }));
    if (lists.length > mostLists) throw this.#invalid(sentence('image.too-many-lists', { count: lists.length }));
    const leftOut = new LeftOut();
    leftOut.add(unreadable);
    const images = [];
    for (const list of lists) {
      const read = productsReading.parse(await this.#read('products', list, { keyring, signal }));
      images.push(...read.images);
      leftOut.add(read.leftOut);
    }
    // Nothing left of a list is no list: what was known of the remote stays, and the reason is told.
    if (images.length === 0 && leftOut.entries)
      throw this.#invalid(leftOut.entries.reasons[0] ?? sentence('image.no-entry'));
    return { images, verification: keyring === undefined ? 'https' : 'signature', leftOut: leftOut.entries };
  }

  /**
   * `index.sjson` names the inline-signed lists, `index.json` those with a signature beside them; a publisher may have
   * either.
   */
  async #readIndex(trust: Trust): Promise<unknown> {
    if (trust.keyring !== undefined) {
      try {
        return await this.#read('index', 'streams/v1/index.sjson', trust);
      } catch (error) {
        if (!isNotThere(error)) throw error;
      }
    }
    return await this.#read('index', 'streams/v1/index.json', trust);
  }

  async #read(read: ReadRequest['read'], path: string, { keyring, signal }: Trust): Promise<unknown> {
    const document = await this.#get(path, { keyring, signal });
    const request: ReadRequest = {
      read,
      architecture: this.#options.architecture,
      defaultUser: this.#options.defaultUser,
    };
    try {
      const { stdout } = await this.#services.runner.run(
        {
          program: 'node',
          args: ['--max-old-space-size=512', '--no-warnings', fetchProgram, 'read'],
          becomes: networkUser,
          confinement: 'none-needed',
        },
        { signal, timeoutMs: readTimeoutMs, input: framed(request, document) },
      );
      if (stdout.length > largestReading) throw new SaidError(sentence('image.too-many-images'));
      return JSON.parse(stdout);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#invalid(sentence('image.about-path', { path, reason: readReason(error) }), error);
    }
  }

  #invalid(reason: Reason, cause?: unknown): HelperError {
    return new HelperError('image.catalogue-invalid', { remote: this.name, reason }, { cause });
  }

  async #get(path: string, { keyring, signal }: Trust): Promise<Uint8Array> {
    const document = await downloadDocument(
      { url: `${this.url}${path}`, largestBytes: largestList },
      this.#services,
      signal,
    );
    if (keyring === undefined) return document;
    if (path.endsWith('.sjson'))
      return await openSigned({ document, keyring, remote: this.name }, this.#services, signal);
    const signature = await downloadDocument(
      { url: `${this.url}${path}.gpg`, largestBytes: largestSignature },
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
    await checkSignature({ document, signature, keyring, remote: this.name }, this.#services, signal);
    return document;
  }
}

function readReason(error: unknown): Reason {
  if (!(error instanceof HelperError)) return reasonFrom(error);
  const line =
    String(error.params.reason ?? '')
      .split('\n')
      .at(-1) ?? '';
  try {
    return readFault(line).reason;
  } catch {
    return line; // not our program's words: node's own, such as out of memory
  }
}
