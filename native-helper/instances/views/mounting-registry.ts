// SPDX-License-Identifier: MIT
import { HelperError } from '../../core/errors.ts';
import type { MachineWithShares } from '../../core/seams/hypervisor.ts';
import type { SshConnection } from '../../guest/ssh-connection.ts';
import type { KeepAlive } from '../../guest/ssh-process/messages.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import { requireTellable } from '../instance/decided-bytes.ts';
import { guestTarget } from '../instance/guest-target.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/** The instances as folder mounts see them. */
export class MountingRegistry {
  readonly #services: InstanceServices;

  constructor(services: InstanceServices) {
    this.#services = services;
  }

  all(): readonly Instance[] {
    return this.#services.registry.all();
  }

  async update(instance: Instance, change: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void> {
    await this.#services.registry.update(instance, (record) => {
      const changed = change(record);
      requireTellable(record, changed);
      return changed;
    });
  }

  touch(instance: Instance): void {
    this.#services.registry.touch(instance);
  }

  requireRoom({ record: { owner } }: Instance, askedBy: number): void {
    const { quotas, registry } = this.#services;
    const mounts = registry.ownedBy(owner.uid).reduce((sum, { record }) => sum + (record.mounts?.length ?? 0), 0);
    quotas.require('max_mounts', askedBy, mounts + 1);
  }

  onChanged(listener: (instance: Instance) => void): void {
    this.#services.registry.on('changed', listener);
  }

  onRemoved(listener: (instance: Instance) => void): void {
    this.#services.registry.on('removed', listener);
  }

  mayRun({ boot, isUncertain }: Instance): boolean {
    return boot !== undefined || isUncertain;
  }

  /** Once its SSH has greeted: before that every attempt would only fail. */
  isReachable({ boot }: Instance): boolean {
    return boot?.lease !== undefined && boot.timeline.isDone('sshd') && !boot.isEndExpected;
  }

  machine({ name, boot }: Instance): MachineWithShares {
    if (!boot) throw new HelperError('instance.wrong-state', { name, state: 'stopped', command: 'take folders' });
    const { machine, spec } = boot;
    return {
      plugShare: (share, signal) => machine.plugShare(share, signal),
      unplugShare: (id, signal) => machine.unplugShare(id, signal),
      openPort: (name, signal) => machine.openPort(name, signal),
      closePorts: (name, signal) => machine.closePorts(name, signal),
      slots: spec.shareSlots ?? 0,
    };
  }

  async connect(instance: Instance, signal: AbortSignal, keepAlive: KeepAlive): Promise<SshConnection> {
    return await this.#services.connections.connect(await guestTarget(this.#services, instance), signal, keepAlive);
  }
}
