// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import { hostPath } from './mounts.ts';
import { instanceName, timestamp } from './names.ts';
import { open } from './open-enum.ts';

/** A layer of confinement around the running machine, with what was measured. */
export const confinementLayer = z.object({
  layer: open(z.enum(['apparmor', 'uid', 'capabilities', 'seccomp', 'namespaces', 'private-dev', 'devices', 'limits'])),
  state: open(z.enum(['on', 'off', 'unavailable', 'unknown'])),
  evidence: z.string(),
});
export type ConfinementLayer = z.infer<typeof confinementLayer>;

/** `complain`: what the profile refuses is written to the log and let through. The other layers stay as they are. */
export const confinementMode = z.enum(['enforce', 'complain']);
export type ConfinementMode = z.infer<typeof confinementMode>;

/** `r`: read; `rw`: read and write. Nothing can be given the right to be executed. */
export const accessMode = z.enum(['r', 'rw']);
export type AccessMode = z.infer<typeof accessMode>;

const grantKind = z.enum(['file', 'device']);

/** A file or a device of this computer that a machine may touch beyond what it is made of. */
export const accessGrant = z.object({
  path: hostPath,
  mode: accessMode,
  kind: grantKind,
  /** The user with whose rights it was given. */
  grantedBy: z.int(),
  grantedAt: timestamp,
  /**
   * Which file was opened with the giver's rights: his group, its inode and its birth. Absent in what earlier versions
   * noted.
   */
  file: z.object({ gid: z.int(), inode: z.string(), born: z.string() }).optional(),
});
export type AccessGrant = z.infer<typeof accessGrant>;

/** A disk of this computer, or a volume, as a disk of the machine. */
const blockDevice = z.object({ path: hostPath, isReadOnly: z.boolean() });

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What ld.so(8) and the C library take from the environment would run before QEMU has locked itself in. */
const isForLoader = (name: string): boolean => /^(?:LD_|GLIBC_TUNABLES$|GCONV_PATH$)/.test(name);

const line = z
  .string()
  .max(4096)
  .refine((text) => !/[\0\n]/.test(text), { error: () => say('invalid.line-of-text') });

/** QEMU's environment by name. */
const qemuEnvironment = z.record(
  z
    .string()
    .max(128)
    .regex(environmentName)
    .refine((name) => !isForLoader(name), { error: () => say('invalid.loader-variable') }),
  line,
);

/** Options that would take away what cannot be switched off for one machine, or bring in more options unseen. */
const refusedOptions = ['sandbox', 'runas', 'run-with', 'chroot', 'daemonize', 'readconfig'];

/** One of QEMU's own arguments (qemu(1)); an option begins with one or two hyphens. */
const qemuArgument = line.refine(
  (text) => !refusedOptions.includes(text.replace(/^--?/, '')) || !text.startsWith('-'),
  { error: () => say('invalid.own-options', { options: refusedOptions.map((name) => `-${name}`).join(', ') }) },
);

/** `NAME=VALUE`, or `NAME` for an empty value; and the canonical form, which is what is kept and told. */
const environmentInput = z.union([
  qemuEnvironment,
  z
    .array(line)
    .transform((entries) =>
      Object.fromEntries(
        entries.map((entry) => {
          const at = entry.indexOf('=');
          return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
        }),
      ),
    )
    .pipe(qemuEnvironment),
]);

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
  /**
   * Who decided on mode, arguments and environment; where nothing stands, the owner did, in a version that let every
   * owner.
   */
  loosenedBy: z.object({ mode: z.int(), args: z.int(), env: z.int() }).partial().optional(),
  usesHugepages: z.boolean(),
  usesVhostNet: z.boolean(),
  /** Numbers of /dev/vfio/N; all devices of a group go to the machine. */
  vfioGroups: z.array(z.int().nonnegative()),
  blockDevices: z.array(blockDevice),
});
export type SecuritySettings = z.infer<typeof securitySettings>;

/** The same as it is told. What is decided on and kept has no values that this version does not know. */
export const toldSecuritySettings = securitySettings.extend({
  mode: open(confinementMode),
  grants: z.array(accessGrant.extend({ mode: open(accessMode), kind: open(grantKind) })),
});

export type ToldSecuritySettings = z.infer<typeof toldSecuritySettings>;
export type ToldGrant = ToldSecuritySettings['grants'][number];

/** One thing of this computer that the machine can touch, from the value that its confinement is made of. */
export const accessEntry = z.object({
  purpose: open(
    z.enum([
      'disk',
      'image',
      'seed',
      'kernel',
      'firmware',
      'program',
      'control',
      'serial',
      'log',
      'device',
      'network',
      'hugepages',
      'memory',
      'block-device',
      'passthrough',
      'granted',
    ]),
  ),
  /** A path, a device node, or the name of a network device. */
  what: z.string(),
  mode: open(accessMode),
});
export type AccessEntry = z.infer<typeof accessEntry>;

/** How an instance is confined, and what was decided on it. */
export const instanceSecurity = z.object({
  name: instanceName,
  /** What names the processes' rights: `none` where the kernel has no AppArmor or the administrator turned it off. */
  model: open(z.enum(['apparmor', 'none'])),
  /** Why the model is none. */
  modelReason: z.string().optional(),
  /** The profile that a machine of this instance enters. */
  profile: z.string(),
  /** The running machine's label as the kernel tells it, such as `multipass.a.qemu-system-x86_64`; and its mode. */
  label: z.string().optional(),
  labelMode: open(z.enum(['enforce', 'complain', 'unconfined'])).optional(),
  /** Measured on the running machine; empty when none runs. */
  layers: z.array(confinementLayer),
  settings: toldSecuritySettings,
  access: z.array(accessEntry),
  /** A start is refused until the owner allows it to run without AppArmor. */
  needsConsent: z.boolean(),
  /** The machine runs with other settings: some take effect at its next start. */
  isRestartNeeded: z.boolean(),
});
export type InstanceSecurity = z.infer<typeof instanceSecurity>;

function areDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

/** What is named is changed, what is absent stays. Lists are replaced as a whole. */
export const setSecurityParams = z.strictObject({
  name: instanceName,
  isAllowedWithoutAppArmor: z.boolean().optional(),
  /** Takes effect at once, also on a machine that runs. */
  mode: confinementMode.optional(),
  /** At the next start. Files that are named here are denied unless they are granted. */
  qemu: z
    .strictObject({
      args: z.array(qemuArgument).max(256).optional(),
      env: environmentInput.optional(),
    })
    .optional(),
  // Hardware comes at the next start. Memory of huge pages is any owner's to ask for; the rest is root's to give.
  usesHugepages: z.boolean().optional(),
  usesVhostNet: z.boolean().optional(),
  vfioGroups: z
    .array(z.int().nonnegative())
    .max(16)
    .refine((groups) => areDistinct(groups), { error: () => say('invalid.group-once') })
    .optional(),
  blockDevices: z
    .array(z.strictObject({ path: hostPath, isReadOnly: z.boolean() }))
    .max(16)
    .refine((disks) => areDistinct(disks.map(({ path }) => path)), { error: () => say('invalid.disk-once') })
    .optional(),
});
export type SetSecurityParams = z.output<typeof setSecurityParams>;

export const grantParams = z.strictObject({
  name: instanceName,
  /** On this computer; a link is followed, with the caller's rights. */
  path: hostPath,
  mode: accessMode,
});
export type GrantParams = z.output<typeof grantParams>;

export const revokeParams = z.strictObject({
  name: instanceName,
  /** As the settings have it. */
  path: hostPath,
});
export type RevokeParams = z.output<typeof revokeParams>;
