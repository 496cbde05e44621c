// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { NetworkObstacle } from '../../../native-helper/core/seams/network.ts';
import type { HostCheck } from '#contract/system.ts';
import { inWords } from '../../../native-helper/core/in-words.ts';
import { sayObstacles } from '../../../native-helper/system/network-obstacles.ts';

type Dropped = NetworkObstacle & { readonly kind: 'dropped' };

const dropped: Dropped = {
  kind: 'dropped',
  traffic: 'to-host',
  direction: 'from',
  isOfAll: true,
  family: 'inet',
  table: 'other',
  chain: 'at',
  hook: 'input',
  isCertain: true,
  firewall: 'nftables',
};

test.each<[string, Partial<Dropped>, string | undefined]>([
  ['an input chain', {}, 'sudo nft insert rule inet other at iifname br0 accept'],
  [
    'a forward chain',
    { hook: 'forward' },
    'sudo nft insert rule inet other at iifname br0 accept && sudo nft insert rule inet other at oifname br0 accept',
  ],
  ['an output chain', { hook: 'output', direction: 'to' }, 'sudo nft insert rule inet other at oifname br0 accept'],
  [
    'a chain of the bridge, whose devices are its ports',
    { family: 'bridge', hook: 'prerouting' },
    `sudo nft insert rule bridge other at iifname '"tap-*"' accept`,
  ],
  [
    'a chain that answers from the world pass, which no device tells from others',
    { hook: 'prerouting', direction: 'to' },
    undefined,
  ],
  ['a chain bound to a device', { family: 'netdev', hook: 'ingress' }, undefined],
  ['a name that is no word of a shell', { table: 'x;reboot' }, undefined],
  [
    "a chain of iptables' old tables",
    { family: 'legacy', table: 'mangle', chain: 'INPUT', firewall: 'iptables' },
    'sudo iptables-legacy -I INPUT -t mangle -i br0 -j ACCEPT',
  ],
])('%s has the command that lets the bridge through, where there is one', (_, more, command) => {
  const told = said('br0', [{ ...dropped, ...more }]);
  expect(told.command).toBe(command);
  expect(told).toMatchObject({ state: 'missing', fix: expect.any(String) });
});

test('what is dropped of some instances alone is told as that', () => {
  expect(said('br0', [{ ...dropped, isOfAll: false }]).summary).toMatch(/^Packets of some instances are dropped/);
});

test('old tables that are in use and cannot be listed are said to be unseen, with the way out', () => {
  expect(said('br0', [{ kind: 'unseen', part: 'old rules', reason: 'not installed' }])).toMatchObject({
    state: 'unknown',
    summary: expect.stringContaining('iptables-legacy are in use and could not be checked: not installed'),
    fix: expect.stringContaining('Install iptables'),
  });
});

test('rules that were not followed to their end are not called good', () => {
  const { state, summary, fix } = said('br0', [{ kind: 'too-many-rules' }]);
  expect([state, summary]).toEqual(['unknown', expect.stringMatching(/too many firewall rules/)]);
  expect(fix).toContain('named sets');
});

function said(...args: Parameters<typeof sayObstacles>): HostCheck {
  return inWords<HostCheck>({ id: 'network', ...sayObstacles(...args) });
}
