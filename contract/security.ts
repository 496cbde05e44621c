// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { hostPath } from './mounts.ts';
import { instanceName, timestamp } from './names.ts';

/** A layer of confinement around the running machine, with what was measured. */
export const confinementLayer = z.object({
  layer: z.enum(['apparmor', 'uid', 'capabilities', 'seccomp', 'namespaces', 'private-dev', 'devices', 'limits']),
  state: z.enum(['on', 'off', 'unavailable', 'unknown']),
  evidence: z.string(),
});
export type ConfinementLayer = z.infer<typeof confinementLayer>;

/** `complain`: what the profile refuses is written to the log and let through. The other layers stay as they are. */
export const confinementMode = z.enum(['enforce', 'complain']);
export type ConfinementMode = z.infer<typeof confinementMode>;

/** `r`: read; `rw`: read and write. Nothing can be given the right to be executed. */
export const accessMode = z.enum(['r', 'rw']);
export type AccessMode = z.infer<typeof accessMode>;

/** A file or a device of this computer that a machine may touch beyond what it is made of. */
export const accessGrant = z.object({
  path: hostPath,
  mode: accessMode,
  kind: z.enum(['file', 'device']),
  /** The user with whose rights it was given. */
  grantedBy: z.int(),
  grantedAt: timestamp,
});
export type AccessGrant = z.infer<typeof accessGrant>;

/** A disk of this computer, or a volume, as a disk of the machine. */
const blockDevice = z.object({ path: hostPath, isReadOnly: z.boolean() });

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** QEMU's environment by name; `NAME` alone means an empty value. */
const qemuEnvironment = z.record(z.string().regex(environmentName), z.string().max(4096).refine((text) => !/[\0\n]/.test(text), 'a line of text'));

/** What a person decided on the confinement of one instance. All off and empty is what every instance begins with. */
export const securitySettings = z.object({
  /** Consent to run where the kernel has no AppArmor. */
  isAllowedWithoutAppArmor: z.boolean(),
  mode: confinementMode,
  grants: z.array(accessGrant),
  qemu: z.object({
    /** Appended to QEMU's own, each argument and each value an entry. */
    args: z.array(z.string()),
    env: qemuEnvironment,
  }),
  usesHugepages: z.boolean(),
  usesVhostNet: z.boolean(),
  /** Numbers of /dev/vfio/N; all devices of a group go to the machine. */
  vfioGroups: z.array(z.int().nonnegative()),
  blockDevices: z.array(blockDevice),
});
export type SecuritySettings = z.infer<typeof securitySettings>;

/** One thing of this computer that the machine can touch, from the value that its confinement is made of. */
export const accessEntry = z.object({
  purpose: z.enum([
    'disk', 'image', 'seed', 'kernel', 'firmware', 'program', 'control', 'serial', 'log', 'device', 'network', 'hugepages', 'block-device', 'passthrough', 'granted',
  ]),
  /** A path, a device node, or the name of a network device. */
  what: z.string(),
  mode: accessMode,
});
export type AccessEntry = z.infer<typeof accessEntry>;

/** How an instance is confined, and what was decided on it. */
export const instanceSecurity = z.object({
  name: instanceName,
  /** What names the processes' rights: `none` where the kernel has no AppArmor or the administrator turned it off. */
  model: z.enum(['apparmor', 'none']),
  /** Why the model is none. */
  modelReason: z.string().optional(),
  /** The profile that a machine of this instance enters. */
  profile: z.string(),
  /** The running machine's label as the kernel tells it, such as `multipass.a.qemu-system-x86_64`; and its mode. */
  label: z.string().optional(),
  labelMode: z.enum(['enforce', 'complain', 'unconfined']).optional(),
  /** Measured on the running machine; empty when none runs. */
  layers: z.array(confinementLayer),
  settings: securitySettings,
  access: z.array(accessEntry),
  /** A start is refused until the owner allows it to run without AppArmor. */
  needsConsent: z.boolean(),
  /** The machine runs with other settings: some take effect at its next start. */
  isRestartNeeded: z.boolean(),
});
export type InstanceSecurity = z.infer<typeof instanceSecurity>;

/** What is named is changed, what is absent stays. Lists are replaced as a whole. */
export const setSecurityParams = z.strictObject({
  name: instanceName,
  isAllowedWithoutAppArmor: z.boolean().optional(),
  /** Takes effect at once, also on a machine that runs. */
  mode: confinementMode.optional(),
});
export type SetSecurityParams = z.output<typeof setSecurityParams>;
