// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { instanceKey } from '#contract/host-keys.ts';
import { hostId, localHost, type HostId } from '#contract/hosts.ts';
import type { LinkMessage } from '#contract/desktop.ts';
import { applyMessage, initialState, type BerthState } from '../../../renderer/store/apply-message.ts';
import { event, instance, key, operation, snapshotOf } from './fixtures.ts';

function after(messages: readonly LinkMessage[], from: BerthState = initialState): BerthState {
  return messages.reduce(applyMessage, from);
}

const connected: LinkMessage = { host: localHost, kind: 'link', link: { state: 'connected', helperVersion: '0.1.0' } };
const lost: LinkMessage = {
  host: localHost,
  kind: 'link',
  link: { state: 'down', reason: 'lost', path: '/run/berth/helper.sock', detail: 'closed' },
};
const first: LinkMessage = {
  host: localHost,
  kind: 'snapshot',
  snapshot: snapshotOf('boot-1', [instance('web'), instance('db', { state: 'stopped' })]),
};
const changed = (sequence: number, name: string, state: string): LinkMessage => ({
  host: localHost,
  kind: 'event',
  event: event(sequence, { topic: 'instance.changed', instance: instance(name, { state }) }),
});

const gone = (sequence: number, name: string): LinkMessage => ({
  host: localHost,
  kind: 'event',
  event: event(sequence, { topic: 'instance.removed', name: instance(name).name }),
});

describe('what an instance was refused', () => {
  const refused = (sequence: number, total: number, undecided: number): LinkMessage => ({
    host: localHost,
    kind: 'event',
    event: event(sequence, {
      topic: 'instance.changed',
      instance: instance('web', { denials: { total, undecided, lastAt: '2026-01-01T00:00:00.000Z' } }),
    }),
  });

  it('is told once for however many things, and not again by a decision or a repetition', () => {
    const told = after([connected, first, refused(1, 1, 1), refused(2, 3, 3)]);
    expect(told.notices).toMatchObject([
      { id: 'denials-local/web', instance: key('web'), tab: 'security', message: expect.stringContaining('3') },
    ]);
    const decided = after([refused(3, 3, 2), refused(4, 3, 2)], { ...told, notices: [] });
    expect(decided.notices).toEqual([]);
  });

  it('is not told of what was there when the window came', () => {
    expect(
      after([
        connected,
        {
          host: localHost,
          kind: 'snapshot',
          snapshot: snapshotOf('boot-1', [
            instance('web', { denials: { total: 2, undecided: 2, lastAt: '2026-01-01T00:00:00.000Z' } }),
          ]),
        },
        refused(1, 2, 2),
      ]).notices,
    ).toEqual([]);
  });
});

describe('applyMessage', () => {
  it('takes a snapshot and then events', () => {
    const state = after([connected, first, changed(1, 'web', 'stopping'), changed(2, 'web', 'stopped')]);
    expect(state.links[localHost]?.hasSnapshot).toBe(true);
    expect(state.instances[key('web')]?.state).toBe('stopped');
    expect(state.positions[localHost]?.lastSequence).toBe(2);
  });

  it('ignores a replay of what it has seen', () => {
    const state = after([connected, first, changed(1, 'web', 'stopping'), changed(2, 'web', 'stopped')]);
    expect(applyMessage(state, changed(1, 'web', 'stopping'))).toBe(state);
    expect(applyMessage(state, changed(2, 'web', 'stopped'))).toBe(state);
  });

  it('keeps the last known instances while the link is down, and goes on with replayed events after', () => {
    const down = after([connected, first, changed(1, 'web', 'stopping'), lost]);
    expect(down.links[localHost]?.link.state).toBe('down');
    expect(Object.keys(down.instances)).toEqual([key('web'), key('db')]);
    const back = after(
      [connected, changed(1, 'web', 'stopping'), changed(2, 'web', 'stopped'), changed(3, 'db', 'running')],
      down,
    );
    expect(back.instances[key('web')]?.state).toBe('stopped');
    expect(back.instances[key('db')]?.state).toBe('running');
  });

  it('begins to count again with another helper', () => {
    const old = after([connected, first, changed(900, 'web', 'stopped'), lost]);
    const second: LinkMessage = {
      host: localHost,
      kind: 'snapshot',
      snapshot: snapshotOf('boot-2', [instance('web')]),
    };
    const state = after([connected, second, changed(1, 'web', 'stopping')], old);
    expect(state.instances[key('web')]?.state).toBe('stopping');
    expect(state.instances[key('db')]).toBeUndefined();
  });

  it('keeps the identity of an instance that did not change, so that its row is not drawn again', () => {
    const before = after([connected, first]);
    const again = after([first, changed(1, 'db', 'running')], before);
    expect(again.instances[key('web')]).toBe(before.instances[key('web')]);
    expect(again.instances[key('db')]).not.toBe(before.instances[key('db')]);
  });

  it('forgets a removed instance and its phases', () => {
    const state = after([
      connected,
      first,
      {
        host: localHost,
        kind: 'event',
        event: event(1, {
          topic: 'instance.phases',
          name: instance('web').name,
          boot: 3,
          phases: [{ phase: 'kernel', state: 'running' }],
        }),
      },
      { host: localHost, kind: 'event', event: event(2, { topic: 'instance.removed', name: instance('web').name }) },
    ]);
    expect(state.instances[key('web')]).toBeUndefined();
    expect(state.phases[key('web')]).toBeUndefined();
  });

  it('tells instances of one name on two hosts apart', () => {
    const other = hostId.parse('other');
    const of = (host: HostId, message: LinkMessage): LinkMessage => ({ ...message, host }) as LinkMessage;
    const theirs = [connected, first, changed(7, 'web', 'stopping')].map((message) => of(other, message));
    const state = after([connected, first, changed(1, 'db', 'running'), ...theirs]);
    const web = instanceKey(other, 'web');
    expect(state.instances[key('web')]).toMatchObject({ host: localHost, state: 'running' });
    expect(state.instances[web]).toMatchObject({ host: other, state: 'stopping' });
    const removed = after([of(other, gone(8, 'web'))], state);
    expect(removed.instances[web]).toBeUndefined();
    expect(removed.instances[key('web')]).toBe(state.instances[key('web')]);
    // another snapshot of one host is none of the other's
    expect(after([first], removed).instances[instanceKey(other, 'db')]).toBe(
      removed.instances[instanceKey(other, 'db')],
    );
  });

  it('keeps who asks when the system changes', () => {
    const { caller: _, ...system } = snapshotOf('boot-1', []).system;
    const state = after([
      connected,
      first,
      {
        host: localHost,
        kind: 'event',
        event: event(1, { topic: 'system.changed', system: { ...system, accelerator: 'tcg' } }),
      },
    ]);
    expect(state.systems[localHost]?.accelerator).toBe('tcg');
    expect(state.systems[localHost]?.caller.uid).toBe(1000);
  });
});

