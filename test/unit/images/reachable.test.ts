// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../native-helper/confinement/administrator/policy.ts';
import { isReachable } from '../../../native-helper/images/fetch/reachable.ts';

it.each(['1.1.1.1', '151.101.2.132', '172.15.0.1', '172.32.0.1', '2a04:4e42::644', '64:ff9b::101:101'])(
  '%s is public',
  (address) => {
    expect(isReachable(address, [])).toBe(true);
  },
);

it.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.127.255.255',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'x',
  '',
])('%s is not', (address) => {
  expect(isReachable(address, [])).toBe(false);
});

it('is where the administrator says so', () => {
  expect([
    isReachable('10.1.2.3', ['10.1.0.0/16']),
    isReachable('10.2.2.3', ['10.1.0.0/16']),
    isReachable('fd00::9', ['fd00::/64']),
  ]).toEqual([true, false, true]);
});

describe('policy.conf', () => {
  it('has networks and the proxy, each with a standard', () => {
    expect(parsePolicy('')).toEqual({ networks: [], usesProxy: true, startsAgain: true });
    expect(parsePolicy('image_networks = [ "fd00::/8" ]\nimage_urls_by_proxy = 0\nstart_again = 0')).toEqual({
      networks: ['fd00::/8'],
      usesProxy: false,
      startsAgain: false,
    });
  });

  it.each([
    ['image_network = []', 'line 1: image_network: there is no such setting'],
    ['image_networks = "10.0.0.0/8"', 'a list is needed'],
    ['image_networks = [ "10.0.0.0" ]', 'is no network'],
    ['image_networks = [ "10.0.0.0/33" ]', 'is no network'],
    ['\nimage_urls_by_proxy = 2', 'line 2: image_urls_by_proxy: 0 or 1'],
  ])('refuses %j', (text, message) => {
    expect(() => parsePolicy(text)).toThrow(message);
  });
});
