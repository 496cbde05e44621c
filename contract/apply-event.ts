// SPDX-License-Identifier: MIT
import type { EventBody } from './events.ts';
import { changedInstance, withFigures } from './changed-instance.ts';
import { applyImages, keepEqual, type HostView } from './host-view.ts';

type Operations = HostView['operations'];

/** How many operations a view keeps; the helper has the rest. */
const keptOperations = 500;

/**
 * The view after an event. Events carry whole values, so applying one twice does no harm. The window's store and what
 * stands behind it for windows to come, the link's hub, both go by this.
 */
export function applyEvent(view: HostView, body: EventBody): HostView {
  switch (body.topic) {
    case 'instance.changed': {
      const { name } = body.instance;
      const known = view.instances[name];
      return { ...view, instances: { ...view.instances, [name]: keepEqual(known, changedInstance(known, body)) } };
    }
    case 'instance.figures': {
      const known = view.instances[body.name];
      if (!known) return view;
      const instances = { ...view.instances, [body.name]: keepEqual(known, withFigures(known, body)) };
      return { ...view, instances };
    }
    case 'instance.removed':
      return { ...view, instances: without(view.instances, body.name), phases: without(view.phases, body.name) };
    case 'instance.phases':
      return { ...view, phases: { ...view.phases, [body.name]: { boot: body.boot, phases: body.phases } } };
    case 'operation.changed': {
      const { operation } = body;
      const known = view.operations[operation.id];
      if (known !== undefined && known.state !== 'running' && operation.state === 'running') return view;
      return { ...view, operations: prune({ ...view.operations, [operation.id]: operation }) };
    }
    case 'images.outdated': // the link lists them again
      return view;
    case 'images.changed':
      return applyImages(view, body);
    case 'system.changed':
      return view.system === undefined ? view : { ...view, system: { ...body.system, caller: view.system.caller } };
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

function prune(operations: Operations): Operations {
  const all = Object.values(operations);
  if (all.length <= keptOperations) return operations;
  const ended = all
    .filter((operation) => operation.state !== 'running')
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const dropped = new Set<string>(ended.slice(0, all.length - keptOperations).map((operation) => operation.id));
  return Object.fromEntries(Object.entries(operations).filter(([id]) => !dropped.has(id)));
}
