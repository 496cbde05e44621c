// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { localHost } from '#contract/hosts.ts';
import type { LinkMessage } from '#contract/desktop.ts';
import { snapshot, type EventBody, type Snapshot } from '#contract/events.ts';
import { EventHub } from '../../../electron/link/event-hub.ts';

const at = '2026-11-22T01:00:00.000Z';
const system = {
  version: '0.1.0',
  protocol: 1,
  bootId: 'a',
  pid: 1,
  architecture: 'x86_64',
  hostCpus: 2,
  hostMemoryBytes: 1,
  freeDiskBytes: 1,
  checks: [],
  caller: { uid: 1000, gid: 1000 },
};
const instance = (name: string, state: string): unknown => ({ name, state, ownerUid: 1000, isOwn: true });
const operation = (index: number, state: string): unknown => ({
  id: `op-${String(index).padStart(10, '0')}`,
  kind: 'start',
  target: 'web',
  ownerUid: 1000,
  state,
  startedAt: at,
  cancellable: false,
});

function parsedSnapshot(instances: readonly unknown[]): Snapshot {
  return snapshot.parse({ instances, operations: [], catalogue: [], vault: [], system });
}

function connectedHub(instances: readonly unknown[] = []): EventHub {
  const hub = new EventHub([localHost]);
  hub.publish({ host: localHost, kind: 'link', link: { state: 'connected', helperVersion: '0.1.0' } });
  hub.publish({ host: localHost, kind: 'snapshot', snapshot: parsedSnapshot(instances) });
  return hub;
}

function event(sequence: number, body: unknown): LinkMessage {
  return { host: localHost, kind: 'event', event: { sequence, at, body: body as EventBody } };
}

/** What a window that comes now is told first. */
function present(hub: EventHub): Snapshot {
  const messages: LinkMessage[] = [];
  hub.subscribe((message) => messages.push(message))();
  const last = messages.at(-1);
  if (last?.kind !== 'snapshot') throw new Error('no snapshot came');
  return last.snapshot;
}

describe('event hub', () => {
  test('tells a new window the link state, and the snapshot only while connected', () => {
    const messages: LinkMessage[] = [];
    const hub = new EventHub([localHost]);
    hub.subscribe((message) => messages.push(message));
    expect(messages).toEqual([{ host: localHost, kind: 'link', link: { state: 'connecting' } }]);

    const connected = connectedHub([instance('web', 'running')]);
    expect(present(connected).instances.map((each) => each.name)).toEqual(['web']);
    connected.publish({
      host: localHost,
      kind: 'link',
      link: { state: 'down', reason: 'lost', path: '/p', detail: 'd' },
    });
    const late: LinkMessage[] = [];
    connected.subscribe((message) => late.push(message));
    expect(late.map((message) => message.kind)).toEqual(['link']);
  });

  test('gives a late window what the events made of the snapshot', () => {
    const hub = connectedHub([instance('web', 'stopped'), instance('db', 'running')]);
    hub.publish(event(2, { topic: 'instance.changed', instance: instance('web', 'running') }));
    hub.publish(event(3, { topic: 'instance.removed', name: 'db' }));
    hub.publish(event(4, { topic: 'instance.changed', instance: instance('new', 'creating') }));
    hub.publish(event(4, { topic: 'instance.changed', instance: instance('new', 'creating') }));
    hub.publish(event(5, { topic: 'system.changed', system: { ...system, hostCpus: 4 } }));
    expect(present(hub).instances.map((each) => `${each.name} ${each.state}`)).toEqual(['web running', 'new creating']);
    expect(present(hub).system).toMatchObject({ hostCpus: 4, caller: { uid: 1000 } });
  });

  test('gives a late window the images that were listed last', () => {
    const hub = connectedHub([instance('web', 'stopped')]);
    const remotes = [{ name: 'ours' }] as unknown as NonNullable<Snapshot['remotes']>;
    hub.publish({ host: localHost, kind: 'images', images: { catalogue: [], vault: [], remotes } });
    expect(present(hub)).toMatchObject({ instances: [{ name: 'web' }], remotes });
  });

  test('keeps running operations and the newest ended ones', () => {
    const hub = connectedHub();
    hub.publish(event(1, { topic: 'operation.changed', operation: operation(0, 'running') }));
    for (let index = 1; index <= 300; index += 1)
      hub.publish(event(index + 1, { topic: 'operation.changed', operation: operation(index, 'succeeded') }));
    const ids = present(hub).operations.map((each) => Number(each.id.slice(3)));
    expect(ids).toHaveLength(101);
    expect(ids[0]).toBe(0);
    expect(ids.at(1)).toBe(201);
    expect(ids.at(-1)).toBe(300);
  });

  test('forgets a window that went', () => {
    const hub = connectedHub();
    const messages: LinkMessage[] = [];
    const stop = hub.subscribe((message) => messages.push(message));
    stop();
    hub.publish({ host: localHost, kind: 'link', link: { state: 'connecting' } });
    expect(messages.map((message) => message.kind)).toEqual(['link', 'snapshot']);
  });
});
