// SPDX-License-Identifier: MIT
import { EventEmitter } from 'node:events';
import { instanceName, type Fingerprint, type InstanceName } from '#contract/names.ts';
import type { PhaseRecord } from '#contract/operations.ts';
import { sentence } from '#messages/say.ts';
import type { InstanceVerb } from '#contract/verbs.ts';
import { HelperError } from '../../core/errors.ts';
import { KeyedLock } from '../../core/keyed-lock.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import type { InstanceStore } from '../../store/instance-store.ts';
import type { BrokenRecord } from '../../store/stored-instance.ts';
import { brokenHint, brokenReason } from './broken-reason.ts';
import { Instance } from './instance.ts';

interface RegistryEvents {
  changed: [instance: Instance];
  removed: [instance: Instance];
  /** One with a broken record was removed. */
  forgotten: [name: InstanceName];
  phases: [instance: Instance, boot: number, records: readonly PhaseRecord[]];
}

/** All instances, in memory as in the store. Every change of a record goes through {@link Registry.update}. */
/** What is asked for with an instance: a verb, or one of these. The catalogue has their words. */
type InstanceAction =
  | InstanceVerb
  | 'mountFolders'
  | 'unmountFolders'
  | 'seeMounts'
  | 'openShell'
  | 'runCommand'
  | 'copyFiles'
  | 'lookInto'
  | 'seeDenials'
  | 'decideDenials'
  | 'readConsole'
  | 'useConsole'
  | 'changeConfinement'
  | 'changeSettings';

export class Registry extends EventEmitter<RegistryEvents> {
  readonly #store: InstanceStore;
  readonly #instances = new Map<InstanceName, Instance>();
  readonly #broken = new Map<InstanceName, BrokenRecord>();
  readonly #writes = new KeyedLock<InstanceName>();

  constructor(store: InstanceStore) {
    super();
    this.#store = store;
  }

  /** Reads the store. Instances whose record cannot be read are kept apart, with the reason. */
  async load(): Promise<void> {
    for (const stored of await this.#store.list()) {
      if (stored.ok) this.#instances.set(stored.record.name, new Instance(stored.record));
      else this.#broken.set(stored.name, stored);
    }
  }

  all(): readonly Instance[] {
    return [...this.#instances.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  broken(): ReadonlyMap<InstanceName, BrokenRecord> {
    return this.#broken;
  }

  find(name: InstanceName): Instance | undefined {
    return this.#instances.get(name);
  }

  /** The instances of a user, deleted ones that can be recovered among them. */
  ownedBy(uid: number): readonly Instance[] {
    return [...this.#instances.values()].filter(({ record }) => record.owner.uid === uid);
  }

  isTaken(name: InstanceName): boolean {
    return this.#instances.has(name) || this.#broken.has(name);
  }

  /**
   * The instance, when it is there and the actor's.
   *
   * @throws HelperError instance.not-found, instance.broken, auth.denied
   */
  require(name: InstanceName, actor: Actor, action: InstanceAction): Instance {
    const broken = this.#broken.get(name);
    if (broken)
      throw new HelperError('instance.broken', {
        name,
        reason: brokenReason(broken),
        wayOut: brokenHint(name, broken),
      });
    const instance = this.#instances.get(name);
    if (!instance) throw new HelperError('instance.not-found', { name });
    if (!instance.isOwnedBy(actor))
      throw new HelperError('auth.denied', {
        uid: actor.uid,
        action: sentence('action.on-anothers', { action, name }),
      });
    return instance;
  }

  /** Makes the instance with its first record, or nothing. Rejects with instance.exists for a name that is taken. */
  async add(record: InstanceRecord): Promise<Instance> {
    const { name } = record;
    const known = this.#instances.get(name);
    if (known)
      throw new HelperError('instance.exists', {
        name,
        where: known.record.deletedAt ? sentence('instance.deleted-but-recoverable') : '',
      });
    if (this.#broken.has(name))
      throw new HelperError('instance.exists', { name, where: sentence('instance.broken-record') });
    const instance = new Instance(record);
    this.#instances.set(name, instance); // before the first wait: a second launch of the name must see it
    try {
      instance.record = await this.#store.create(record);
    } catch (error) {
      this.#instances.delete(name);
      this.emit('removed', instance); // its launch may have told of it
      throw error;
    }
    this.emit('changed', instance);
    return instance;
  }

  /** Changes the record, durably, one change after the other; then tells everyone. */
  async update(instance: Instance, change: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void> {
    await this.#writes.hold(instance.name, async () => {
      if (this.#instances.get(instance.name) !== instance) return; // purged meanwhile: nothing is written back
      const changed = change(instance.record);
      // a machine that ends, and the way into the bin
      instance.record = await this.#store.write({ ...instance.record, ...changed }, changed.desired === 'stopped');
    });
    this.touch(instance);
  }

  /** The record as it is once every change is written that was asked for before. */
  async settled(instance: Instance): Promise<InstanceRecord> {
    return await this.#writes.hold(instance.name, async () => await Promise.resolve(instance.record));
  }

  /** Something that is not in the record changed (an address, a phase, the running operation). */
  touch(instance: Instance): void {
    if (this.#instances.get(instance.name) === instance) this.emit('changed', instance);
  }

  /** From here on there is no such instance, durably. Returns where its files are, for {@link InstanceStore.empty}. */
  async remove(instance: Instance): Promise<string> {
    const directory = await this.#writes.hold(instance.name, async () => {
      const gone = await this.#store.putAside(instance.name);
      this.#instances.delete(instance.name);
      return gone;
    });
    this.emit('removed', instance);
    return directory;
  }

  /** As {@link remove}, for one whose record cannot be read. */
  async removeBroken(name: InstanceName): Promise<string> {
    const directory = await this.#store.putAside(name);
    this.#broken.delete(name);
    this.emit('forgotten', name);
    return directory;
  }

  /** The names of the instances whose disk stands on an image, by their records or what can be read of them. */
  usersOf(fingerprint: Fingerprint): readonly InstanceName[] {
    const broken = [...this.#broken]
      .filter(([, { remains }]) => remains.image?.fingerprint === fingerprint)
      .map(([name]) => name);
    return [
      ...this.all()
        .filter(({ record }) => record.image.fingerprint === fingerprint)
        .map(({ name }) => name),
      ...broken,
    ];
  }

  /** Whether {@link usersOf} knows what the instance of that name stands on. */
  tellsImageOf(name: string): boolean {
    const parsed = instanceName.safeParse(name);
    return (
      parsed.success && (this.#instances.has(parsed.data) || this.#broken.get(parsed.data)?.remains.image !== undefined)
    );
  }
}
