// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { MachineEvent } from '../../../native-helper/core/seams/hypervisor.ts';
import { PauseState } from '../../../native-helper/hypervisor/qemu/pause-state.ts';

const at = new Date(1000);
const failed = (isFull: boolean, isPausing = true): MachineEvent => ({ kind: 'disk-failed', isPausing, isFull, at });

function seen(...events: readonly MachineEvent[]): PauseState {
  const state = new PauseState();
  for (const event of events) state.see(event);
  return state;
}

test.each([
  ['no room', [failed(true), { kind: 'stop', at }], 'no-space'],
  ['a disk that fails', [failed(false), { kind: 'stop', at }], 'disk-failed'],
  ['a stop that no disk is the reason of', [{ kind: 'stop', at }], 'other'],
  ['an error that is told to the guest', [failed(true, false)], undefined],
  [
    'an error before the last time that it went on',
    [failed(true), { kind: 'stop', at }, { kind: 'resume', at }, { kind: 'stop', at }],
    'other',
  ],
  ['one that goes on', [failed(true), { kind: 'stop', at }, { kind: 'resume', at }], undefined],
] as const satisfies readonly (readonly [string, readonly MachineEvent[], string | undefined])[])(
  '%s',
  (_, events, reason) => {
    expect(seen(...events).current?.reason).toBe(reason);
  },
);

test('what was asked for is what is, and leaves the time where it is the same', () => {
  const state = seen(failed(true), { kind: 'stop', at });
  state.found('no-space');
  expect(state.current).toEqual({ reason: 'no-space', at });
  state.found(undefined);
  expect(state.current).toBeUndefined();
});
