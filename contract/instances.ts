// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import { denialCounts } from './denials.ts';
import { helperErrorData } from './errors.ts';
import { architecture } from './images.ts';
import { mountSummary } from './mounts.ts';
import { fingerprint, imageAlias, instanceName, macAddress, operationId, timestamp } from './names.ts';
import { networkFault } from './network-faults.ts';
import { open } from './open-enum.ts';
import { operationKind, phaseRecord } from './operations.ts';
import { isShortened } from './pages.ts';
import { instancePause } from './pause.ts';
import { confinementLayer, instanceSecurity, toldSecuritySettings } from './security.ts';
import { byteCount, cpuCount, diskBytes, memoryBytes } from './units.ts';
import { largestUserDataBytes } from './user-data.ts';

export const instanceState = z.enum([
  'creating',
  'starting',
  'running',
  'stopping',
  'stopped',
  'restarting',
  'paused',
  'suspended',
  'deleted',
  'unknown',
  'broken',
]);
export type InstanceState = z.infer<typeof instanceState>;

export const accelerator = z.enum(['kvm', 'tcg']);
export type Accelerator = z.infer<typeof accelerator>;

/** What everyone in the helper's group may know of an instance. */
export const instanceSummary = z.object({
  name: instanceName,
  state: open(instanceState),
  ownerUid: z.int(),
  /** False for an instance of another user: the fields below are then absent. */
  isOwn: z.boolean(),
  image: z.string().optional(),
  addresses: z.array(z.string()).optional(),
  /** Of a machine that runs what it was started with. */
  cpus: cpuCount.optional(),
  memoryBytes: memoryBytes.optional(),
  diskBytes: diskBytes.optional(),
  /** What was set since its machine was started, and is something else. */
  atNextStart: z.object({ cpus: cpuCount.optional(), memoryBytes: memoryBytes.optional() }).optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  /** Neither delete nor purge takes it. */
  isProtected: z.boolean().optional(),
  accelerator: open(accelerator).optional(),
  createdAt: timestamp.optional(),
  startedAt: timestamp.optional(),
  deletedAt: timestamp.optional(),
  /** Why QEMU holds its machine, while it does; the state is `paused` then, unless an operation is under way. */
  pause: instancePause.optional(),
  /** Its memory is on the disk since then, and how much that takes. */
  suspended: z.object({ at: timestamp, memoryBytes: byteCount }).optional(),
  /** The operation under way. */
  operation: z.object({ id: operationId, kind: open(operationKind) }).optional(),
  /** Why the last launch, start or stop failed; cleared by the next that works. */
  lastError: helperErrorData.optional(),
  /** Folders of this computer in the instance. */
  mounts: z.array(mountSummary).optional(),
  /** What was decided on its confinement; how it is confined in fact is told by `instances.security`. */
  security: toldSecuritySettings.optional(),
  /** How much its confinement refused; absent while nothing was. `denials.list` tells what. */
  denials: denialCounts.optional(),
  /** Why the record cannot be read, for a broken instance. */
  brokenReason: z.string().optional(),
  /** The way out of that. */
  brokenHint: z.string().optional(),
  isShortened,
});
export type InstanceSummary = z.infer<typeof instanceSummary>;

/** One boot of an instance and its console. */
export const bootRecord = z.object({
  number: z.int().positive(),
  startedAt: timestamp,
  endedAt: timestamp.optional(),
  phases: z.array(phaseRecord),
});
export type BootRecord = z.infer<typeof bootRecord>;

export const instanceDetails = instanceSummary.extend({
  architecture: open(architecture).optional(),
  imageTitle: z.string().optional(),
  imageFingerprint: fingerprint.optional(),
  defaultUser: z.string().optional(),
  macAddress: macAddress.optional(),
  hostName: z.string().optional(),
  /**
   * What stands between it and its network at the moment, while it runs; empty where nothing does, absent where that
   * could not be seen.
   */
  networkFaults: z.array(open(networkFault)).optional(),
  /** What the instance's own disk takes on the host. */
  diskUsedBytes: byteCount.optional(),
  pid: z.int().optional(),
  memoryResidentBytes: byteCount.optional(),
  boots: z.array(bootRecord).optional(),
  confinement: z.array(confinementLayer).optional(),
  /** What names its machine's rights, as the kernel tells it; all of its security is told by `instances.security`. */
  label: instanceSecurity
    .pick({ model: true, modelReason: true, profile: true, label: true, labelMode: true, needsConsent: true })
    .optional(),
});
export type InstanceDetails = z.infer<typeof instanceDetails>;

export const launchParams = z.strictObject({
  /** Chosen by the helper when absent. */
  name: instanceName.optional(),
  /** An alias of the catalogue or a fingerprint (or its first 12 digits or more). */
  image: z.union([imageAlias, fingerprint], { error: () => say('invalid.image-name') }),
  cpus: cpuCount.optional(),
  memoryBytes: memoryBytes.optional(),
  diskBytes: diskBytes.optional(),
  /** The user's own cloud-init user data, as the bytes it is: the guest's cloud-init gets these and no others. */
  userDataBase64: z
    .base64()
    .max(4 * Math.ceil(largestUserDataBytes / 3))
    .optional(),
  /** The same for a document that is text; of the two one is given. */
  userData: z
    .string()
    .max(256 * 1024)
    .optional(),
  timeZone: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]{1,64}$/)
    .optional(),
  /** How long lease and SSH may each take; a phase that moves is not cut short. */
  timeoutSeconds: z.int().min(5).max(3600).optional(),
  /** Consent to run this instance where the kernel has no AppArmor; remembered. */
  isAllowedWithoutAppArmor: z.boolean().optional(),
});
export type LaunchParams = z.output<typeof launchParams>;

export const operationAccepted = z.object({
  operationId,
  target: z.string(),
  /** The number of the event before the operation's first: replay from here misses nothing. */
  sequence: z.int(),
  /** What the user should know of what was asked for, a sentence each: it is done all the same. */
  warnings: z.array(z.string()).optional(),
});
export type OperationAccepted = z.infer<typeof operationAccepted>;
