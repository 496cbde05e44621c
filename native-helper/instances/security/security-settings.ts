// SPDX-License-Identifier: MIT
import type { ToldSecuritySettings } from '#contract/security.ts';

/** What an instance has on which nobody decided anything. */
export const strictSettings: ToldSecuritySettings = {
  isAllowedWithoutAppArmor: false,
  mode: 'enforce',
  grants: [],
  qemu: { args: [], env: {} },
  usesHugepages: false,
  usesVhostNet: false,
  vfioGroups: [],
  blockDevices: [],
};
