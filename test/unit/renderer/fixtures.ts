// SPDX-License-Identifier: MIT
import { instanceKey, type InstanceKey } from '#contract/host-keys.ts';
import { localHost, type HostId } from '#contract/hosts.ts';
import type { HelperEvent, Snapshot } from '#contract/events.ts';
import { eventBody, snapshot, type EventBody } from '#contract/events.ts';
import { instanceSummary, type InstanceSummary } from '#contract/instances.ts';
import { operationSummary, type OperationSummary } from '#contract/operations.ts';

/** What the link of this computer tells. */
export function told<Message extends object>(message: Message): Message & { readonly host: HostId } {
  return { ...message, host: localHost };
}

/** The key of an instance of this computer. */
export function key(name: string): InstanceKey {
  return instanceKey(localHost, name);
}

/** Values that went through the contract's schemas, so that a test cannot drift from the wire. */
export function instance(name: string, rest: Readonly<Record<string, unknown>> = {}): InstanceSummary {
  return instanceSummary.parse({ name, state: 'running', ownerUid: 1000, isOwn: true, ...rest });
}

export function operation(id: string, rest: Readonly<Record<string, unknown>> = {}): OperationSummary {
  return operationSummary.parse({
    id: `op-${id.padStart(10, '0')}`,
    kind: 'start',
    target: 'web',
    ownerUid: 1000,
    state: 'running',
    startedAt: '2026-01-01T00:00:00.000Z',
    cancellable: true,
    ...rest,
  });
}

export function snapshotOf(
  bootId: string,
  instances: readonly InstanceSummary[],
  operations: readonly OperationSummary[] = [],
): Snapshot {
  return snapshot.parse({
    instances,
    operations,
    catalogue: [],
    vault: [],
    system: {
      version: '0.1.0',
      protocol: 1,
      bootId,
      pid: 1,
      architecture: 'x86_64',
      hostCpus: 2,
      hostMemoryBytes: 8 * 1024 ** 3,
      freeDiskBytes: 1024 ** 4,
      checks: [],
      caller: { uid: 1000, gid: 1000 },
    },
  });
}

export function event(sequence: number, body: EventBody): HelperEvent {
  return { sequence, at: '2026-01-01T00:00:01.000Z', body: eventBody.parse(body) };
}
