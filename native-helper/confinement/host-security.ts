// SPDX-License-Identifier: MIT
import { isAppArmorEnforced } from './apparmor.ts';

/** What this host gives to the confinement of machines. */
export interface HostPolicy {
  /** What names a process's rights. */
  readonly model: 'apparmor' | 'none';
  /** Why the model is none. */
  readonly reason?: string;
  /** Whether a machine is started only with its owner's consent. */
  readonly needsConsent: boolean;
}

/** What kernel and administrator decide for all machines; looked up each time, because both may change while the helper runs. */
export class HostSecurity {
  /** @throws HelperError confinement.unavailable when it cannot be found out */
  async policy(): Promise<HostPolicy> {
    if (await isAppArmorEnforced()) return { model: 'apparmor', needsConsent: false };
    return { model: 'none', reason: 'this kernel has no AppArmor', needsConsent: true };
  }
}
