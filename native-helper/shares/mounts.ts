// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { MountAddParams, MountSummary } from '#contract/mounts.ts';
import { sentence } from '#messages/say.ts';
import type { QuotaFile } from '../confinement/administrator/quotas.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { allShortened } from '../core/shortened.ts';
import type { Logger } from '../core/log.ts';
import type { MachineWithShares } from '../core/seams/hypervisor.ts';
import type { InstanceView, KnownInstance } from '../core/seams/instances.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import type { GuestConnections } from '../guest/guest-connections.ts';
import type { Files } from '../store/files.ts';
import type { InstanceRecord, MountRecord } from '../store/instance-record.ts';
import { attachShare, sweepMount, type Transports } from './attach-share.ts';
import { keepAlive, type AttachRequest } from './attached-share.ts';
import { GuestScripts } from './guest-scripts.ts';
import { resolveSource } from './source.ts';
import { NinePServers } from './9p/nine-p-server.ts';
import { ShareServers } from './sshfs/share-server.ts';
import { SupervisedMount } from './supervised-mount.ts';
import { isNested, resolveTarget } from './targets.ts';
import { VirtiofsServers } from './virtiofs/virtiofs-server.ts';

/** An answer with more would not fit into a message. */
const mostAnswerBytes = 512 * 1024;

interface MountsOptions<Instance extends KnownInstance<InstanceRecord>> {
  readonly instances: InstanceView<Instance, InstanceRecord>;
  readonly connections: GuestConnections;
  readonly quotas: Pick<QuotaFile, 'require'>;
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
  readonly log: Logger;
}

/** The mounts of all instances: each in its instance's record, and watched over while a helper lives. */
export class Mounts<Instance extends KnownInstance<InstanceRecord>> {
  readonly #options: MountsOptions<Instance>;
  readonly #transports: Transports;
  readonly #watched = new Map<string, { readonly instance: Instance; readonly mount: SupervisedMount }>();
  /** Those whose guests are to be without folders for a while. */
  readonly #left = new Set<Instance>();
  /** As they were told last. */
  readonly #shown = new WeakMap<Instance, readonly MountSummary[]>();

