// SPDX-License-Identifier: MIT
import type { DenialSource } from '#contract/denials.ts';
import type { HostCheck } from '#contract/system.ts';
import type { QuotaFile } from '../../confinement/administrator/quotas.ts';
import type { HostSecurity } from '../../confinement/host-security.ts';
import type { InSentences } from '../../core/in-words.ts';
import type { HypervisorCapabilities } from '../../core/seams/hypervisor.ts';
import type { UnusableSettings } from '../../core/seams/images.ts';
import type { NetworkBackend } from '../../core/seams/network.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';

/** What the checks of this computer look at it with. */
export interface Surroundings {
  readonly runner: ProcessRunner;
  readonly network: Pick<NetworkBackend, 'observe' | 'examine'>;
  readonly capabilities: (signal: AbortSignal) => Promise<HypervisorCapabilities>;
  readonly denialSource: () => DenialSource;
  readonly stateDirectory: string;
  readonly hostSecurity: HostSecurity;
  readonly quotas: QuotaFile;
  readonly unusableImageSettings: () => UnusableSettings;
  /** The group whose members may use the helper; only root where undefined. */
  readonly gid: number | undefined;
}

/**
 * Looks at one part of this computer; it fixes nothing. Undefined where there is nothing to look at. What it throws is
 * told as unknown.
 */
export type Check = (surroundings: Surroundings, signal: AbortSignal) => Promise<InSentences<HostCheck> | undefined>;
