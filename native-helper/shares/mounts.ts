// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { MountAddParams, MountSummary } from '#contract/mounts.ts';
import type { InstanceName } from '#contract/names.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { GuestTarget } from '../core/seams/guest.ts';
import type { MachineWithShares } from '../core/seams/hypervisor.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import type { Files } from '../store/files.ts';
import type { InstanceRecord, MountRecord } from '../store/instance-record.ts';
import { attachShare, sweepMount, type Transports } from './attach-share.ts';
import type { AttachRequest } from './attached-share.ts';
import { GuestScripts } from './guest-scripts.ts';
import { resolveSource } from './source.ts';
import { NinePServers } from './9p/nine-p-server.ts';
import { ShareServers } from './sshfs/share-server.ts';
import { SupervisedMount } from './supervised-mount.ts';
import { isNested, resolveTarget } from './targets.ts';
import { VirtiofsServers } from './virtiofs/virtiofs-server.ts';

/** A guest that does not answer keeps nobody waiting longer. */
const sweepLimitMs = 15_000;

/** An instance as far as mounts need it. */
export interface MountingInstance {
  readonly name: InstanceName;
  readonly record: InstanceRecord;
  mounts: readonly MountSummary[];
}

/** What mounts need of the instances; compose.ts gives it. */
export interface MountingInstances<Instance extends MountingInstance> {
  all(): readonly Instance[];
  update(instance: Instance, change: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void>;
  touch(instance: Instance): void;
  onChanged(listener: (instance: Instance) => void): void;
  onRemoved(listener: (instance: Instance) => void): void;
  /** Whether a machine of it runs, or could not be looked for. */
  mayRun(instance: Instance): boolean;
  /** Whether SSH of this boot answered. */
  isReachable(instance: Instance): boolean;
  /** Throws where the guest is not to be reached. */
  target(instance: Instance): Promise<GuestTarget>;
  /** Throws where no machine runs. */
  machine(instance: Instance): MachineWithShares;
}

interface MountsOptions<Instance extends MountingInstance> {
  readonly instances: MountingInstances<Instance>;
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
  readonly log: Logger;
}

/** The mounts of all instances: each in its instance's record, and watched over while a helper lives. */
export class Mounts<Instance extends MountingInstance> {
  readonly #options: MountsOptions<Instance>;
  readonly #transports: Transports;
  readonly #watched = new Map<string, { readonly instance: Instance; readonly mount: SupervisedMount }>();

  constructor(options: MountsOptions<Instance>) {
    this.#options = options;
    this.#transports = { sshfs: new ShareServers(options), virtiofs: new VirtiofsServers(options), nineP: new NinePServers(options), scripts: new GuestScripts(options.assetsDirectory) };
  }

