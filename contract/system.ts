// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { accelerator } from './instances.ts';
import { byteCount } from './units.ts';

/** The first call of every connection; any other before it is refused. */
export const helloParams = z.strictObject({ protocol: z.int(), client: z.string().max(80) });
export const helloResult = z.object({ protocol: z.int(), version: z.string(), bootId: z.string() });

/** One thing a person may have to mend before instances run well, with its way out. */
export const hostCheck = z.object({
  id: z.enum(['kvm', 'apparmor', 'qemu', 'network', 'storage']),
  state: z.enum(['good', 'limited', 'missing', 'checking']),
  summary: z.string(),
  fix: z.string().optional(),
});
export type HostCheck = z.infer<typeof hostCheck>;

export const systemInfo = z.object({
  version: z.string(),
  protocol: z.int(),
  bootId: z.string(),
  pid: z.int(),
  architecture: z.enum(['x86_64', 'aarch64']),
  hostCpus: z.int(),
  hostMemoryBytes: byteCount,
  freeDiskBytes: byteCount,
  accelerator: accelerator.optional(),
  qemuVersion: z.string().optional(),
  checks: z.array(hostCheck),
  caller: z.object({ uid: z.int(), gid: z.int() }),
});
export type SystemInfo = z.infer<typeof systemInfo>;
