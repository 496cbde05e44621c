// SPDX-License-Identifier: MIT
import type { AppArmor } from '../../confinement/apparmor.ts';
import type { KeyedLock } from '../../core/keyed-lock.ts';
import type { KeyedSlots } from '../../core/keyed-slots.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import type { FetchRequest } from '../fetch/fetch-request.ts';
import type { NetworkEnvironment } from './proxies.ts';

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
  /** A user of its own for each program that reads what came: nobody else ever was it. */
  readonly newUser: () => Promise<Credentials>;
  readonly tuning: DownloadTuning;
  /** How many files come at a time from one source, or for one user. */
  readonly slots: KeyedSlots;
  /** Two halves of one file would be written over each other. */
  readonly turns: KeyedLock<string>;
  /** Where halves are kept. */
  readonly directory: string;
  /** What lies in it for a moment can be reached by users without rights. */
  readonly work: string;
  /** Whose URL it is; absent where the catalogue names it. */
  readonly ownerUid?: number;
  /** Of a user's URLs; absent for those of the catalogue and of root, which may lead anywhere. */
  readonly reach?: FetchRequest['reach'];
  network(): NetworkEnvironment;
  /** The helper is ending: halves stay for the next one. */
  isEnding(): boolean;
}
