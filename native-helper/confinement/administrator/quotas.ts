// SPDX-License-Identifier: MIT
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import { reasonFrom, SaidError } from '../../core/said-error.ts';
import type { Logger } from '../../core/log.ts';
import { parseConf } from './conf-syntax.ts';
import { readTrustedFile, refused } from './trusted-file.ts';

const gibibyte = 1024 ** 3;
const mebibyte = 1024 ** 2;

/**
 * What each user may take up of this computer by way of the helper, by the names in quotas.conf, with what holds where
 * the administrator says nothing. Root has no quota; bounds of a single connection hold for root as well.
 */
const settings = {
  max_connections: { standard: 64, what: sentence('quota.connections') },
  /** Byte streams open or offered: consoles, shells, commands (two each), files. */
  max_streams: { standard: 64, what: sentence('quota.streams') },
  max_requests: { standard: 512, what: sentence('quota.requests') },
  /** Requests that wait for an operation or a session to end, and subscriptions to events. */
  max_watchers: { standard: 256, what: sentence('quota.watchers') },
  /** What the helper holds for a user at once: requests under way, and answers and events not read yet. */
  max_buffered_bytes: { standard: 16 * mebibyte, what: sentence('quota.buffered-bytes') },
  /** Documents for cloud-init, of launches that are not answered yet: they are read one after the other. */
  max_documents: { standard: 32, what: sentence('quota.documents') },
  max_operations: { standard: 64, what: sentence('quota.operations') },
  max_instances: { standard: 100, what: sentence('quota.instances') },
  max_images: { standard: 50, what: sentence('quota.images') },
  max_image_bytes: { standard: 200 * gibibyte, what: sentence('quota.image-bytes') },
  max_mounts: { standard: 64, what: sentence('quota.mounts') },
  max_grants: { standard: 128, what: sentence('quota.grants') },
} as const;

export type QuotaName = keyof typeof settings;
export type Quotas = Readonly<Record<QuotaName, number>>;

const quotaNames = Object.keys(settings) as QuotaName[];
export const defaultQuotas = Object.fromEntries(quotaNames.map((name) => [name, settings[name].standard])) as Quotas;

/** The refusal of one more than a quota allows. */
export function quotaExceeded(name: QuotaName, uid: number, limit: number): HelperError {
  return new HelperError('quota.exceeded', { uid, what: settings[name].what, limit, setting: name });
}

/**
 * The quotas of this host: looked up anew where something can wait for it, because the administrator may change them
 * meanwhile.
 */
export class QuotaFile {
  readonly file: string;
  readonly #log: Logger;
  #current: Quotas = defaultQuotas;

  constructor(configDirectory: string, log: Logger) {
    this.file = path.join(configDirectory, 'quotas.conf');
    this.#log = log;
  }

  /** As they were at the last look, for what cannot wait. */
  get current(): Quotas {
    return this.#current;
  }

  /** Looks at the file. @throws HelperError confinement.administrator-file */
  async read(): Promise<Quotas> {
    const text = await readTrustedFile(this.file);
    try {
      this.#current = text === undefined ? defaultQuotas : parseQuotas(text);
    } catch (error) {
      throw refused(this.file, reasonFrom(error));
    }
    return this.#current;
  }

  /** As {@link read}; a file that cannot be relied on changes nothing, and doctor says so. */
  async refresh(): Promise<void> {
    await this.read().catch((error: unknown) =>
      this.#log.warn({ reason: messageOf(error) }, 'the quotas are those of the last look'),
    );
  }

  /**
   * To be called right before what takes the place, with no wait in between: two at once would both find room.
   *
   * @throws HelperError quota.exceeded where a user other than root would have `wanted` of it, and may not
   */
  require(name: QuotaName, uid: number, wanted: number): void {
    const limit = this.#current[name];
    if (uid !== 0 && wanted > limit) throw quotaExceeded(name, uid, limit);
  }
}

/**
 * Reads the text of quotas.conf: `name = whole number`. A name that is not known is an error: a misspelt quota would
 * leave something unbounded without a word.
 *
 * @throws Error that names the line
 */
export function parseQuotas(text: string): Quotas {
  const quotas: Record<QuotaName, number> = { ...defaultQuotas };
  for (const [name, { value, line }] of parseConf(text)) {
    if (!Object.hasOwn(settings, name)) throw new SaidError(sentence('security.line-no-quota', { line, name }));
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw new SaidError(sentence('security.line-whole-number', { line, name }));
    quotas[name as QuotaName] = value;
  }
  return quotas;
}
