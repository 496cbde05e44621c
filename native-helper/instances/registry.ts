// SPDX-License-Identifier: MIT
import { EventEmitter } from 'node:events';
import type { Fingerprint, InstanceName } from '#contract/names.ts';
import type { PhaseRecord } from '#contract/operations.ts';
import { HelperError } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Actor } from '../core/seams/operation.ts';
import type { InstanceRecord } from '../store/instance-record.ts';
import type { InstanceStore } from '../store/instance-store.ts';
import { Instance } from './instance.ts';

interface RegistryEvents {
  changed: [instance: Instance];
  removed: [instance: Instance];
  phases: [instance: Instance, boot: number, records: readonly PhaseRecord[]];
}

/** All instances, in memory as in the store. Every change of a record goes through {@link Registry.update}. */
export class Registry extends EventEmitter<RegistryEvents> {
  readonly #store: InstanceStore;
  readonly #instances = new Map<InstanceName, Instance>();
  readonly #broken = new Map<InstanceName, string>();
  readonly #writes = new KeyedLock<InstanceName>();

  constructor(store: InstanceStore) {
    super();
    this.#store = store;
  }

  /** Reads the store. Instances whose record cannot be read are kept apart, with the reason. */
  async load(): Promise<void> {
    for (const stored of await this.#store.list()) {
      if (stored.ok) this.#instances.set(stored.record.name, new Instance(stored.record));
      else this.#broken.set(stored.name, stored.reason);
    }
  }

  all(): readonly Instance[] {
    return [...this.#instances.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  broken(): ReadonlyMap<InstanceName, string> {
    return this.#broken;
  }

  find(name: InstanceName): Instance | undefined {
    return this.#instances.get(name);
  }

  isTaken(name: InstanceName): boolean {
    return this.#instances.has(name) || this.#broken.has(name);
  }

  /**
   * The instance, when it is there and the actor's.
   *
   * @throws HelperError instance.not-found, instance.broken, auth.denied
   */
  require(name: InstanceName, actor: Actor, action: string): Instance {
    const reason = this.#broken.get(name);
    if (reason !== undefined) throw new HelperError('instance.broken', { name, reason });
    const instance = this.#instances.get(name);
    if (!instance) throw new HelperError('instance.not-found', { name });
    if (!instance.isOwnedBy(actor)) throw new HelperError('auth.denied', { uid: actor.uid, action: `${action} ${name}, which is another user's` });
    return instance;
  }

  /** Makes the directory and the first record. Rejects with instance.exists for a name that is taken. */
  async add(record: InstanceRecord): Promise<Instance> {
    const { name } = record;
    const known = this.#instances.get(name);
    if (known) throw new HelperError('instance.exists', { name, where: known.record.deletedAt ? ', deleted but recoverable' : '' });
    if (this.#broken.has(name)) throw new HelperError('instance.exists', { name, where: ', with a broken record' });
    const instance = new Instance(record);
    this.#instances.set(name, instance); // before the first wait: a second launch of the name must see it
    try {
      await this.#store.create(name);
      instance.record = await this.#store.write(record);
    } catch (error) {
      this.#instances.delete(name);
      throw error;
    }
    this.emit('changed', instance);
    return instance;
  }

  /** Changes the record, durably, one change after the other; then tells everyone. */
  async update(instance: Instance, change: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void> {
    await this.#writes.hold(instance.name, async () => {
      if (this.#instances.get(instance.name) !== instance) return; // purged meanwhile: nothing is written back
      const next = { ...instance.record, ...change(instance.record) };
      instance.record = await this.#store.write(next);
    });
    this.touch(instance);
  }

  /** Something that is not in the record changed (an address, a phase, the running operation). */
  touch(instance: Instance): void {
    if (this.#instances.get(instance.name) === instance) this.emit('changed', instance);
  }

  /** Removes the instance with all its files, for good. */
  async remove(instance: Instance): Promise<void> {
    await this.#writes.hold(instance.name, async () => {
      this.#instances.delete(instance.name);
      await this.#store.remove(instance.name);
    });
    this.emit('removed', instance);
  }

  /** Removes the directory of a launch that was cut off before its first record was written. */
  async discardUnwritten(target: string): Promise<void> {
    const name = [...this.#broken.keys()].find((broken) => broken === target);
    if (name !== undefined && (await this.#store.removeUnwritten(name))) this.#broken.delete(name);
  }

  /** The names of the instances whose disk stands on an image. */
  usersOf(fingerprint: Fingerprint): readonly InstanceName[] {
    return this.all().filter(({ record }) => record.image.fingerprint === fingerprint).map(({ name }) => name);
  }
}
