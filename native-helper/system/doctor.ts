// SPDX-License-Identifier: MIT
import type { HostCheck } from '#contract/system.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { reasonFrom } from '../core/said-error.ts';
import { inWords } from '../core/in-words.ts';
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
  readonly title: Sentence;
  readonly look: Check;
}

/** In the order in which they are told. */
export const checks: readonly CheckRow[] = [
  { id: 'helper', title: sentence('doctor.title.helper'), look: checkHelper },
  { id: 'group', title: sentence('doctor.title.group'), look: checkGroup },
  { id: 'qemu', title: sentence('doctor.title.qemu'), look: checkQemu },
  { id: 'kvm', title: sentence('doctor.title.kvm'), look: checkKvm },
  { id: 'apparmor', title: sentence('doctor.title.apparmor'), look: checkAppArmor },
  { id: 'apparmor-parser', title: sentence('doctor.title.apparmor-parser'), look: checkParser },
  { id: 'apparmor-profiles', title: sentence('doctor.title.apparmor-profiles'), look: checkProfiles },
  { id: 'security-settings', title: sentence('doctor.title.security-settings'), look: checkSecuritySettings },
  { id: 'denial-log', title: sentence('doctor.title.denial-log'), look: checkDenialLog },
  { id: 'devices', title: sentence('doctor.title.devices'), look: checkDevices },
  { id: 'cgroups', title: sentence('doctor.title.cgroups'), look: checkCgroups },
  { id: 'mounts', title: sentence('doctor.title.mounts'), look: checkMounts },
  { id: 'network', title: sentence('doctor.title.network'), look: checkNetwork },
  { id: 'shares', title: sentence('doctor.title.shares'), look: checkShares },
  { id: 'image-settings', title: sentence('doctor.title.image-settings'), look: checkImageSettings },
  { id: 'storage', title: sentence('doctor.title.storage'), look: checkStorage },
  { id: 'file-watches', title: sentence('doctor.title.file-watches'), look: checkFileWatches },
];

/** Looks at all of this computer that instances depend on, at once. A look that fails says so and hides no other. */
export async function examineHost(surroundings: Surroundings, signal: AbortSignal): Promise<HostCheck[]> {
  const found = await Promise.all(
    checks.map(async ({ id, title, look }): Promise<HostCheck | undefined> => {
      try {
        const check = await look(surroundings, signal);
        return check && inWords<HostCheck>({ title, ...check });
      } catch (error) {
        signal.throwIfAborted();
        return inWords<HostCheck>({
          id,
          title,
          state: 'unknown',
          summary: sentence('doctor.not-checked'),
          evidence: reasonFrom(error),
        });
      }
    }),
  );
  return found.filter((check) => check !== undefined);
}
