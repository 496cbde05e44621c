// SPDX-License-Identifier: MIT
import { instanceName, type Fingerprint, type InstanceName } from '#contract/names.ts';
import type { GuestTarget } from '../../core/seams/guest.ts';
import type { MachineWithShares } from '../../core/seams/hypervisor.ts';
import type { Facet, InstanceView } from '../../core/seams/instances.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import { requireTellable } from '../instance/decided-bytes.ts';
import { guestTarget } from '../instance/guest-target.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

type Services = Pick<InstanceServices, 'registry' | 'facets' | 'store' | 'operations'>;

/** The registry as those see it who do not know what an instance is made of. */
export class RegistryView implements InstanceView<Instance, InstanceRecord> {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  all(): readonly Instance[] {
    return this.#services.registry.all();
  }

  find(name: string): Instance | undefined {
    const parsed = instanceName.safeParse(name);
    return parsed.success ? this.#services.registry.find(parsed.data) : undefined;
  }

  ownedBy(uid: number): readonly Instance[] {
    return this.#services.registry.ownedBy(uid);
  }

  async update(instance: Instance, change: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void> {
    await this.#services.registry.update(instance, (record) => {
      const changed = change(record);
      requireTellable(record, changed);
      return changed;
    });
  }

  show(facet: Facet<Instance>): void {
    this.#services.facets.add(facet);
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

  isReachable({ boot }: Instance): boolean {
    return boot?.lease !== undefined && boot.timeline.isDone('sshd') && !boot.isEndExpected;
  }

  async guestTarget(instance: Instance): Promise<GuestTarget> {
    return await guestTarget(this.#services, instance);
  }

  machine({ boot }: Instance): MachineWithShares | undefined {
    if (!boot) return undefined;
    const { machine, spec } = boot;
    return {
      plugShare: (share, signal) => machine.plugShare(share, signal),
      unplugShare: (id, signal) => machine.unplugShare(id, signal),
      openPort: (name, signal) => machine.openPort(name, signal),
      closePorts: (name, signal) => machine.closePorts(name, signal),
      slots: spec.shareSlots ?? 0,
    };
  }

  usersOf(fingerprint: Fingerprint): readonly InstanceName[] {
    return this.#services.registry.usersOf(fingerprint);
  }

  tellsImageOf(name: string): boolean {
    return this.#services.registry.tellsImageOf(name);
  }
}
