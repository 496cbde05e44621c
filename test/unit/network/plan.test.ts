// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { NetworkAttachment, NetworkObservation } from '../../../native-helper/core/seams/network.ts';
import { markOf, readLinks, type LinkObservation } from '../../../native-helper/network/links.ts';
import { macFor } from '../../../native-helper/network/mac.ts';
import { planNetwork } from '../../../native-helper/network/reconcile.ts';
import { reserve, type Reservation } from '../../../native-helper/network/reservations.ts';
import { isTapName, tapNameFor } from '../../../native-helper/network/tap-name.ts';

const attachment = (tap: string): NetworkAttachment => ({
  instance: 'calm-otter' as InstanceName,
  mac: macFor(tap),
  tap,
  owner: { uid: 1, gid: 1 },
});
const tapName = fc.nat(20).map((number) => `tap-${number.toString(16).padStart(8, '0')}`);
const taps = fc.uniqueArray(tapName, { maxLength: 10 });
const observation: fc.Arbitrary<NetworkObservation> = fc.record({
  bridge: fc.constantFrom('present', 'absent', 'foreign', 'unknown'),
  dnsmasq: fc.constantFrom('running', 'absent', 'unknown'),
  table: fc.constantFrom('present', 'absent', 'unknown'),
  taps: fc.oneof(taps, fc.constant('unknown' as const)),
  files: fc.constantFrom('present', 'absent'),
});

describe('planNetwork', () => {
  test('removes only what was seen and nobody asked for, makes only what was asked for and not seen', () => {
    fc.assert(
      fc.property(observation, taps, (seen, asked) => {
        const plan = planNetwork(seen, asked.map(attachment));
        for (const tap of plan.tapsToRemove) {
          expect(seen.taps).toContain(tap);
          expect(asked).not.toContain(tap);
        }
        for (const { tap } of plan.tapsToMake) {
          expect(asked).toContain(tap);
          expect(seen.taps).not.toContain(tap);
        }
        if (seen.taps === 'unknown' || seen.bridge === 'unknown')
          expect([...plan.tapsToMake, ...plan.tapsToRemove, plan.isTornDown]).toEqual([false]);
        if (plan.isTornDown) expect(asked).toEqual([]);
      }),
    );
  });

  test('with everything as asked nothing is done; with nothing asked all of ours goes', () => {
    const seen: NetworkObservation = {
      bridge: 'present',
      dnsmasq: 'running',
      table: 'present',
      taps: ['tap-00000001'],
      files: 'present',
    };
    expect(planNetwork(seen, [attachment('tap-00000001')])).toEqual({
      isWanted: true,
      tapsToMake: [],
      tapsToRemove: [],
      isTornDown: false,
    });
    expect(planNetwork(seen, [])).toEqual({
      isWanted: false,
      tapsToMake: [],
      tapsToRemove: ['tap-00000001'],
      isTornDown: true,
    });
    const nothing: NetworkObservation = {
      bridge: 'foreign',
      dnsmasq: 'absent',
      table: 'absent',
      taps: [],
      files: 'absent',
    };
    expect(planNetwork(nothing, []).isTornDown).toBe(false);
    expect(planNetwork({ ...nothing, files: 'present' }, []).isTornDown).toBe(true);
  });
});

