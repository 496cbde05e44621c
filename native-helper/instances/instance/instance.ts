// SPDX-License-Identifier: MIT
import type { InstanceState } from '#contract/instances.ts';
import type { InstanceName } from '#contract/names.ts';
import type { OperationSummary } from '#contract/operations.ts';
import type { ToldSecuritySettings } from '#contract/security.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import type { Boot } from '../boot/boot.ts';
import { strictSettings } from '../security/security-settings.ts';
import { deriveState } from './state.ts';

/** An instance as the helper holds it in memory: its record, and the machine when one runs. */
export class Instance {
  record: InstanceRecord;
  boot: Boot | undefined;
  /** Set where it could not be found out whether the machine still runs. */
  isUncertain = false;

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
      isSuspended: this.record.suspended !== undefined,
      operation: operation?.kind,
    });
  }

  isOwnedBy(actor: Actor): boolean {
    return actor.uid === 0 || actor.uid === this.record.owner.uid;
  }
}
