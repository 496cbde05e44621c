// SPDX-License-Identifier: MIT
import { HelperError } from '../core/errors.ts';
import type { GuestTarget } from '../core/seams/guest.ts';
import type { MachineWithShares } from '../core/seams/hypervisor.ts';
import type { InstanceRecord } from '../store/instance-record.ts';
import { guestTarget } from './guest-target.ts';
import type { Instance } from './instance.ts';
import type { InstanceServices } from './services.ts';

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
    await this.#services.registry.update(instance, change);
  }

  touch(instance: Instance): void {
    this.#services.registry.touch(instance);
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

  machine({ name, boot, record }: Instance): MachineWithShares {
    if (!boot) throw new HelperError('instance.wrong-state', { name, state: 'stopped', command: 'take folders' });
    const { machine, spec } = boot;
    const files = this.#services.files.machine(record.id);
    return {
      plugShare: (share, signal) => machine.plugShare(share, signal),
      unplugShare: (id, signal) => machine.unplugShare(id, signal),
      openPort: (port, signal) => machine.openPort(port, signal),
      closePorts: (name, signal) => machine.closePorts(name, signal),
      socketOf: (mountId) => files.shareSocket(mountId),
      slots: spec.shareSlots ?? 0,
    };
  }

  async target(instance: Instance): Promise<GuestTarget> {
    return await guestTarget(this.#services, instance);
  }
}
