// SPDX-License-Identifier: MIT
import type { DenialCounts } from '#contract/denials.ts';
import { helperErrorData } from '#contract/errors.ts';
import type { InstanceState, InstanceSummary } from '#contract/instances.ts';
import type { MountSummary } from '#contract/mounts.ts';
import type { InstanceName } from '#contract/names.ts';
import type { OperationSummary } from '#contract/operations.ts';
import type { ToldSecuritySettings } from '#contract/security.ts';
import { shortened } from '../../core/shortened.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import type { Boot } from '../boot/boot.ts';
import { strictSettings } from '../security/security-settings.ts';
import { deriveState } from './state.ts';

/** Well below what a page of a list holds: all that is told of it, with what its machine and its mounts had to say. */
const mostToldBytes = 192 * 1024;

/** An instance as the helper holds it in memory: its record, and the machine when one runs. */
export class Instance {
  record: InstanceRecord;
  boot: Boot | undefined;
  /** Set where it could not be found out whether the machine still runs. */
  isUncertain = false;
  /** The mounts as they are now; what was asked for is in the record. */
  mounts: readonly MountSummary[] = [];
  /** Counts what its confinement refused; by whoever keeps that. */
  countDenials: () => DenialCounts | undefined = () => undefined;

  constructor(record: InstanceRecord) {
    this.record = record;
  }

  get name(): InstanceName {
    return this.record.name;
  }

  get security(): ToldSecuritySettings {
    return this.record.security ?? strictSettings;
  }

  state(operation: OperationSummary | undefined): InstanceState {
    const process =
      this.isUncertain || this.boot?.machine.isAnswering === false ? 'unknown' : this.boot ? 'alive' : 'absent';
    const isPaused = this.boot?.machine.pause !== undefined;
    return deriveState({
      isBroken: false,
      isDeleted: this.record.deletedAt !== undefined,
      process,
      isPaused,
      operation: operation?.kind,
    });
  }

  isOwnedBy(actor: Actor): boolean {
    return actor.uid === 0 || actor.uid === this.record.owner.uid;
  }

  /** What `viewer` may know: everything of one's own, name and state of another's. */
  summary(viewer: Actor, operation: OperationSummary | undefined): InstanceSummary {
    const { record, boot } = this;
    const shared = { name: record.name, state: this.state(operation), ownerUid: record.owner.uid };
    if (!this.isOwnedBy(viewer)) return { ...shared, isOwn: false };
    return shortened<InstanceSummary>(
      {
        ...shared,
        isOwn: true,
        image: record.image.title,
        addresses: boot?.lease ? [boot.lease.address] : [],
        cpus: record.cpus,
        memoryBytes: record.memoryBytes,
        diskBytes: record.diskBytes,
        accelerator: boot?.spec.accelerator,
        createdAt: record.createdAt,
        startedAt: boot?.startedAt.toISOString(),
        deletedAt: record.deletedAt,
        pause: boot?.machine.pause && { reason: boot.machine.pause.reason, at: boot.machine.pause.at.toISOString() },
        operation: operation && { id: operation.id, kind: operation.kind },
        lastError: record.lastError && helperErrorData.parse(record.lastError),
        mounts: [...this.mounts],
        security: this.security,
        denials: this.countDenials(),
      },
      mostToldBytes,
    );
  }
}
