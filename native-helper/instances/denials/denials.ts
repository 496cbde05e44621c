// SPDX-License-Identifier: MIT
import type { DecideDenialParams, Denial, DenialCounts, DenialList } from '#contract/denials.ts';
import type { ToldGrant, GrantParams } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { InstanceView } from '../../core/seams/instances.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { DenialBook } from './denial-book.ts';
import type { DenialWatch } from './denial-watch.ts';
import { isOfInstance, type DeniedAccess } from './denied-access.ts';
import { judgeDenial } from './judge-denial.ts';
import type { Places } from './places.ts';
import type { DenialRecord } from '../../store/denial-record.ts';
import type { DenialStore } from '../../store/denial-store.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import { grant, revoke } from '../security/grants.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * A machine that somebody took over may be refused thousands of things a second: they are written and told together.
 */
const gatheringMs = 400;

interface DenialsParts {
  readonly services: InstanceServices;
  readonly instances: InstanceView<Instance, InstanceRecord>;
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
    const { instances, watch } = this.#parts;
    instances.show({ name: 'denials', summary: (instance) => ({ denials: this.#counts(instance) }) });
    await Promise.all(instances.all().map((instance) => this.#load(instance)));
    instances.onRemoved((instance) => this.#forget(instance));
    watch.on('denied', (denied) => this.#note(denied));
    await watch.begin();
  }

  list(instance: Instance): DenialList {
    return {
      denials: (this.#books.get(instance)?.all() ?? []).map((each) => this.#told(instance, each)),
      source: this.#parts.watch.source(),
    };
  }

  /**
   * Keeps it blocked, which takes back what was allowed; or gives the file to the instance with the caller's rights.
   *
   * @throws HelperError denial.not-found, denial.not-allowed; what instances/security/grants.ts throws
   */
  async decide(
    instance: Instance,
    actor: Actor,
    { id, choice }: DecideDenialParams,
    signal: AbortSignal,
  ): Promise<Denial> {
    const { services } = this.#parts;
    const { name } = instance;
    const book = this.#books.get(instance);
    const known = book?.find(id);
    if (!book || !known) throw new HelperError('denial.not-found', { name, id });
    const { subject, offers, caution } = this.#told(instance, known);
    if (choice === 'keep-blocked') {
      if (grantOf(instance, known)) await revoke(services, actor, { name, path: subject });
      book.decide(id, { choice, at: new Date().toISOString(), byUid: actor.uid });
    } else {
      if (!offers.includes(choice))
        throw new HelperError('denial.not-allowed', {
          name,
          subject,
          reason: caution ?? sentence('instance.not-a-file'),
        });
      await grantItself(services, actor, { name, path: subject, mode: choice === 'read' ? 'r' : 'rw' }, signal);
    }
    await this.#save(instance, book);
    return {
      ...this.#told(instance, book.find(id) ?? known),
      effect: isInForce(instance, known) ? 'now' : 'next-start',
    };
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    await this.#parts.watch.close();
    await Promise.all([...this.#gathering.keys()].map((instance) => this.#flush(instance)));
  }

  async #load(instance: Instance): Promise<void> {
    try {
      this.#books.set(instance, new DenialBook(await this.#parts.store.read(this.#fileOf(instance))));
    } catch (error) {
      this.#unreadable.add(instance);
      this.#parts.log.error(
        { instance: instance.name, reason: messageOf(error) },
        'denials cannot be read and are not kept until they can',
      );
    }
  }

  /** One of an earlier instance of that name is none of this one's. */
  #note(denied: DeniedAccess): void {
    const instance = denied.instance === undefined ? undefined : this.#parts.instances.find(denied.instance);
    if (
      !instance ||
      this.#unreadable.has(instance) ||
      !isOfInstance(denied) ||
      denied.at < new Date(instance.record.createdAt)
    )
      return;
    const book = this.#books.get(instance) ?? new DenialBook({ schema: 1, denials: [] });
    if (!book.add(denied)) return;
    this.#books.set(instance, book);
    if (!this.#gathering.has(instance))
      this.#gathering.set(instance, setTimeout(() => void this.#flush(instance), gatheringMs).unref());
  }

  #counts(instance: Instance): DenialCounts | undefined {
    const known = this.#books.get(instance)?.all() ?? [];
    return countsOf(
      known.map((each) => decisionOn(instance, each)),
      known[0]?.lastAt,
    );
  }

  async #flush(instance: Instance): Promise<void> {
    clearTimeout(this.#gathering.get(instance));
    this.#gathering.delete(instance);
    const book = this.#books.get(instance);
    if (book)
      await this.#save(instance, book).catch((error: unknown) =>
        this.#parts.log.error({ instance: instance.name, reason: messageOf(error) }, 'denials could not be written'),
      );
  }

  async #save(instance: Instance, book: DenialBook): Promise<void> {
    this.#parts.instances.touch(instance);
    if (this.#books.get(instance) === book) await this.#parts.store.write(this.#fileOf(instance), book.content());
  }

  #fileOf({ name }: Instance): string {
    return this.#parts.services.files.instance(name).denials;
  }

  #forget(instance: Instance): void {
    clearTimeout(this.#gathering.get(instance));
    this.#gathering.delete(instance);
    this.#books.delete(instance);
  }

  #told(instance: Instance, record: DenialRecord): Denial {
    const { isExact, details, decision: _, ...kept } = record;
    const decision = decisionOn(instance, record);
    return {
      ...kept,
      ...judgeDenial(record, instance.name, this.#parts.places),
      ...(decision === undefined ? {} : { decision }),
    };
  }
}

/** What the instance has of it: the grants say, whoever gave or took them. */
function decisionOn(instance: Instance, record: DenialRecord): Denial['decision'] {
  const given = grantOf(instance, record);
  return given
    ? { choice: given.mode === 'r' ? 'read' : 'read-write', at: given.grantedAt, byUid: given.grantedBy }
    : record.decision;
}

function grantOf(instance: Instance, { kind, subject, utility }: DenialRecord): ToldGrant | undefined {
  return kind === 'file' && utility.startsWith('qemu-system-')
    ? instance.security.grants.find(({ path }) => path === subject)
    : undefined;
}

/** Whether the running machine has of it just what was decided. */
function isInForce(instance: Instance, record: DenialRecord): boolean {
  const live = instance.boot?.spec.security?.grants.find(({ path }) => path === record.subject);
  return instance.boot !== undefined && live?.mode === grantOf(instance, record)?.mode;
}

function countsOf(decisions: readonly Denial['decision'][], lastAt: string | undefined): DenialCounts | undefined {
  return lastAt === undefined
    ? undefined
    : { total: decisions.length, undecided: decisions.filter((each) => each === undefined).length, lastAt };
}

/**
 * The kernel told a path without links. Where one leads elsewhere by now, that file was not meant: it is taken back.
 */
async function grantItself(
  services: InstanceServices,
  actor: Actor,
  wanted: GrantParams,
  signal: AbortSignal,
): Promise<void> {
  const { name, path } = wanted;
  const before = new Set(
    services.registry.require(name, actor, 'changeConfinement').security.grants.map((each) => each.path),
  );
  const {
    security: { grants },
  } = await grant(services, actor, wanted, signal);
  if (grants.some((each) => each.path === path)) return;
  const other = grants.find((each) => !before.has(each.path));
  if (other) await revoke(services, actor, { name, path: other.path });
  throw new HelperError('denial.not-allowed', {
    name,
    subject: path,
    reason: sentence('instance.leads-elsewhere', { path: other?.path ?? sentence('instance.another-file') }),
  });
}
