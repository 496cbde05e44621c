// SPDX-License-Identifier: MIT
import type { SecuritySettings } from '#contract/security.ts';

/** What an instance has on which nobody decided anything. */
export const strictSettings: SecuritySettings = {
  isAllowedWithoutAppArmor: false,
  mode: 'enforce',
  grants: [],
  qemu: { args: [], env: {} },
  usesHugepages: false,
  usesVhostNet: false,
  vfioGroups: [],
  blockDevices: [],
};
