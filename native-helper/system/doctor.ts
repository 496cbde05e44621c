// SPDX-License-Identifier: MIT
import type { HostCheck } from '#contract/system.ts';
import { messageOf } from '../core/errors.ts';
import { checkAppArmor, checkParser, checkProfiles } from './checks/apparmor.ts';
import { checkCgroups, checkDevices } from './checks/cgroups.ts';
import { checkDenialLog } from './checks/denial-log.ts';
import { checkFileWatches } from './checks/file-watches.ts';
import { checkGroup, checkHelper } from './checks/helper.ts';
import { checkImageSettings } from './checks/image-settings.ts';
import { checkKvm, checkQemu } from './checks/hypervisor.ts';
import { checkMounts } from './checks/mounts.ts';
import { checkNetwork } from './checks/network.ts';
import { checkSecuritySettings } from './checks/security-settings.ts';
import { checkShares } from './checks/shares.ts';
import { checkStorage } from './checks/storage.ts';
import type { Check, Surroundings } from './checks/surroundings.ts';

interface CheckRow {
  readonly id: string;
  /** What a person calls it. */
  readonly title: string;
  readonly look: Check;
}

/** In the order in which they are told. */
export const checks: readonly CheckRow[] = [
  { id: 'helper', title: 'Helper', look: checkHelper },
  { id: 'group', title: 'Who may use it', look: checkGroup },
  { id: 'qemu', title: 'QEMU', look: checkQemu },
  { id: 'kvm', title: 'Acceleration', look: checkKvm },
  { id: 'apparmor', title: 'AppArmor', look: checkAppArmor },
  { id: 'apparmor-parser', title: 'Profile compiler', look: checkParser },
  { id: 'apparmor-profiles', title: 'Profiles in force', look: checkProfiles },
  { id: 'security-settings', title: 'Security settings', look: checkSecuritySettings },
  { id: 'denial-log', title: 'Record of refusals', look: checkDenialLog },
  { id: 'devices', title: 'Device control', look: checkDevices },
  { id: 'cgroups', title: 'Resource limits', look: checkCgroups },
  { id: 'mounts', title: 'Mount propagation', look: checkMounts },
  { id: 'network', title: 'Network', look: checkNetwork },
  { id: 'shares', title: 'Shared folders', look: checkShares },
  { id: 'image-settings', title: 'Image sources', look: checkImageSettings },
  { id: 'storage', title: 'Storage', look: checkStorage },
  { id: 'file-watches', title: 'File watches', look: checkFileWatches },
];

/** Looks at all of this computer that instances depend on, at once. A look that fails says so and hides no other. */
export async function examineHost(surroundings: Surroundings, signal: AbortSignal): Promise<HostCheck[]> {
  const found = await Promise.all(
    checks.map(async ({ id, title, look }): Promise<HostCheck | undefined> => {
      try {
        const check = await look(surroundings, signal);
        return check && { title, ...check };
      } catch (error) {
        signal.throwIfAborted();
        return { id, title, state: 'unknown', summary: 'Could not be checked.', evidence: messageOf(error) };
      }
    }),
  );
  return found.filter((check) => check !== undefined);
}
