// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import type { MacAddress } from '#contract/names.ts';
import { dnsmasqConfig, dnsmasqHosts, leaseScript } from '../../../native-helper/network/dnsmasq-config.ts';
import { bridgeCommands, removalCommands, tapCommands } from '../../../native-helper/network/link-commands.ts';
import { markOf } from '../../../native-helper/network/links.ts';
import { NetworkFiles } from '../../../native-helper/network/network-files.ts';
import { removal, ruleset } from '../../../native-helper/network/nftables.ts';
import { Files } from '../../../native-helper/store/files.ts';

const subnet = { prefix: '10.9.8.0/24', gateway: '10.9.8.1' };
const ports = [
  { tap: 'tap-0000000a', mac: '52:54:00:aa:00:01' as MacAddress, address: '10.9.8.7' },
  { tap: 'tap-0000000b', mac: '52:54:00:aa:00:02' as MacAddress, address: '10.9.8.8' },
];

describe('the rules', () => {
  const text = ruleset('mpqemubr0', subnet, ports);
  const chain = (name: string): string =>
    new RegExp(String.raw`chain ${name} \{([^}]*(?:\{[^}]*\}[^}]*)*?)\n {2}\}`).exec(text)?.[1] ?? '';

  test('touch no table but ours, and replace both in one text', () => {
    const tables = [...text.matchAll(/^(?:add |delete )?table (\w+ \w+)/gm)].map((match) => match[1]);
    expect(new Set(tables)).toEqual(new Set(['inet berth', 'netdev berth_ports']));
    expect(text.indexOf('delete table inet berth')).toBeLessThan(text.indexOf('table inet berth {'));
    expect(text).not.toContain('flush ruleset');
  });

  test('leave all other traffic alone: every base chain of inet accepts, and every other rule names the bridge or its subnet', () => {
    expect(
      [...text.matchAll(/type (?:filter|nat) hook (?:input|forward|postrouting)[^\n]*policy (\w+)/g)].map(
        (match) => match[1],
      ),
    ).toEqual(['accept', 'accept', 'accept']);
    for (const name of ['input', 'forward', 'postrouting']) {
      const rules = chain(name)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('type '));
      expect(rules.length).toBeGreaterThan(0);
      for (const rule of rules) expect(rule).toMatch(/[io]ifname "mpqemubr0"|ip saddr 10\.9\.8\.0\/24/);
    }
  });

  test('let a guest out of its port with its own MAC and address only', () => {
    for (const port of ports) {
      const rules = chain(port.tap.replace('-', '_'));
      expect(rules).toContain(`device "${port.tap}"`);
      expect(rules).toContain('policy drop');
      expect(rules).toContain(`ether saddr != ${port.mac} drop`);
      expect(rules).toContain(`arp saddr ip { 0.0.0.0, ${port.address} } accept`);
      for (const other of ports)
        if (other !== port) expect(rules).not.toMatch(new RegExp(`${other.mac}|${other.address}`));
    }
  });

  test('let guests ask the host for addresses, names and echo, and for nothing new besides', () => {
    const accepts = chain('from_guests')
      .split('\n')
      .filter((line) => line.includes('accept'));
    expect(accepts.filter((line) => /dport (?:67|53)|icmp type echo-request|ct state established/.test(line))).toEqual(
      accepts,
    );
    expect(chain('from_guests').trim().split('\n').at(-1)).toContain('reject');
  });

  test('are valid without guests, and their removal names both tables', () => {
    expect(ruleset('mpqemubr0', subnet, [])).not.toContain('device');
    expect(removal('mpqemubr0')).toMatch(/delete table inet berth\n[^]*delete table netdev berth_ports\n/);
  });
});

describe('the devices', () => {
  test('carry our mark, have fixed addresses and one owner', () => {
    const mark = markOf('mpqemubr0', '/var/lib/berth');
    const bridge = bridgeCommands(mark, subnet).join('\n');
    expect(bridge).toMatch(/stp_state 0/);
    expect(bridge).toMatch(/forward_delay 0/);
    expect(bridge).toMatch(/alias berth:[0-9a-f]{12}$/m);
    expect(bridge).toMatch(/address 52:54:00:/);
    expect(bridgeCommands(markOf('mpqemubr0', '/var/lib/berth'), subnet)).toEqual(bridgeCommands(mark, subnet));
    expect(bridgeCommands(markOf('mpqemubr0', '/other'), subnet)).not.toEqual(bridgeCommands(mark, subnet));
    const tap = tapCommands(mark, 'tap-0000000a', 1234).join('\n');
    expect(tap).toMatch(/user 1234 vnet_hdr/);
    expect(tap).toMatch(/isolated on/);
    expect(tap).toMatch(/alias berth:[0-9a-f]{12}$/m);
    expect(removalCommands(['tap-0000000a', 'mpqemubr0'])).toHaveLength(2);
  });
});

describe('dnsmasq', () => {
  const files = new NetworkFiles(new Files('/state', "/it's run"));

  test('listens on the bridge alone, becomes another user and gives addresses to known guests only', () => {
    const lines = dnsmasqConfig('mpqemubr0', subnet, { user: 'dnsmasq', uid: 101, hasResolvConf: true }, files).split(
      '\n',
    );
    for (const line of [
      'interface=mpqemubr0',
      'except-interface=lo',
      'bind-interfaces',
      'user=dnsmasq',
      'no-hosts',
      'local=/multipass/',
    ])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith('dhcp-range='))).toEqual([
      'dhcp-range=10.9.8.0,static,255.255.255.0,43200s',
    ]);
    expect(lines).toContain('resolv-file=/etc/resolv.conf');
    expect(dnsmasqConfig('mpqemubr0', subnet, { user: 'nobody', uid: 65_534, hasResolvConf: false }, files)).toMatch(
      /^no-resolv$/m,
    );
    expect(lines.join('\n')).not.toContain('stop-dns-rebind'); // it breaks names that a VPN's resolver answers
    expect(dnsmasqHosts([{ mac: '52:54:00:aa:00:01' as MacAddress, address: '10.9.8.7', name: 'calm-otter' }])).toBe(
      '52:54:00:aa:00:01,10.9.8.7,calm-otter\n',
    );
  });

  test('runs a script whose path of events is one word to the shell', () => {
    expect(leaseScript(files)).toContain(String.raw`>> '/it'\''s run/network/lease-events'`);
  });
});