  /** Takes away what earlier helpers left of shares that are over, then begins to attach what the records ask for. */
  async begin(): Promise<void> {
    const { instances } = this.#options;
    const running = instances.all().filter((instance) => instances.mayRun(instance));
    await this.#sweep((id) => running.some(({ record }) => record.mounts?.some((mount) => mount.id === id)));
    for (const instance of instances.all()) for (const record of instance.record.mounts ?? []) this.#watch(instance, record.id);
    instances.onChanged((instance) => {
      for (const { mount } of this.#of(instance)) mount.wake();
    });
    instances.onRemoved((instance) => void this.#forget(instance, this.#of(instance).map(({ id }) => id), true));
  }

  /** For when all machines have ended: no server, profile or note stays. */
  async end(): Promise<void> {
    await this.#sweep(() => false);
  }

  list(instance: Instance): MountSummary[] {
    return this.#of(instance).map(({ mount }) => mount.summary());
  }

  /**
   * Notes the mount with the instance and attaches it, if a machine runs. Resolves when that has come
   * to something; a failure is in the summary, and the mount stays and is tried again.
   *
   * @throws HelperError mount.type-refused, mount.source-denied, mount.target-refused, mount.exists
   */
  async add(instance: Instance, params: MountAddParams, user: Credentials, signal: AbortSignal): Promise<MountSummary> {
    const { type } = params;
    checkMaps(params);
    const owner = { uid: user.uid, gid: user.gid };
    const source = await resolveSource(params.source, owner, { ...this.#options, signal });
    const target = resolveTarget(params.target, source, instance.record.image.defaultUser);
    const record: MountRecord = {
      id: randomBytes(4).toString('hex'), source, target, owner,
      isReadOnly: params.isReadOnly, type, isNotifying: params.isNotifying, uidMaps: params.uidMaps, gidMaps: params.gidMaps,
    };
    await this.#options.instances.update(instance, ({ mounts = [] }) => {
      const other = mounts.find((each) => isNested(each.target, target));
      if (other) throw new HelperError('mount.exists', { name: instance.name, target: other.target, source: other.source });
      return { mounts: [...mounts, record] };
    });
    const mount = this.#watch(instance, record.id);
    await mount.settled(signal);
    return mount.summary();
  }

  /** Attaches one mount anew, or all of the instance's. Returns what came of it. @throws HelperError mount.not-found */
  async reconnect(instance: Instance, asked: string | undefined, signal: AbortSignal): Promise<MountSummary[]> {
    const { name, record } = instance;
    const target = asked === undefined ? undefined : resolveTarget(asked, '', record.image.defaultUser);
    const chosen = this.#of(instance).map(({ mount }) => mount).filter((mount) => target === undefined || mount.summary().target === target);
    if (target !== undefined && chosen.length === 0) throw new HelperError('mount.not-found', { name, target });
    await Promise.all(chosen.map((mount) => mount.reconnect(signal)));
    return chosen.map((mount) => mount.summary());
  }

  /** Takes one mount away, or all of the instance's. Returns what was taken. @throws HelperError mount.not-found */
  async remove(instance: Instance, asked: string | undefined): Promise<MountSummary[]> {
    const { name, record } = instance;
    const target = asked === undefined ? undefined : resolveTarget(asked, '', record.image.defaultUser);
    const removed = this.list(instance).filter((mount) => target === undefined || mount.target === target);
    if (target !== undefined && removed.length === 0) throw new HelperError('mount.not-found', { name, target });
    const ids = removed.map(({ id }) => id);
    await this.#forget(instance, ids, true);
    await this.#options.instances.update(instance, ({ mounts = [] }) => ({ mounts: mounts.filter(({ id }) => !ids.includes(id)) }));
    return removed;
  }

  /** Lets go of all; guests lose the folders until the next helper. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#watched.values()].map(({ mount }) => mount.close(false)));
    this.#watched.clear();
  }

  async #sweep(isWanted: (mountId: string) => boolean): Promise<void> {
    const { sshfs, virtiofs } = this.#transports;
    for (const servers of [sshfs, virtiofs]) {
      await servers.sweep(isWanted).catch((error: unknown) => this.#options.log.warn({ reason: messageOf(error) }, 'not all that earlier shares left could be taken away; the next start tries again'));
    }
  }

  #watch(instance: Instance, id: string): SupervisedMount {
    const { instances, log } = this.#options;
    let last: MountRecord | undefined;
    const record = (): MountRecord => {
      last = instance.record.mounts?.find((each) => each.id === id) ?? last;
      if (!last) throw new HelperError('internal.bug', { reason: `mount ${id} was never noted` });
      return last;
    };
    const request = (onBytes: AttachRequest['onBytes']): AttachRequest => ({
      instance: instance.name, mount: record(), user: instance.record.image.defaultUser, onBytes,
      isReachable: () => instances.isReachable(instance), target: () => instances.target(instance), machine: instances.machine(instance),
    });
    const mount = new SupervisedMount({
      record,
      isReachable: () => instances.isReachable(instance),
      attach: async (onBytes, signal) => {
        const attached = await attachShare(this.#transports, request(onBytes), signal);
        if (attached.isTargetMade) await this.#noteTarget(instance, id);
        return attached;
      },
      sweep: async () => await sweepMount(this.#transports, request(() => {}), AbortSignal.timeout(sweepLimitMs)),
      changed: () => this.#announce(instance),
      runner: this.#options.runner,
      log: log.child({ instance: instance.name, mount: id }),
    });
    this.#watched.set(id, { instance, mount });
    this.#announce(instance);
    return mount;
  }

  /** Kept so that an unmount takes away the folder that was made for it, whenever that is. */
  async #noteTarget(instance: Instance, id: string): Promise<void> {
    await this.#options.instances.update(instance, ({ mounts = [] }) => ({
      mounts: mounts.map((each) => (each.id === id ? { ...each, isTargetOurs: true } : each)),
    }));
  }

  async #forget(instance: Instance, ids: readonly string[], unmount: boolean): Promise<void> {
    await Promise.all(ids.map(async (id) => {
      const watched = this.#watched.get(id);
      await watched?.mount.close(unmount).catch((error: unknown) => this.#options.log.warn({ instance: instance.name, mount: id, reason: messageOf(error) }, 'a mount was not taken away cleanly'));
      this.#watched.delete(id);
    }));
    this.#announce(instance);
  }

  #announce(instance: Instance): void {
    instance.mounts = this.list(instance);
    this.#options.instances.touch(instance);
  }

  #of(instance: Instance): { readonly id: string; readonly mount: SupervisedMount }[] {
    return [...this.#watched].filter(([, each]) => each.instance === instance).map(([id, { mount }]) => ({ id, mount }));
  }
}

/** By 9p the folder's user is the guest's, and nobody else is anybody. */
function checkMaps({ type, uidMaps, gidMaps }: MountAddParams): void {
  if (type === '9p' && uidMaps.length + gidMaps.length > 0) throw new HelperError('mount.type-refused', { type, reason: 'owners are mapped by -u or -g, which sshfs alone can do' });
}
