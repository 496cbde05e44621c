// SPDX-License-Identifier: MIT
import { changedInstance, withFigures } from './changed-instance.ts';
import type { EventBody } from './events.ts';
import { instanceKey, operationKey } from './host-keys.ts';
import type { HostId } from './hosts.ts';
import { applyImages, keepEqual, ofHost, type HostsView } from './hosts-view.ts';

type Operations = HostsView['operations'];

/** How many operations of a host a view keeps; the helper has the rest. */
const keptOperations = 500;

/**
 * The view after an event of a host. Events carry whole values, so applying one twice does no harm. The window's store
 * and what stands behind it for windows to come, the link's hub, both go by this.
 */
export function applyEvent(view: HostsView, host: HostId, body: EventBody): HostsView {
  switch (body.topic) {
    case 'instance.changed': {
      const key = instanceKey(host, body.instance.name);
      const known = view.instances[key];
      const instance = keepEqual(known, { host, ...changedInstance(known, body) });
      return { ...view, instances: { ...view.instances, [key]: instance } };
    }
    case 'instance.figures': {
      const key = instanceKey(host, body.name);
      const known = view.instances[key];
      if (!known) return view;
      const instance = keepEqual(known, { host, ...withFigures(known, body) });
      return { ...view, instances: { ...view.instances, [key]: instance } };
    }
    case 'instance.removed': {
      const key = instanceKey(host, body.name);
      return { ...view, instances: without(view.instances, key), phases: without(view.phases, key) };
    }
    case 'instance.phases': {
      const phases = { boot: body.boot, phases: body.phases };
      return { ...view, phases: { ...view.phases, [instanceKey(host, body.name)]: phases } };
    }
    case 'operation.changed': {
      const key = operationKey(host, body.operation.id);
      const known = view.operations[key];
      if (known !== undefined && known.state !== 'running' && body.operation.state === 'running') return view;
      return { ...view, operations: prune({ ...view.operations, [key]: { ...body.operation, host } }, host) };
    }
    case 'images.outdated': // the link lists them again
      return view;
    case 'images.changed':
      return applyImages(view, host, body);
    case 'system.changed': {
      const known = view.systems[host];
      if (known === undefined) return view;
      return { ...view, systems: { ...view.systems, [host]: { ...body.system, caller: known.caller } } };
    }
    default:
      body satisfies never;
      return view;
  }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}

function prune(operations: Operations, host: HostId): Operations {
  const all = ofHost(operations, host);
  if (all.length <= keptOperations) return operations;
  const ended = all
    .filter((operation) => operation.state !== 'running')
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const dropped = new Set(ended.slice(0, all.length - keptOperations));
  return Object.fromEntries(Object.entries(operations).filter(([, operation]) => !dropped.has(operation)));
}
