// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { fingerprint, instanceName, macAddress, timestamp } from '#contract/names.ts';
import { open } from '#contract/open-enum.ts';
import { byteCount, cpuCount, diskBytes, memoryBytes } from '#contract/units.ts';
import { documentKind } from './document.ts';
import { instanceFrom1 } from './instance-steps.ts';
import { machineRecord, placeRecord, specIdentities } from './machine-record.ts';
import { architectureRecord, bootRecord, credentialsRecord, errorRecord } from './record-values.ts';
import { suspendedRecord } from './suspended-record.ts';
import { securityRecord } from './security-record.ts';
import { securityIdentities } from './security-tightened.ts';

/** Files of `host` on this computer are files of `guest` in the guest. */
const idMapRecord = z.object({ host: z.int().nonnegative(), guest: z.int().nonnegative() });

/** A folder of the host in the guest: what was asked for. */
const mountRecord = z.object({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  source: z.string().startsWith('/'),
  target: z.string().min(1),
  isReadOnly: z.boolean(),
  type: open(z.enum(['auto', 'sshfs', 'virtiofs', '9p'])),
  isNotifying: z.boolean().optional(),
  sizeLimitBytes: byteCount.optional(),
  uidMaps: z.array(idMapRecord),
  gidMaps: z.array(idMapRecord),
  /** The user who asked for it and whose rights the guest gets. */
  owner: credentialsRecord,
  /** Whether the target folder was made for it, so that it goes with it. */
  isTargetOurs: z.boolean().optional(),
});
export type MountRecord = z.infer<typeof mountRecord>;

/** Far more than this version takes, and few enough to be told of. */
const mostDescription = 4096;
const mostTags = 256;
const mostTagLength = 256;

/** All that is kept of an instance, one JSON file in its directory. `revision` rises by one with each write. */
export const instanceRecord = z.object({
  schema: z.literal(2),
  revision: z.int().nonnegative(),
  /** Names sockets and the tap; never reused. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  uuid: z.uuid(),
  name: instanceName,
  /** The user it belongs to, and the user its QEMU runs as. */
  owner: credentialsRecord,
  runAs: credentialsRecord,
  createdAt: timestamp,
  /** Set once a launch has come through; a record without it is the remains of a launch. */
  launchedAt: timestamp.optional(),
  deletedAt: timestamp.optional(),
  /**
   * `running` without a machine, of an instance that was launched: it ran when the host went off, and a start is owed
   * to it.
   */
  desired: open(z.enum(['running', 'stopped'])),
  /** What its disk stands on; `diskDigest` is noted at the first start at which it is known. */
  image: z.object({
    fingerprint,
    diskDigest: fingerprint.optional(),
    title: z.string(),
    os: z.string(),
    release: z.string(),
    defaultUser: z.string(),
    architecture: architectureRecord,
  }),
  cpus: cpuCount,
  memoryBytes,
  diskBytes,
  /** The owner's own words on it, one line. */
  description: z.string().max(mostDescription).optional(),
  /** What its owner names it by, together with others. */
  tags: z.array(z.string().max(mostTagLength)).max(mostTags).optional(),
  /** Neither a delete nor a purge takes it. */
  isProtected: z.boolean().optional(),
  mac: macAddress,
  /** `ssh-ed25519 AAAA…`, given to the guest in its seed and pinned from the first connection on. */
  hostKey: z.string(),
  /** The newest boots, oldest first. */
  boots: z.array(bootRecord),
  /**
   * Present from just before a machine's start until its end was noticed; `process` once it is known. `hostBoot` is the
   * boot of the host that it was started in.
   */
  machine: machineRecord.optional(),
  /**
   * Where its devices were at the last start, and where they are at the next. Names are a specification's ids,
   * `host-disk:` and a path, `vfio:` and a group.
   */
  places: z.array(placeRecord.extend({ device: z.string() })).optional(),
  /** Present while it is suspended. */
  suspended: suspendedRecord.optional(),
  /** Folders to have in the guest. Only its owner takes one away; no failure does. */
  mounts: z.array(mountRecord).optional(),
  /** What was decided on its confinement; absent: nothing, which is the strictest. */
  security: securityRecord.optional(),
  lastError: errorRecord.optional(),
});
export type InstanceRecord = z.infer<typeof instanceRecord>;

/** Without a machine an earlier helper can use it, and is given it so. */
export const instanceDocument = documentKind(instanceRecord, {
  steps: [instanceFrom1],
  leastSchema: ({ machine }) => (machine ? 2 : 1),
  identities: {
    boots: ['number'],
    'boots.phases': ['phase'],
    machine: ['boot'],
    ...specIdentities('machine.spec'),
    places: ['device'],
    ...specIdentities('suspended.spec'),
    'suspended.files': ['id'],
    mounts: ['id'],
    'mounts.uidMaps': ['host'],
    'mounts.gidMaps': ['host'],
    ...securityIdentities('security'),
    lastError: 'whole',
  },
});

/** What must not be shown: kept in a file of its own, mode 0600. */
const instanceSecrets = z.object({ schema: z.literal(1), privateKey: z.string() });
export type InstanceSecrets = z.infer<typeof instanceSecrets>;
export const secretsDocument = documentKind(instanceSecrets);
