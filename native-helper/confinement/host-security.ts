// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { type Reason, reasonFrom } from '../core/said-error.ts';
import type { Credentials } from '../core/seams/processes.ts';
import { accountsOf } from './administrator/accounts.ts';
import { machineProfileFile } from './administrator/machine-profile-file.ts';
import { defaultConf, parseSecurityConf, weaknessesOf, type SecurityConf } from './administrator/security-conf.ts';
import { readTrustedFile, refused } from './administrator/trusted-file.ts';
import { isAppArmorEnforced } from './apparmor.ts';

/** What this host gives to the confinement of machines. */
export interface HostPolicy {
  /** What names a process's rights. */
  readonly model: 'apparmor' | 'none';
  /** Why the model is none. */
  readonly reason?: Reason;
  /** Whether a machine is started only with its owner's consent. */
  readonly needsConsent: boolean;
  /** Why no machine is started, consent or not. */
  readonly problem?: Reason;
  readonly conf: SecurityConf;
  /** Users that replace the machines' own. */
  readonly accounts: Partial<Credentials>;
  /** What the administrator took away for all machines, in words. */
  readonly weaknesses: readonly string[];
}

/**
 * What kernel and administrator decide for all machines; looked up each time, because both may change while the helper
 * runs.
 */
export class HostSecurity {
  /** Holds `security.conf` and `apparmor/`. */
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get confFile(): string {
    return path.join(this.directory, 'security.conf');
  }

  /** @throws HelperError confinement.administrator-file, confinement.unavailable when it cannot be found out */
  async policy(): Promise<HostPolicy> {
    const { conf, accounts } = await this.#read();
    const common = { conf, accounts, weaknesses: weaknessesOf(conf) };
    if (conf.driver === 'none')
      return {
        model: 'none',
        reason: sentence('security.turns-apparmor-off', { confFile: this.confFile }),
        needsConsent: false,
        ...common,
      };
    if (await isAppArmorEnforced()) return { model: 'apparmor', needsConsent: false, ...common };
    const reason = sentence('security.kernel-without-apparmor');
    return {
      model: 'none',
      reason,
      needsConsent: true,
      ...(conf.driver === 'apparmor'
        ? { problem: sentence('security.asks-for-apparmor', { confFile: this.confFile, reason }) }
        : {}),
      ...common,
    };
  }

  /** Removes the administrator's profile of a machine that is gone for good. */
  async forget(profile: string): Promise<void> {
    await rm(machineProfileFile(this.directory, profile), { force: true });
  }

  async #read(): Promise<Pick<HostPolicy, 'conf' | 'accounts'>> {
    const text = await readTrustedFile(this.confFile);
    if (text === undefined) return { conf: defaultConf, accounts: {} };
    try {
      const conf = parseSecurityConf(text);
      return { conf, accounts: await accountsOf(conf) };
    } catch (error) {
      throw refused(this.confFile, reasonFrom(error));
    }
  }
}