  constructor(options: MountsOptions<Instance>) {
    this.#options = options;
    this.#transports = {
      sshfs: new ShareServers(options),
      virtiofs: new VirtiofsServers(options),
      nineP: new NinePServers(options),
      scripts: new GuestScripts(options.assetsDirectory),
    };
  }

  /** Takes away what earlier helpers left of shares that are over, then begins to attach what the records ask for. */
  async begin(): Promise<void> {
    const { instances } = this.#options;
    instances.show({ name: 'mounts', summary: (instance) => ({ mounts: [...(this.#shown.get(instance) ?? [])] }) });
    const running = instances.all().filter((instance) => instances.mayRun(instance));
    await this.#sweep((id) => running.some(({ record }) => record.mounts?.some((mount) => mount.id === id)));
    for (const instance of instances.all())
      for (const record of instance.record.mounts ?? []) this.#watch(instance, record.id);
    instances.onChanged((instance) => {
      for (const { mount } of this.#of(instance)) mount.wake();
    });
    instances.onRemoved(
      (instance) =>
        void this.#forget(
          instance,
          this.#of(instance).map(({ id }) => id),
        ),
    );
  }

  /** For when all machines have ended: no server, profile or note stays. */
  async end(): Promise<void> {
    await this.#sweep(() => false);
  }

  list(instance: Instance): MountSummary[] {
    return allShortened(this.#summaries(instance), mostAnswerBytes);
  }

  /**
   * Notes the mount with the instance and attaches it, if a machine runs. Resolves when that has come
   * to something; a failure is in the summary, and the mount stays and is tried again.
   *
   * @throws HelperError mount.type-refused, mount.map-refused, mount.source-denied, mount.target-refused, mount.exists,
   * quota.exceeded
   */
  async add(instance: Instance, params: MountAddParams, user: Credentials, signal: AbortSignal): Promise<MountSummary> {
    const { type } = params;
    checkMaps(params);
    const owner = { uid: user.uid, gid: user.gid };
    const source = await resolveSource(params.source, owner, { ...this.#options, signal });
    const target = resolveTarget(params.target, source, instance.record.image.defaultUser);
    const record: MountRecord = {
      id: randomBytes(4).toString('hex'),
      source,
      target,
      owner,
      isReadOnly: params.isReadOnly,
      type,
      isNotifying: params.isNotifying,
      ...(params.sizeLimitBytes === undefined ? {} : { sizeLimitBytes: params.sizeLimitBytes }),
      uidMaps: params.uidMaps,
      gidMaps: params.gidMaps,
    };
    await this.#options.instances.update(instance, ({ mounts = [] }) => {
      const other = mounts.find((each) => isNested(each.target, target));
      if (other)
        throw new HelperError('mount.exists', { name: instance.name, target: other.target, source: other.source });
      this.#requireRoom(instance, user.uid);
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
    const chosen = this.#of(instance)
      .map(({ mount }) => mount)
      .filter((mount) => target === undefined || mount.summary().target === target);
    if (target !== undefined && chosen.length === 0) throw new HelperError('mount.not-found', { name, target });
    await Promise.all(chosen.map((mount) => mount.reconnect(signal)));
    return allShortened(
      chosen.map((mount) => mount.summary()),
      mostAnswerBytes,
    );
  }

  /**
   * Takes one mount away, or all of the instance's. Returns what was taken. With the signal's abort the guest is waited
   * for no longer; the mount goes all the same. @throws HelperError mount.not-found
   */
  async remove(instance: Instance, asked: string | undefined, signal: AbortSignal): Promise<MountSummary[]> {
    const { name, record } = instance;
    const target = asked === undefined ? undefined : resolveTarget(asked, '', record.image.defaultUser);
    const removed = this.#summaries(instance).filter((mount) => target === undefined || mount.target === target);
    if (target !== undefined && removed.length === 0) throw new HelperError('mount.not-found', { name, target });
    const ids = removed.map(({ id }) => id);
    await this.#forget(instance, ids, signal);
    await this.#options.instances.update(instance, ({ mounts = [] }) => ({
      mounts: mounts.filter(({ id }) => !ids.includes(id)),
    }));
    return allShortened(removed, mostAnswerBytes);
  }

  /**
   * Takes all folders out of an instance until the returned function is called: a machine cannot be saved with them.
   None is given up: they come back to a guest that goes on, here or later.
   */
  async leave(instance: Instance, signal: AbortSignal): Promise<() => void> {
    const mounts = this.#of(instance).map(({ mount }) => mount);
    const comeBack = (): void => {
      this.#left.delete(instance);
      for (const mount of mounts) mount.wake();
    };
    this.#left.add(instance);
    try {
      for (const mount of mounts) mount.wake();
      await Promise.all(mounts.map(async (mount) => await mount.leave(signal)));
      signal.throwIfAborted();
      return comeBack;
    } catch (error) {
      comeBack();
      throw error;
    }
  }

  /** Lets go of all; guests lose the folders until the next helper. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#watched.values()].map(({ mount }) => mount.close(false)));
    this.#watched.clear();
  }

  async #sweep(isWanted: (mountId: string) => boolean): Promise<void> {
    const { sshfs, virtiofs } = this.#transports;
    for (const servers of [sshfs, virtiofs]) {
      await servers
        .sweep(isWanted)
        .catch((error: unknown) =>
          this.#options.log.warn(
            { reason: messageOf(error) },
            'not all that earlier shares left could be taken away; the next start tries again',
          ),
        );
    }
  }

  /** Throws quota.exceeded where its owner has as many mounts as a user may have. */
  #requireRoom({ record: { owner } }: Instance, askedBy: number): void {
    const { instances, quotas } = this.#options;
    const mounts = instances.ownedBy(owner.uid).reduce((sum, { record }) => sum + (record.mounts?.length ?? 0), 0);
    quotas.require('max_mounts', askedBy, mounts + 1);
  }

  #watch(instance: Instance, id: string): SupervisedMount {
    const { instances, connections, log } = this.#options;
    let last: MountRecord | undefined;
    const record = (): MountRecord => {
      last = instance.record.mounts?.find((each) => each.id === id) ?? last;
      if (!last) throw new HelperError('internal.bug', { reason: `mount ${id} was never noted` });
      return last;
    };
    const request = (onBytes: AttachRequest['onBytes']): AttachRequest => ({
      instance: instance.name,
      mount: record(),
      user: instance.record.image.defaultUser,
      onBytes,
      isReachable: () => instances.isReachable(instance),
      machine: this.#machine(instance),
      connect: async (signal) => await connections.connect(await instances.guestTarget(instance), signal, keepAlive),
    });
    const mount = new SupervisedMount({
      record,
      isReachable: () => !this.#left.has(instance) && instances.isReachable(instance),
      attach: async (onBytes, signal) => {
        const attached = await attachShare(this.#transports, request(onBytes), signal);
        if (attached.isTargetMade) await this.#noteTarget(instance, id);
        return attached;
      },
      sweep: async (guestOver) =>
        await sweepMount(
          this.#transports,
          request(() => {}),
          guestOver,
        ),
      changed: () => this.#announce(instance),
      runner: this.#options.runner,
      log: log.child({ instance: instance.name, mount: id }),
    });
    this.#watched.set(id, { instance, mount });
    this.#announce(instance);
    return mount;
  }

  #machine(instance: Instance): MachineWithShares {
    const machine = this.#options.instances.machine(instance);
    if (machine) return machine;
    throw new HelperError('instance.wrong-state', {
      name: instance.name,
      state: sentence('state.stopped'),
      command: sentence('instance.take-folders'),
    });
  }

  /** Kept so that an unmount takes away the folder that was made for it, whenever that is. */
  async #noteTarget(instance: Instance, id: string): Promise<void> {
    await this.#options.instances.update(instance, ({ mounts = [] }) => ({
      mounts: mounts.map((each) => (each.id === id ? { ...each, isTargetOurs: true } : each)),
    }));
  }

  async #forget(instance: Instance, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const watched = this.#watched.get(id);
        await watched?.mount
          .close(true, signal)
          .catch((error: unknown) =>
            this.#options.log.warn(
              { instance: instance.name, mount: id, reason: messageOf(error) },
              'a mount was not taken away cleanly',
            ),
          );
        this.#watched.delete(id);
      }),
    );
    this.#announce(instance);
  }

  #announce(instance: Instance): void {
    this.#shown.set(instance, this.#summaries(instance));
    this.#options.instances.touch(instance);
  }

  #summaries(instance: Instance): MountSummary[] {
    return this.#of(instance).map(({ mount }) => mount.summary());
  }

  #of(instance: Instance): { readonly id: string; readonly mount: SupervisedMount }[] {
    return [...this.#watched]
      .filter(([, each]) => each.instance === instance)
      .map(([id, { mount }]) => ({ id, mount }));
  }
}

/** Twice on one side, and nobody could say whose a file is. */
function requireOneToOne(kind: 'user' | 'group', maps: MountAddParams['uidMaps']): void {
  for (const side of ['host', 'guest'] as const) {
    const ids = maps.map((map) => map[side]);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined)
      throw new HelperError('mount.map-refused', {
        kind,
        id: twice,
        reason: sentence('mount.mapped-more-than-once', { side }),
      });
  }
}

/** By 9p the folder's user is the guest's, and nobody else is anybody. */
function checkMaps({ type, uidMaps, gidMaps }: MountAddParams): void {
  requireOneToOne('user', uidMaps);
  requireOneToOne('group', gidMaps);
  if (type === '9p' && uidMaps.length + gidMaps.length > 0)
    throw new HelperError('mount.type-refused', {
      type,
      reason: sentence('mount.owners-only-by-sshfs'),
    });
}
