// SPDX-License-Identifier: MIT
import type { GuestTarget } from '../core/ports.ts';
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

  /** Once its SSH has greeted: before that every attempt would only fail. */
  isReachable({ boot }: Instance): boolean {
    return boot?.lease !== undefined && boot.timeline.isDone('sshd') && !boot.isEndExpected;
  }

  async target(instance: Instance): Promise<GuestTarget> {
    return await guestTarget(this.#services, instance);
  }
}
