// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { instanceName, macAddress, timestamp } from '#contract/names.ts';
import { open } from '#contract/open-enum.ts';
import { cpuCount, diskBytes, memoryBytes } from '#contract/units.ts';
import type { MachineSpec } from '../core/seams/machine-spec.ts';
import { architectureRecord, credentialsRecord } from './record-values.ts';
import { hostDiskRecord, machineSecurityRecord } from './security-record.ts';
import { securityIdentities } from './security-tightened.ts';
import type { Identities } from './unknown-keys.ts';

/** Of a kind: far more than any version has places for, and few enough to be read at once. */
const mostDevices = 256;

/** Names QEMU's devices and what belongs to them. */
const deviceId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** Where a device is on PCI buses. */
export const placeRecord = z.object({ bus: deviceId.or(z.literal('pcie.0')), slot: z.int().min(0).max(31) });

const diskRecord = z.object({
  id: deviceId,
  path: z.string(),
  format: open(z.enum(['qcow2', 'raw'])),
  backingPaths: z.array(z.string()).max(mostDevices).readonly(),
  bytes: diskBytes.optional(),
  isReadOnly: z.boolean(),
  place: placeRecord,
});

const nicRecord = z.object({
  id: z.string().regex(/^nic\d{1,2}$/),
  mac: macAddress,
  tap: z.string(),
  place: placeRecord,
});

const hardwareRecord = z.object({
  usesHugepages: z.boolean(),
  usesVhostNet: z.boolean(),
  vfioGroups: z
    .array(z.object({ group: z.int().nonnegative(), place: placeRecord.optional() }))
    .max(mostDevices)
    .readonly(),
  hostDisks: z
    .array(hostDiskRecord.extend({ place: placeRecord.optional() }))
    .max(mostDevices)
    .readonly(),
});

/** A machine as it was started: {@link MachineSpec}, in its stored form. */
export const machineSpecRecord = z.object({
  schema: z.literal(2),
  id: z.string().regex(/^[0-9a-f]{8}$/),
  instance: instanceName,
  uuid: z.uuid(),
  architecture: architectureRecord,
  accelerator: open(z.enum(['kvm', 'tcg'])),
  stamp: z.object({ machineType: z.string(), cpuModel: z.string(), qemuVersion: z.string().optional() }),
  cpus: cpuCount,
  maxCpus: cpuCount,
  memoryBytes,
  memorySlots: z.object({ count: z.int().positive(), maxBytes: memoryBytes }).optional(),
  owner: credentialsRecord,
  disks: z.array(diskRecord).min(1).max(mostDevices).readonly(),
  cdrom: z.object({ path: z.string(), place: placeRecord }),
  nics: z.array(nicRecord).min(1).max(mostDevices).readonly(),
  bootOrder: z
    .array(deviceId)
    .max(2 * mostDevices)
    .readonly(),
  kernel: z.object({ kernelPath: z.string(), initrdPath: z.string(), commandLine: z.string() }).optional(),
  runDirectory: z.string(),
  qmpSocket: z.string(),
  serialSocket: z.string(),
  consoleLog: z.string(),
  log: z.string(),
  security: machineSecurityRecord.optional(),
  hardware: hardwareRecord,
  shareSlots: z.int().nonnegative().optional(),
  memory: z.object({ savePath: z.string(), loadPath: z.string().optional() }).optional(),
});

/** A machine of the instance, and as which process it runs. */
export const machineRecord = z.object({
  spec: machineSpecRecord,
  hostBoot: z.string().optional(),
  process: z.object({ pid: z.int(), startTicks: z.number() }).optional(),
  boot: z.int(),
  /** When it was asked to be paused; gone when it goes on. */
  pausedAt: timestamp.optional(),
});

/** What tells the objects of a specification at `place` of a record apart. */
export function specIdentities(place: string): Identities {
  return {
    [`${place}.disks`]: ['id', 'path'],
    [`${place}.nics`]: ['id', 'mac'],
    ...securityIdentities(`${place}.security`),
    [`${place}.hardware.vfioGroups`]: 'whole',
    [`${place}.hardware.hostDisks`]: 'whole',
  };
}

type Plain<Value> = Value extends string | number | boolean | undefined
  ? Value
  : { readonly [Key in keyof Value]: Plain<Value[Key]> };
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** What is stored is what is typed: neither has a key, or a word, that the other has not. */
true satisfies Same<Plain<z.infer<typeof machineSpecRecord>>, Plain<MachineSpec>>;
