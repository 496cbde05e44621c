// SPDX-License-Identifier: MIT
import type { ConsoleRecord } from '../../console/console-record.ts';
import type { SerialPort } from '../../console/serial-port.ts';
import type { MachineExit, RunningMachine } from '../../core/seams/hypervisor.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { Lease } from '../../core/seams/network.ts';
import type { PhaseTimeline } from './phase-timeline.ts';

/** A machine that runs, with all that belongs to this one boot of its instance. */
export interface Boot {
  readonly number: number;
  readonly startedAt: Date;
  /** As it was started, and as its confinement was changed since. */
  spec: MachineSpec;
  readonly machine: RunningMachine;
  readonly console: ConsoleRecord;
  readonly serial: SerialPort;
  readonly timeline: PhaseTimeline;
  /** The address the guest asked for in this boot. */
  lease: Lease | undefined;
  /** Since when it is to be held because somebody asked for it. */
  heldSince: Date | undefined;
  /** Set where the guest's kernel said that it gave up. */
  panic: string | undefined;
  /** True from when we asked the machine to end: its exit is then no crash. */
  isEndExpected: boolean;
  /** Resolves when the machine is gone and what it used is given back. */
  readonly ended: Promise<MachineExit>;
}
