// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostPrefixes } from '../../../native-helper/network/host-prefixes.ts';
import { formatIpv4, overlaps, parseIpv4, parsePrefix } from '../../../native-helper/network/ipv4.ts';
import { addressIn, chooseSubnet, toSubnet } from '../../../native-helper/network/subnet.ts';

// 40 of /14 cannot fill 10.0.0.0/8
const prefix = fc
  .tuple(fc.nat(2 ** 24 - 1), fc.integer({ min: 14, max: 32 }))
  .map(([low, length]) => `${formatIpv4(10 * 2 ** 24 + low)}/${length}`);
const range = (text: string) => parsePrefix(text) ?? { first: 0, last: -1 };

describe('chooseSubnet', () => {
  test('never overlaps a used prefix, stays in 10.0.0.0/8 and is the same each time', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(prefix, { maxLength: 40 }), (seed, used) => {
        const chosen = chooseSubnet({ seed, used });
        expect(used.some((each) => overlaps(range(each), range(chosen.prefix)))).toBe(false);
        expect(overlaps(range(chosen.prefix), range('10.0.0.0/8'))).toBe(true);
        expect(chooseSubnet({ seed, used: used.toReversed() })).toEqual(chosen);
      }),
    );
  });

  test('keeps the remembered one while it is free and leaves it when it is not', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.string(), (second, third, seed) => {
        const remembered = `10.${second}.${third}.0/24`;
        expect(chooseSubnet({ seed, used: [], remembered }).prefix).toBe(remembered);
        expect(chooseSubnet({ seed, used: [`10.${second}.${third}.77`], remembered }).prefix).not.toBe(remembered);
      }),
    );
  });

  test('halves of the whole world by which VPNs replace the default route take nothing', () => {
    expect(chooseSubnet({ seed: 'x', used: ['0.0.0.0/1', '128.0.0.0/1', '0.0.0.0/0'] })).toEqual(
      chooseSubnet({ seed: 'x', used: [] }),
    );
  });

  test('takes a usual pool only where nothing else is left, and then says that nothing is', () => {
    const allBut = (free: string): string[] =>
      Array.from({ length: 256 }, (_, second) => `10.${second}.0.0/16`).filter((each) => each !== free);
    expect(chooseSubnet({ seed: 'x', used: allBut('10.96.0.0/16') }).prefix).toMatch(/^10\.96\./);
    expect(() => chooseSubnet({ seed: 'x', used: ['10.0.0.0/8'] })).toThrow(
      expect.objectContaining({ code: 'network.subnet-exhausted' }),
    );
  });

  test('hosts with other seeds mostly choose other subnets', () => {
    const chosen = new Set(
      Array.from({ length: 200 }, (_, index) => chooseSubnet({ seed: `host ${index}`, used: [] }).prefix),
    );
    expect(chosen.size).toBeGreaterThan(190);
  });
});

test('a subnet comes of a private /24 only', () => {
  expect(toSubnet('10.4.5.1/24')).toEqual({ prefix: '10.4.5.0/24', gateway: '10.4.5.1' });
  for (const other of ['10.4.5.0/23', '192.168.1.0/24', '10.4.5.0', 'default', '', '10.4.5.0/24/24', '10.4.5.999/24'])
    expect(toSubnet(other)).toBeUndefined();
  expect(addressIn({ prefix: '10.4.5.0/24', gateway: '10.4.5.1' }, 200)).toBe('10.4.5.200');
});

test('addresses are read and written alike', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), (address) => {
      expect(parseIpv4(formatIpv4(address))).toBe(address);
    }),
  );
  for (const text of ['1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', '1.2.3.-4', ' 1.2.3.4', '1.2.3.4\n'])
    expect(parseIpv4(text)).toBeUndefined();
});

test("the prefixes of the host are those of all tables and devices but ours, and its resolvers'", () => {
  const prefixes = hostPrefixes(
    {
      routes: JSON.stringify([
        { dst: 'default', gateway: '192.168.1.1', dev: 'eth0' },
        { dst: '10.8.0.0/24', dev: 'tun0', table: '51820' },
        { dst: '10.5.5.0/24', dev: 'mpqemubr0' },
        { type: 'unreachable', dst: '10.9.0.0/16' },
      ]),
      addresses: JSON.stringify([
        { ifname: 'eth0', addr_info: [{ local: '192.168.1.7', prefixlen: 24 }] },
        { ifname: 'mpqemubr0', addr_info: [{ local: '10.5.5.1', prefixlen: 24 }] },
        {},
      ]),
      resolvConf: '# nameserver 10.1.1.1\nnameserver 10.2.3.4\n nameserver fe80::1\nsearch example.org\n',
    },
    'mpqemubr0',
  );
  expect(prefixes.toSorted()).toEqual(['10.2.3.4/24', '10.8.0.0/24', '10.9.0.0/16', '192.168.1.7/24']);
  expect(hostPrefixes({ routes: '', addresses: '\n', resolvConf: '' }, 'mpqemubr0')).toEqual([]);
});
