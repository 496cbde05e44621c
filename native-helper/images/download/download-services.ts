// SPDX-License-Identifier: MIT
import type { AppArmor } from '../../confinement/apparmor.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import type { NetworkEnvironment } from './network-process.ts';
import type { Slots } from './slots.ts';
import type { Turns } from './turns.ts';

export interface DownloadTuning {
  /** No byte for so long is a failed attempt. */
  readonly stallMs: number;
  /** The pause after the first failed attempt; it doubles up to 30 s. */
  readonly backOffMs: number;
  /** Failed attempts in a row that brought nothing new. */
  readonly attempts: number;
}

export const defaultTuning: DownloadTuning = { stallMs: 20_000, backOffMs: 1000, attempts: 5 };

/** What every download needs of its surroundings. */
export interface DownloadServices {
  /** For the conversion of what came. */
  readonly appArmor: AppArmor;
  readonly runner: ProcessRunner;
  readonly tuning: DownloadTuning;
  /** How many files come at a time. */
  readonly slots: Slots;
  /** Two halves of one file would be written over each other. */
  readonly turns: Turns;
  /** Where halves are kept. */
  readonly directory: string;
  /** What lies in it for a moment can be reached by users without rights. */
  readonly work: string;
  network(): NetworkEnvironment;
  /** The helper is ending: halves stay for the next one. */
  isEnding(): boolean;
}
