// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { localHost } from '#contract/hosts.ts';
import type { LinkMessage } from '#contract/desktop.ts';
import { eventBody, type EventBody } from '#contract/events.ts';
import { emptyView } from '#contract/hosts-view.ts';
import { imageRemote } from '#contract/images.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { EventHub } from '../../../electron/link/event-hub.ts';
import { applyMessage, initialState } from '../../../renderer/store/apply-message.ts';
import { event, instance, operation, snapshotOf } from '../renderer/fixtures.ts';

/** The window's state by the messages that a subscription brings. */
class Window {
  state = initialState;
  constructor(hub: EventHub) {
    hub.subscribe((message) => {
      this.state = applyMessage(this.state, message);
    });
  }

  /** What it knows of the host. */
  get known(): object {
    return Object.fromEntries(Object.entries(this.state).filter(([part]) => Object.hasOwn(emptyView, part)));
  }
}

const remote = (name: string) =>
  imageRemote.parse({ name, title: name, kind: 'files', url: 'https://images.example/', isBuiltIn: false, entries: 1 });
const mount: MountSummary = {
  id: '0badcafe',
  source: '/srv',
  target: '/mnt/srv',
  isReadOnly: false,
  type: 'auto',
  uidMaps: [],
  gidMaps: [],
  state: 'connected',
  since: '2026-03-01T10:20:30.400Z',
  reconnects: 0,
  bytesToGuest: 0,
  bytesFromGuest: 0,
};
const first: readonly LinkMessage[] = [
  { host: localHost, kind: 'link', link: { state: 'connected', helperVersion: '0.1.0' } },
  {
    host: localHost,
    kind: 'snapshot',
    snapshot: {
      ...snapshotOf('boot-1', [instance('web', { mounts: [mount] }), instance('db')], [operation('1')]),
      remotes: [remote('ours')],
    },
  },
];
const { caller: _, ...system } = snapshotOf('boot-1', []).system;
const web = instance('web').name;

/** An event of each topic; `null` where the list that changed comes otherwise. */
const samples: Readonly<Record<EventBody['topic'], EventBody | null>> = {
  'instance.changed': { topic: 'instance.changed', instance: instance('web', { state: 'stopped' }) },
  'instance.figures': {
    topic: 'instance.figures',
    name: web,
    mounts: [{ id: mount.id, bytesToGuest: 5, bytesFromGuest: 6, bytesPerSecond: 7 }],
  },
  'instance.removed': { topic: 'instance.removed', name: web },
  'instance.phases': {
    topic: 'instance.phases',
    name: web,
    boot: 3,
    phases: [{ phase: 'kernel', state: 'running' }],
  },
  'operation.changed': { topic: 'operation.changed', operation: operation('1', { state: 'failed' }) },
  'images.outdated': null,
  'images.changed': {
    topic: 'images.changed',
    catalogue: [],
    vault: [],
    remotes: [remote('theirs')],
  },
  'system.changed': { topic: 'system.changed', system: { ...system, hostCpus: 64 } },
};

function connectedHub(): EventHub {
  const hub = new EventHub([localHost]);
  for (const message of first) hub.publish(message);
  return hub;
}

test('there is a sample of every topic', () => {
  expect(Object.keys(samples).sort()).toEqual(eventBody.options.map(({ shape }) => shape.topic.value).sort());
});

for (const [topic, body] of Object.entries(samples)) {
  if (body === null) continue;
  test(`a window that comes after ${topic} knows what one knows that was there`, () => {
    const hub = connectedHub();
    const early = new Window(hub);
    const before = early.known;
    hub.publish({ host: localHost, kind: 'event', event: event(1, body) });
    expect(early.known).not.toEqual(before);
    expect(new Window(hub).known).toEqual(early.known);
  });
}

test('a window that comes after the images were listed knows the remotes', () => {
  const hub = connectedHub();
  const early = new Window(hub);
  const { catalogue } = early.state.images[localHost]!;
  hub.publish({ host: localHost, kind: 'images', images: { catalogue, vault: [], remotes: [remote('new')] } });
  expect(early.state.images[localHost]?.remotes).toMatchObject([{ name: 'new' }]);
  expect(new Window(hub).known).toEqual(early.known);
  // an older helper tells of images without remotes: those that are known stay
  hub.publish({ host: localHost, kind: 'event', event: event(1, { topic: 'images.changed', catalogue, vault: [] }) });
  expect(early.state.images[localHost]?.remotes).toMatchObject([{ name: 'new' }]);
  expect(new Window(hub).known).toEqual(early.known);
});
