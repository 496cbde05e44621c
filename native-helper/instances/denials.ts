// SPDX-License-Identifier: MIT
import type { DecideDenialParams, Denial, DenialList } from '#contract/denials.ts';
import type { InstanceName } from '#contract/names.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/ports.ts';
import { DenialBook } from '../denials/denial-book.ts';
import type { DenialWatch } from '../denials/denial-watch.ts';
import type { DeniedAccess } from '../denials/denied-access.ts';
import { judgeDenial } from '../denials/judge-denial.ts';
import type { Places } from '../denials/places.ts';
import type { DenialRecord } from '../store/denial-record.ts';
import type { DenialStore } from '../store/denial-store.ts';
import type { Instance } from './instance.ts';
import type { Registry } from './registry.ts';

/** A machine that somebody took over may be refused thousands of things a second: they are written and told together. */
const gatheringMs = 400;

interface DenialsParts {
  readonly registry: Registry;
  readonly watch: DenialWatch;
  readonly store: DenialStore;
  readonly places: Places;
  readonly log: Logger;
}

/** What the confinement of each instance refused, kept with the instance, and what was decided on it. */
export class Denials {
  readonly #parts: DenialsParts;
  readonly #books = new Map<Instance, DenialBook>();
  /** What these have is not overwritten by what is seen now. */
  readonly #unreadable = new Set<Instance>();
  readonly #gathering = new Map<Instance, NodeJS.Timeout>();

  constructor(parts: DenialsParts) {
    this.#parts = parts;
  }

  /** Reads what is kept, then what the logs have, then listens. */
  async begin(): Promise<void> {
    const { registry, watch } = this.#parts;
    await Promise.all(registry.all().map((instance) => this.#load(instance)));
    registry.on('removed', (instance) => this.#forget(instance));
    watch.on('denied', (denied) => this.#note(denied));
    await watch.begin();
  }

  list(instance: Instance): DenialList {
    return { denials: (this.#books.get(instance)?.all() ?? []).map((each) => this.#told(instance, each)), source: this.#parts.watch.source() };
  }

  /** @throws HelperError denial.not-found */
  async decide(instance: Instance, actor: Actor, { id, choice }: DecideDenialParams): Promise<Denial> {
    const book = this.#books.get(instance);
    if (!book?.find(id)) throw new HelperError('denial.not-found', { name: instance.name, id });
    book.decide(id, { choice, at: new Date().toISOString(), byUid: actor.uid });
    await this.#save(instance, book);
    const decided = book.find(id);
    if (!decided) throw new HelperError('denial.not-found', { name: instance.name, id });
    return this.#told(instance, decided);
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    await this.#parts.watch.close();
    await Promise.all([...this.#gathering.keys()].map((instance) => this.#flush(instance)));
  }

  async #load(instance: Instance): Promise<void> {
    try {
      const book = new DenialBook(await this.#parts.store.read(instance.name));
      this.#books.set(instance, book);
      instance.denials = book.counts();
    } catch (error) {
      this.#unreadable.add(instance);
      this.#parts.log.error({ instance: instance.name, reason: messageOf(error) }, 'denials cannot be read and are not kept until they can');
    }
  }

  /** One of an earlier instance of that name is none of this one's. */
  #note(denied: DeniedAccess): void {
    const { registry } = this.#parts;
    const instance = denied.instance === undefined ? undefined : registry.find(denied.instance as InstanceName);
    if (!instance || this.#unreadable.has(instance) || !isOfInstance(denied.utility) || denied.at < new Date(instance.record.createdAt)) return;
    const book = this.#books.get(instance) ?? new DenialBook({ schema: 1, denials: [] });
    if (!book.add(denied)) return;
    this.#books.set(instance, book);
    if (!this.#gathering.has(instance)) this.#gathering.set(instance, setTimeout(() => void this.#flush(instance), gatheringMs).unref());
  }

  async #flush(instance: Instance): Promise<void> {
    clearTimeout(this.#gathering.get(instance));
    this.#gathering.delete(instance);
    const book = this.#books.get(instance);
    if (book) await this.#save(instance, book).catch((error: unknown) => this.#parts.log.error({ instance: instance.name, reason: messageOf(error) }, 'denials could not be written'));
  }

  async #save(instance: Instance, book: DenialBook): Promise<void> {
    instance.denials = book.counts();
    this.#parts.registry.touch(instance);
    if (this.#books.get(instance) === book) await this.#parts.store.write(instance.name, book.content());
  }

  #forget(instance: Instance): void {
    clearTimeout(this.#gathering.get(instance));
    this.#gathering.delete(instance);
    this.#books.delete(instance);
  }

  #told(instance: Instance, { isExact, details, ...kept }: DenialRecord): Denial {
    return { ...kept, ...judgeDenial({ ...kept, isExact, details }, instance.name, this.#parts.places) };
  }
}

/** Conversions have profiles with three parts too, and are no instance's. */
function isOfInstance(utility: string): boolean {
  return utility.startsWith('qemu-system-') || utility.startsWith('share-server') || utility.startsWith('virtiofsd');
}
