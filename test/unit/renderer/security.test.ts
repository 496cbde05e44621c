// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import type { AccessEntry, ConfinementLayer, InstanceSecurity } from '#contract/security.ts';
import { touchGroups } from '../../../renderer/features/instance/security/touch-groups.ts';
import { isListInForce, verdictOf } from '../../../renderer/features/instance/security/verdict.ts';

const layer = (name: ConfinementLayer['layer'], state: ConfinementLayer['state']): ConfinementLayer => ({
  layer: name,
  state,
  evidence: 'seen',
});
const on = layer('uid', 'on');

describe('the verdict', () => {
  it.each([
    ['every layer holds', { layers: [layer('apparmor', 'on'), on] }, 'held'],
    ['one cannot be made here', { layers: [layer('apparmor', 'unavailable'), on] }, 'partly'],
    ['one that could be is off', { layers: [layer('apparmor', 'unavailable'), layer('seccomp', 'off'), on] }, 'open'],
    [
      'the administrator turned AppArmor off',
      { layers: [layer('apparmor', 'off'), on], model: 'none' as const },
      'partly',
    ],
    ['one could not be measured', { layers: [layer('devices', 'unknown'), on] }, 'open'],
    [
      'the profile only reports',
      { layers: [layer('apparmor', 'off'), on], labelMode: 'complain' as const },
      'reporting',
    ],
    [
      'the profile only reports and another layer is open',
      { layers: [layer('apparmor', 'off'), layer('seccomp', 'off'), on], labelMode: 'complain' as const },
      'open',
    ],
    ['nothing runs', { layers: [] }, 'idle'],
  ])('when %s', (_, security, kind) => {
    expect(verdictOf({ model: 'apparmor', ...security }).kind).toBe(kind);
  });

  it('counts what stands and names what does not', () => {
    expect(
      verdictOf({ model: 'none', layers: [layer('apparmor', 'unavailable'), on, layer('limits', 'on')] }),
    ).toMatchObject({ standing: 2, lacking: ['apparmor'] });
  });
});

it('the list of files is in force where it was measured, or would be', () => {
  const settings = (mode: 'enforce' | 'complain') => ({ mode }) as InstanceSecurity['settings'];
  expect(
    isListInForce({ model: 'apparmor', layers: [layer('apparmor', 'on'), on], settings: settings('enforce') }),
  ).toBe(true);
  expect(
    isListInForce({ model: 'apparmor', layers: [layer('apparmor', 'off'), on], settings: settings('complain') }),
  ).toBe(false);
  expect(
    isListInForce({ model: 'none', layers: [layer('apparmor', 'unavailable'), on], settings: settings('enforce') }),
  ).toBe(false);
  expect(isListInForce({ model: 'apparmor', layers: [], settings: settings('enforce') })).toBe(true);
  expect(isListInForce({ model: 'none', layers: [], settings: settings('enforce') })).toBe(false);
});

describe('what a machine can touch', () => {
  const entries: readonly AccessEntry[] = [
    { purpose: 'device', what: '/dev/null', mode: 'rw' },
    { purpose: 'device', what: '/dev/kvm', mode: 'rw' },
    { purpose: 'device', what: '/dev/urandom', mode: 'rw' },
    { purpose: 'granted', what: '/home/mia/a', mode: 'r' },
    { purpose: 'granted', what: '/home/mia/b', mode: 'rw' },
    { purpose: 'image', what: '/images/base', mode: 'r' },
    { purpose: 'disk', what: '/disk', mode: 'rw' },
    { purpose: 'seed', what: '/seed', mode: 'r' },
    { purpose: 'kernel', what: '/kernel', mode: 'r' },
  ];

  it('is told group by group, its disk first, what was given to it last', () => {
    expect(touchGroups(entries).map(({ id, mode, what }) => [id, mode, what])).toEqual([
      ['disk', 'rw', ['/disk']],
      ['image', 'r', ['/images/base']],
      ['start', 'r', ['/seed', '/kernel']],
      ['processor', 'rw', ['/dev/kvm']],
      ['basics', 'rw', ['/dev/null', '/dev/urandom']],
      ['granted', 'rw', ['/home/mia/b']],
      ['granted', 'r', ['/home/mia/a']],
    ]);
  });

  it('is all of it, and nothing that is not', () => {
    expect(
      touchGroups(entries)
        .flatMap(({ what }) => what)
        .toSorted(),
    ).toEqual(entries.map(({ what }) => what).toSorted());
  });
});
