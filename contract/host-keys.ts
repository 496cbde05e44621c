// SPDX-License-Identifier: MIT
/** What tells an instance or an operation from all others of all hosts. Keys are made and taken apart here alone. */
import type { HostId } from './hosts.ts';
import type { InstanceSummary } from './instances.ts';
import type { InstanceName } from './names.ts';
import type { OperationSummary } from './operations.ts';

declare const kind: unique symbol;
export type InstanceKey = string & { readonly [kind]: 'instance' };
export type OperationKey = string & { readonly [kind]: 'operation' };

/** With the host that tells of it. */
export type HostInstance = InstanceSummary & { readonly host: HostId };
export type HostOperation = OperationSummary & { readonly host: HostId };

/** The key of an instance, of which its host knows the name alone; the name may be one that nobody has. */
export function instanceKey(host: HostId, name: string): InstanceKey {
  return `${host}/${name}` as InstanceKey;
}

export function operationKey(host: HostId, id: string): OperationKey {
  return `${host}/${id}` as OperationKey;
}

export function keyOf({ host, name }: Pick<HostInstance, 'host' | 'name'>): InstanceKey {
  return instanceKey(host, name);
}

export function partsOf(key: InstanceKey): { readonly host: HostId; readonly name: InstanceName } {
  const at = key.indexOf('/');
  return { host: key.slice(0, at) as HostId, name: key.slice(at + 1) as InstanceName };
}
