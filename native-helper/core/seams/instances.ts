// SPDX-License-Identifier: MIT
// Instances, as those know them who work for them from below or beside: images, folders, denials.
import type { InstanceDetails, InstanceSummary } from '#contract/instances.ts';
import type { Fingerprint, InstanceName } from '#contract/names.ts';
import type { GuestTarget } from './guest.ts';
import type { MachineWithShares } from './hypervisor.ts';

/** What is told of each instance to everybody is none of a facet's. */
type Common = 'name' | 'state' | 'ownerUid' | 'isOwn' | 'operation' | 'isShortened';
type FieldsOf<Told> = Partial<Omit<Told, Common>>;

/**
 * A part of what an instance shows, told by whoever knows it. One that fails leaves out its own fields and nothing
 * else.
 */
export interface Facet<Instance> {
  /** For the log. */
  readonly name: string;
  /** Its fields of the summary, from memory: they are told in lists, and in an event when they have changed. */
  summary?(instance: Instance): FieldsOf<InstanceSummary>;
  /** Its further fields of the details, from memory. */
  details?(instance: Instance): FieldsOf<InstanceDetails>;
  /** Those that are looked at now; what cannot be looked at is left out. */
  look?(instance: Instance, signal: AbortSignal): Promise<FieldsOf<InstanceDetails>>;
}

/** What instances say of images. */
export interface ImageUses {
  /** The names of the instances whose records say that they stand on it. */
  usersOf(fingerprint: Fingerprint): readonly string[];
  /** Whether the record of an instance says what it stands on. */
  tellsImageOf(name: string): boolean;
}

/** An instance as others hold it; all else that they learn of it is asked of the {@link InstanceView}. */
export interface KnownInstance<Kept> {
  readonly name: InstanceName;
  readonly record: Kept;
}

/** The instances of a helper, of which `Kept` is on the disk. */
export interface InstanceView<Instance extends KnownInstance<Kept>, Kept> extends ImageUses {
  /** By name, deleted ones that can be recovered among them. */
  all(): readonly Instance[];
  find(name: string): Instance | undefined;
  /** Those of a user. */
  ownedBy(uid: number): readonly Instance[];
  /**
   * Changes the record, durably, then tells everyone. Rejects with request.invalid where that would be more than can be
   * told of an instance.
   */
  update(instance: Instance, change: (record: Kept) => Partial<Kept>): Promise<void>;
  /** From here on each instance shows that too. */
  show(facet: Facet<Instance>): void;
  /** A facet would tell something else now: everyone is told. */
  touch(instance: Instance): void;
  onChanged(listener: (instance: Instance) => void): void;
  onRemoved(listener: (instance: Instance) => void): void;
  /** Whether a machine of it runs, or could not be looked for. */
  mayRun(instance: Instance): boolean;
  /** Whether SSH of this boot has greeted: before that every attempt to connect would only fail. */
  isReachable(instance: Instance): boolean;
  /** How its SSH is reached. Throws where the guest is not to be reached. */
  guestTarget(instance: Instance): Promise<GuestTarget>;
  /** Undefined where none runs. */
  machine(instance: Instance): MachineWithShares | undefined;
}

/** The folders of this computer in guests, as those know them who end a machine for a while. */
export interface FoldersInGuests<Instance> {
  /**
   * Takes all out of an instance that runs, as far as its guest lets go of them. They come back when the returned
   * function was called and the guest is there.
   */
  leave(instance: Instance, signal: AbortSignal): Promise<() => void>;
}