describe('readLinks', () => {
  const mark = markOf('mpqemubr0', '/var/lib/berth');
  const other = markOf('mpqemubr0', '/srv/other');
  const bridge = { ifname: 'mpqemubr0', ifalias: mark.alias, linkinfo: { info_kind: 'bridge' } };
  const read = (links: readonly object[], hasRunFiles = false): LinkObservation =>
    readLinks(JSON.stringify(links), mark, hasRunFiles);

  test('a device is ours by name and mark together', () => {
    const links = [
      bridge,
      { ifname: 'tap-00000001', ifalias: mark.alias, master: 'mpqemubr0' },
      { ifname: 'tap-00000002', ifalias: mark.alias },
      { ifname: 'tap-00000003', master: 'mpqemubr0' },
      { ifname: 'tap-00000004', ifalias: mark.alias, master: 'virbr0' },
      { ifname: 'tap-00000005', ifalias: other.alias, master: 'mpqemubr0' },
      { ifname: 'vnet0', ifalias: mark.alias, master: 'mpqemubr0' },
      {},
    ];
    expect(read(links)).toEqual({
      bridge: 'present',
      taps: ['tap-00000001', 'tap-00000002'],
      hasOthers: false,
    });
  });

  test('a bridge whose making was cut short before it got its mark is known by its address', () => {
    const begun = { ifname: 'mpqemubr0', address: mark.mac, linkinfo: { info_kind: 'bridge' } };
    expect(read([begun]).bridge).toBe('present');
    expect(read([{ ...begun, linkinfo: { info_kind: 'dummy' } }]).bridge).toBe('foreign');
    expect(read([{ ...begun, address: other.mac }]).bridge).toBe('foreign');
  });

  test("a device of the bridge's name is foreign without the mark, with another helper's, or of another kind", () => {
    for (const found of [
      { ...bridge, ifalias: undefined },
      { ...bridge, ifalias: 'lxd' },
      { ...bridge, ifalias: other.alias },
      { ...bridge, linkinfo: { info_kind: 'veth' } },
      { ...bridge, linkinfo: undefined },
    ]) {
      expect(read([found]).bridge).toBe('foreign');
    }
    expect(readLinks('[]', mark, true).bridge).toBe('absent');
  });

  test('the mark of earlier helpers, which was one for all, is ours where we know of having made a network', () => {
    const links = [
      { ...bridge, ifalias: 'berth' },
      { ifname: 'tap-00000001', ifalias: 'berth', master: 'mpqemubr0' },
    ];
    expect(read(links, true)).toMatchObject({ bridge: 'present', taps: ['tap-00000001'] });
    expect(read(links, false)).toMatchObject({ bridge: 'foreign', taps: [] });
  });

  test("a bridge of another name is told where another helper's", () => {
    for (const ifalias of ['berth', other.alias])
      expect(read([{ ...bridge, ifname: 'br1', ifalias }]).hasOthers).toBe(true);
    expect(read([{ ...bridge, ifname: 'br1', ifalias: 'berthing place' }]).hasOthers).toBe(false);
  });

  test('what is no list of links is an error, never an empty host', () => {
    for (const output of ['{}', 'null', '[1]', 'Cannot open netlink socket'])
      expect(() => readLinks(output, mark, true)).toThrow();
  });
});

describe('reserve', () => {
  const mac = (number: number): MacAddress => macFor(`instance ${number}`);
  const attachedNone = (): boolean => false;

  test('gives each its own number, the same again, and numbers of the range only', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 300 }), (numbers) => {
        let reservations: readonly Reservation[] = [];
        for (const number of numbers) {
          const known = reservations.find((each) => each.mac === mac(number));
          reservations = reserve(reservations, mac(number), attachedNone);
          const own = reservations.find((each) => each.mac === mac(number));
          if (known) expect(own).toEqual(known);
        }
        const hosts = reservations.map((each) => each.host);
        expect(new Set(hosts).size).toBe(hosts.length);
        for (const host of hosts) expect(host >= 2 && host <= 254).toBe(true);
      }),
    );
  });

  test('takes the oldest idle one back when all are given, never one in use', () => {
    let reservations: readonly Reservation[] = [];
    for (let number = 0; number < 253; number += 1) reservations = reserve(reservations, mac(number), attachedNone);
    const next = reserve(reservations, mac(1000), (each) => each === mac(0));
    expect(next.some((each) => each.mac === mac(0))).toBe(true);
    expect(next.some((each) => each.mac === mac(1))).toBe(false);
    expect(() => reserve(reservations, mac(1000), () => true)).toThrow(
      expect.objectContaining({ code: 'network.setup-failed' }),
    );
  });
});

describe('names', () => {
  test('an instance has one MAC, locally administered, and steps past a taken one', () => {
    const first = macFor('0f8e');
    expect(first).toMatch(/^52:54:00(?::[0-9a-f]{2}){3}$/);
    expect(macFor('0f8e')).toBe(first);
    expect(macFor('0f8e', (each) => each === first)).not.toBe(first);
  });

  test('a tap has the first digits of the id', () => {
    expect(tapNameFor('0F8E1C2A-aaaa-4bbb-8ccc-dddddddddddd')).toBe('tap-0f8e1c2a');
    expect(isTapName(tapNameFor('0123456789'))).toBe(true);
    expect(() => tapNameFor('zz')).toThrow(RangeError);
    for (const name of ['tap-1', 'tap-0000000g', 'tap-000000001', 'tap-00000001 up', 'xtap-00000001'])
      expect(isTapName(name)).toBe(false);
  });
});