describe('notices', () => {
  const ended = (sequence: number, rest: Readonly<Record<string, unknown>>): LinkMessage => ({
    host: localHost,
    kind: 'event',
    event: event(sequence, {
      topic: 'operation.changed',
      operation: operation('1', {
        state: 'succeeded',
        endedAt: '2026-01-01T00:00:09.000Z',
        cancellable: false,
        ...rest,
      }),
    }),
  });

  it('tells of an operation that ended, once', () => {
    const state = after([connected, first, ended(1, {}), ended(2, {})]);
    expect(state.notices.map((notice) => notice.title)).toEqual(['web is running']);
  });

  it('is silent about what had ended before the window came, and about other users', () => {
    const known: LinkMessage = {
      host: localHost,
      kind: 'snapshot',
      snapshot: snapshotOf('boot-1', [], [operation('1', { state: 'succeeded', endedAt: '2026-01-01T00:00:09.000Z' })]),
    };
    expect(after([connected, known, ended(1, {})]).notices).toEqual([]);
    expect(after([connected, first, ended(1, { ownerUid: 1001 })]).notices).toEqual([]);
  });

  it('leads to the console of what failed on its way up, and of nothing else', () => {
    const failed = (error: object): LinkMessage =>
      ended(1, { state: 'failed', error: { params: { name: 'web' }, causes: [], ...error } });
    const isBootFailure = (error: object) => after([connected, first, failed(error)]).notices[0]?.isBootFailure;
    expect(isBootFailure({ code: 'guest.boot-timeout', phase: 'sshd' })).toBe(true);
    expect(isBootFailure({ code: 'hypervisor.exited', consoleTail: ['panic'] })).toBe(true);
    expect(isBootFailure({ code: 'instance.protected' })).toBeUndefined();
  });

  it('offers to undo a delete until it is recovered', () => {
    const deleted = after([connected, first, ended(1, { kind: 'delete' })]);
    expect(deleted.notices[0]).toMatchObject({ undoneBy: 'recover', instance: key('web') });
    const recovered = after(
      [
        {
          host: localHost,
          kind: 'event',
          event: event(2, {
            topic: 'operation.changed',
            operation: operation('2', { kind: 'recover', state: 'succeeded' }),
          }),
        },
      ],
      deleted,
    );
    expect(recovered.notices.map((notice) => notice.title)).toEqual(['web was recovered']);
  });

  it('tells the last of an instance alone, and keeps what failed', () => {
    const started = after([
      connected,
      first,
      ended(1, { id: 'op-0000000011' }),
      ended(2, { id: 'op-0000000012', state: 'failed' }),
      ended(3, { id: 'op-0000000013', kind: 'stop' }),
      ended(4, { id: 'op-0000000014', target: 'db' }),
    ]);
    expect(started.notices.map(({ tone, title }) => `${tone} ${title}`)).toEqual([
      'bad Could not start web',
      'good web is stopped',
      'good db is running',
    ]);
  });

  it('says why an operation failed and what to do, and keeps errors when notices crowd', () => {
    const failed = after([
      connected,
      first,
      ended(1, { state: 'failed', error: { code: 'guest.ssh-timeout', params: { seconds: 120 }, causes: [] } }),
    ]);
    expect(failed.notices[0]).toMatchObject({
      tone: 'bad',
      message: "The guest's SSH server did not respond within 120 s.",
      hint: 'Open the console to see how far it got.',
    });
    const crowd = after(
      Array.from({ length: 9 }, (_, index) =>
        ended(index + 2, { id: `op-${String(index + 10).padStart(10, '0')}`, target: `web-${index}` }),
      ),
      failed,
    );
    expect(crowd.notices).toHaveLength(5);
    expect(crowd.notices.some((notice) => notice.tone === 'bad')).toBe(true);
  });

  it('does not let a late report of a running operation undo its end', () => {
    const state = after([
      connected,
      first,
      ended(1, {}),
      { host: localHost, kind: 'event', event: event(2, { topic: 'operation.changed', operation: operation('1') }) },
    ]);
    expect(Object.values(state.operations)[0]?.state).toBe('succeeded');
  });
});
