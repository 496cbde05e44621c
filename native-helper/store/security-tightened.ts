// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import type { machineSecurityRecord, securityRecord } from './security-record.ts';
import type { Identities } from './unknown-keys.ts';

/** An instance's settings, or a machine's, without the hardware that it was started with. */
type Security = z.infer<typeof machineSecurityRecord> & Partial<z.infer<typeof securityRecord>>;

/**
 * Whether `now` lacks something that `before` opened. What a later version wrote beside that may have opened more, and
 * who closes what he sees means to close: it would be open again after an update.
 */
export function isTightened(before: Security, now: Security): boolean {
  const left = openingsOf(now);
  return [...openingsOf(before)].some((each) => !left.has(each));
}

/** What tells objects of the settings at `place` of a record from others that come to their places. */
export function securityIdentities(place: string): Identities {
  return {
    [place]: { endsWhere: (before, now) => isTightened(before as Security, now as Security) },
    [`${place}.qemu`]: 'whole',
    [`${place}.grants`]: 'whole',
    [`${place}.blockDevices`]: 'whole',
  };
}

function openingsOf(security: Security): ReadonlySet<string> {
  const { isAllowedWithoutAppArmor, mode, grants, qemu } = security;
  const { usesHugepages = false, usesVhostNet = false, vfioGroups = [], blockDevices = [] } = security;
  return new Set([
    ...(isAllowedWithoutAppArmor ? ['without AppArmor'] : []),
    ...(mode === 'enforce' ? [] : ['not enforced']),
    ...(usesHugepages ? ['huge pages'] : []),
    ...(usesVhostNet ? ['vhost-net'] : []),
    ...grants.flatMap(({ path, mode: access }) => [`read ${path}`, ...(access === 'r' ? [] : [`write ${path}`])]),
    ...qemu.args.map((each) => `argument ${each}`),
    ...Object.entries(qemu.env).map(([name, value]) => `variable ${name}=${value}`),
    ...vfioGroups.map((each) => `group ${each}`),
    ...blockDevices.flatMap(({ path, isReadOnly }) => [`disk ${path}`, ...(isReadOnly ? [] : [`write disk ${path}`])]),
  ]);
}
