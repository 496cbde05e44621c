// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { applyEvent } from '#contract/apply-event.ts';
import { eventBody, type EventBody } from '#contract/events.ts';
import { instanceKey } from '#contract/host-keys.ts';
import { localHost } from '#contract/hosts.ts';
import { emptyView, type HostsView } from '#contract/hosts-view.ts';
import { instanceSummary, type InstanceSummary } from '#contract/instances.ts';
import { mountSummary, type MountSummary } from '#contract/mounts.ts';
import { changesBetween } from '../../../native-helper/instances/views/changes-between.ts';

const at = '2026-03-01T10:20:30.400Z';

function mount(id: string, more: Partial<MountSummary> = {}): MountSummary {
  return mountSummary.parse({
    id,
    source: '/srv',
    target: `/mnt/${id}`,
    isReadOnly: false,
    type: 'auto',
    uidMaps: [],
    gidMaps: [],
    state: 'connected',
    since: at,
    reconnects: 0,
    bytesToGuest: 0,
    bytesFromGuest: 0,
    bytesPerSecond: 0,
    ...more,
  });
}

function instance(more: object = {}): InstanceSummary {
  const common = { name: 'web', state: 'running', ownerUid: 1000, isOwn: true };
  return instanceSummary.parse({ ...common, image: 'Tiny', cpus: 2, addresses: [], ...more });
}

const flowing = { bytesToGuest: 4096, bytesFromGuest: 1, bytesPerSecond: 2048 };
const idle = mount('aaaaaaaa', { notifications: { told: 0, leftOut: 0 } });
const busy = mount('aaaaaaaa', { ...flowing, notifications: { told: 3, leftOut: 1 } });
const failed = { code: 'operation.interrupted', params: {}, causes: [] };
const denials = { total: 2, undecided: 1, lastAt: at };

/** What an instance may become, each from any other. */
const shapes: Readonly<Record<string, InstanceSummary>> = {
  bare: instance(),
  stopped: instance({ state: 'stopped' }),
  failed: instance({ lastError: failed }),
  refused: instance({ denials }),
  idle: instance({ mounts: [idle, mount('bbbbbbbb')] }),
  busy: instance({ mounts: [busy, mount('bbbbbbbb')] }),
  'busy and failed': instance({ mounts: [busy, mount('bbbbbbbb')], lastError: failed }),
  'without a mount': instance({ mounts: [mount('bbbbbbbb', flowing)] }),
  'not watched': instance({ mounts: [mount('aaaaaaaa'), mount('bbbbbbbb')] }),
  'cannot watch': instance({
    mounts: [mount('aaaaaaaa', { notifications: { told: 0, leftOut: 0, reason: failed as never } }), mount('bbbbbbbb')],
  }),
};

/** As it comes to a client. */
function sent(before: InstanceSummary | undefined, now: InstanceSummary): EventBody[] {
  const { changed, figures } = changesBetween(before, now);
  return [changed, figures].flatMap((body) => (body ? eventBody.parse(JSON.parse(JSON.stringify(body))) : []));
}

function known(before: InstanceSummary, events: readonly EventBody[]): InstanceSummary {
  const key = instanceKey(localHost, 'web');
  const first: HostsView = { ...emptyView, instances: { [key]: { ...before, host: localHost } } };
  const { host: _, ...last } = events.reduce((view, body) => applyEvent(view, localHost, body), first).instances[key]!;
  return last;
}

describe('who is told only what changed', () => {
  for (const [one, before] of Object.entries(shapes))
    for (const [other, now] of Object.entries(shapes))
      test(`knows all when ${one} becomes ${other}`, () => {
        const events = sent(before, now);
        expect(known(before, events)).toEqual(now);
        expect(known(before, [...events, ...events])).toEqual(now);
        expect(events.length > 0).toBe(one !== other);
      });

  test('is told fields that are new, and which are gone', () => {
    expect(sent(shapes['failed'], instance({ addresses: ['10.84.0.2'] }))).toEqual([
      {
        topic: 'instance.changed',
        instance: { name: 'web', state: 'running', ownerUid: 1000, isOwn: true, addresses: ['10.84.0.2'] },
        fields: ['addresses', 'lastError'],
      },
    ]);
  });

  test('is told figures by themselves, beside what else changed', () => {
    const figures = {
      topic: 'instance.figures',
      name: 'web',
      mounts: [
        { id: 'aaaaaaaa', ...flowing, notifications: { told: 3, leftOut: 1 } },
        { id: 'bbbbbbbb', bytesToGuest: 0, bytesFromGuest: 0, bytesPerSecond: 0 },
      ],
    };
    expect(sent(shapes['idle'], instance({ mounts: [busy, mount('bbbbbbbb')] }))).toEqual([figures]);
    expect(sent(shapes['idle'], instance({ mounts: [busy, mount('bbbbbbbb')], lastError: failed }))).toEqual([
      expect.objectContaining({ topic: 'instance.changed', fields: ['lastError'] }),
      figures,
    ]);
  });

  test('is told all of what was never told before', () => {
    expect(sent(undefined, instance())).toEqual([{ topic: 'instance.changed', instance: instance() }]);
  });
});

test('a field that only a later version knows is passed over', () => {
  const told = eventBody.parse({
    topic: 'instance.changed',
    instance: { name: 'web', state: 'stopped', ownerUid: 1000, isOwn: true, weather: 'grey' },
    fields: ['state', 'weather'],
  });
  expect(known(instance({ lastError: failed }), [told])).toEqual(instance({ state: 'stopped', lastError: failed }));
});
