// SPDX-License-Identifier: MIT
import type { Denial, DenialList } from '#contract/denials.ts';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { DenialRecord } from '../../store/denial-record.ts';
import type { DenialStore } from '../../store/denial-store.ts';
import { DenialBook } from './denial-book.ts';
import type { DenialWatch } from './denial-watch.ts';
import { isOfInstance, type DeniedAccess } from './denied-access.ts';
import { judgeOwnDenial } from './judge-denial.ts';

/** As instances/denials/denials.ts gathers them. */
const gatheringMs = 400;
/** Users of people, by the custom of Linux (login.defs(5), UID_MIN and UID_MAX). */
const people = { first: 1000, last: 60_000 } as const;

interface OwnDenialsParts {
  readonly watch: DenialWatch;
  readonly store: DenialStore;
  readonly file: string;
  readonly log: Logger;
}

/**
 * What was refused to programs that work for no instance: the helper, the address server, conversions. There is nothing
 * to decide on it.
 */
export class OwnDenials {
  readonly #parts: OwnDenialsParts;
  #book: DenialBook | undefined;
  #gathering: NodeJS.Timeout | undefined;

  constructor(parts: OwnDenialsParts) {
    this.#parts = parts;
  }

  /**
   * Reads what is kept, then listens; the watch begins after that. A file that cannot be read is left as it is, and
   * nothing is kept.
   */
  async begin(): Promise<void> {
    const { store, file, log, watch } = this.#parts;
    this.#book = await store.read(file).then(
      (content) => new DenialBook(content),
      (error: unknown) => {
        log.error({ file, reason: messageOf(error) }, 'denials cannot be read and are not kept until they can');
        return undefined;
      },
    );
    watch.on('denied', (denied) => this.#note(denied));
  }

  /** What was tried in another person's name is told to that person and to root alone: it names files. */
  list(actor: Actor): DenialList {
    return {
      denials: (this.#book?.all() ?? []).filter((each) => isFor(actor, each)).map(told),
      source: this.#parts.watch.source(),
    };
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    if (this.#gathering !== undefined) await this.#save();
  }

  #note(denied: DeniedAccess): void {
    if (isOfInstance(denied) || this.#book?.add(denied) !== true) return;
    this.#gathering ??= setTimeout(() => void this.#save(), gatheringMs).unref();
  }

  async #save(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const { store, file, log } = this.#parts;
    if (this.#book)
      await store
        .write(file, this.#book.content())
        .catch((error: unknown) => log.error({ file, reason: messageOf(error) }, 'denials could not be written'));
  }
}

function isFor(actor: Actor, { details }: DenialRecord): boolean {
  const triedAs = Number(details['fsuid'] ?? 0);
  return actor.uid === 0 || actor.uid === triedAs || triedAs < people.first || triedAs > people.last;
}

function told(record: DenialRecord): Denial {
  const { isExact, details, decision: _, ...kept } = record;
  return { ...kept, ...judgeOwnDenial(record) };
}
