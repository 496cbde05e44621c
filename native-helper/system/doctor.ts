// SPDX-License-Identifier: MIT
import { titleOf, type HostCheck, type HostCheckId } from '#contract/system.ts';
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

const checks: readonly (readonly [HostCheckId, Check])[] = [
  ['helper', checkHelper],
  ['group', checkGroup],
  ['qemu', checkQemu],
  ['kvm', checkKvm],
  ['apparmor', checkAppArmor],
  ['apparmor-parser', checkParser],
  ['apparmor-profiles', checkProfiles],
  ['security-settings', checkSecuritySettings],
  ['denial-log', checkDenialLog],
  ['devices', checkDevices],
  ['cgroups', checkCgroups],
  ['mounts', checkMounts],
  ['network', checkNetwork],
  ['shares', checkShares],
  ['image-settings', checkImageSettings],
  ['storage', checkStorage],
  ['file-watches', checkFileWatches],
];

/** Looks at all of this computer that instances depend on, at once. A look that fails says so and hides no other. */
export async function examineHost(surroundings: Surroundings, signal: AbortSignal): Promise<HostCheck[]> {
  const found = await Promise.all(
    checks.map(async ([id, check]): Promise<HostCheck | undefined> => {
      try {
        return await check(surroundings, signal);
      } catch (error) {
        signal.throwIfAborted();
        return { id, state: 'unknown', summary: 'Could not be checked.', evidence: messageOf(error) };
      }
    }),
  );
  return found.filter((check) => check !== undefined).map(titled);
}

/** With its title, for clients that do not know the check. */
export function titled(check: HostCheck): HostCheck {
  return { ...check, title: titleOf(check) };
}
