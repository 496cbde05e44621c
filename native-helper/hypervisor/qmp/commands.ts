// SPDX-License-Identifier: MIT
import { z } from 'zod';

const nothing = z.object({});

/** The commands that are used, with the schema of what QEMU answers and how long it may take. */
export const qmpCommands = {
  qmp_capabilities: { result: nothing, timeoutMs: 10_000 },
  'query-status': { result: z.object({ status: z.string(), running: z.boolean() }), timeoutMs: 10_000 },
  // of each disk, where QEMU keeps it: whether what the guest asked of it last failed, and for want of room
  'query-block': {
    result: z.array(z.object({ 'io-status': z.enum(['ok', 'failed', 'nospace']).optional() })),
    timeoutMs: 10_000,
  },
  cont: { result: nothing, timeoutMs: 10_000 },
  stop: { result: nothing, timeoutMs: 10_000 },
  system_powerdown: { result: nothing, timeoutMs: 10_000 },
  system_reset: { result: nothing, timeoutMs: 10_000 },
  'qom-list': { result: z.array(z.object({ name: z.string() })), timeoutMs: 10_000 },
  'query-chardev': { result: z.array(z.object({ label: z.string(), filename: z.string() })), timeoutMs: 10_000 },
  getfd: { result: nothing, timeoutMs: 10_000 },
  closefd: { result: nothing, timeoutMs: 10_000 },
  'chardev-add': { result: nothing, timeoutMs: 10_000 },
  'chardev-remove': { result: nothing, timeoutMs: 10_000 },
  device_add: { result: nothing, timeoutMs: 15_000 },
  device_del: { result: nothing, timeoutMs: 10_000 },
  'migrate-set-capabilities': { result: nothing, timeoutMs: 10_000 },
  'migrate-set-parameters': { result: nothing, timeoutMs: 10_000 },
  migrate: { result: nothing, timeoutMs: 10_000 },
  'migrate-incoming': { result: nothing, timeoutMs: 10_000 },
  migrate_cancel: { result: nothing, timeoutMs: 10_000 },
  'query-migrate': {
    result: z.object({ status: z.string().optional(), 'error-desc': z.string().optional() }),
    timeoutMs: 10_000,
  },
  quit: { result: nothing, timeoutMs: 10_000 },
} as const satisfies Readonly<Record<string, { result: z.ZodType; timeoutMs: number }>>;

export type QmpCommand = keyof typeof qmpCommands;
export type QmpResult<Command extends QmpCommand> = z.output<(typeof qmpCommands)[Command]['result']>;
