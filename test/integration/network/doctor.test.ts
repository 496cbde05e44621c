// SPDX-License-Identifier: MIT
// What the doctor says of a network that another program, or a person, has changed since it was made.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostCheck } from '#contract/system.ts';
import { QuotaFile } from '../../../native-helper/confinement/administrator/quotas.ts';
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import { releaseLease } from '../../../native-helper/network/dhcp-release.ts';
import type { LinuxNetwork } from '../../../native-helper/network/linux-backend.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { inWords } from '../../../native-helper/core/in-words.ts';
import { checkNetwork } from '../../../native-helper/system/checks/network.ts';
import { TapGuest } from '../../support/tap-guest.ts';
import { attachment, execute, NetworkLab, soon } from './lab.ts';

const bridge = 'mpqemubr0';
const { instance, tap, mac } = attachment(1);

let stack: AsyncDisposableStack;
let lab: NetworkLab;
let network: LinuxNetwork;
let guest: TapGuest;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  lab = stack.use(await NetworkLab.create());
  network = lab.network();
  await network.reconcile([], soon());
  guest = stack.use(await TapGuest.start(await network.attach(attachment(1), soon()), attachment(1)));
  await guest.dhcp();
});

afterEach(() => stack.disposeAsync());

/** The commands as root types them; `{gateway}` and the like stand for what this network took. */
interface Damage {
  readonly name: string;
  readonly harm: readonly string[];
  readonly says: RegExp;
  readonly state: HostCheck['state'];
  /** What mends it: the doctor's own command where absent. */
  readonly mend?: readonly string[];
}

const damages: readonly Damage[] = [
  {
    name: 'a bridge without its address',
    harm: [`ip addr flush dev ${bridge}`],
    state: 'missing',
    says: /lost its address 10\.\d+\.\d+\.1\/24/,
  },
  { name: 'a bridge that is down', harm: [`ip link set ${bridge} down`], state: 'missing', says: /is down/ },
  {
    name: 'forwarding switched off',
    harm: ['sysctl -w net.ipv4.ip_forward=0'],
    state: 'missing',
    says: /net\.ipv4\.ip_forward is 0/,
  },
  {
    name: 'forwarding switched off for the bridge alone',
    harm: [`sysctl -w net.ipv4.conf.${bridge}.forwarding=0`],
    state: 'missing',
    says: /net\.ipv4\.conf\.mpqemubr0\.forwarding is 0/,
  },
  {
    name: 'a policy of drop, as iptables-nft makes it',
    harm: ['iptables-nft -P FORWARD DROP'],
    state: 'missing',
    says: /policy of table ip filter, chain FORWARD/,
  },
  {
    name: 'a rule of iptables-nft that rejects what was not let through',
    harm: [
      'iptables-nft -A FORWARD -i docker0 -m conntrack --ctstate NEW -j ACCEPT',
      'iptables-nft -A FORWARD -j REJECT',
    ],
    state: 'missing',
    says: /rule \d+ of table ip filter, chain FORWARD/,
  },
  {
    name: "Docker's rules",
    state: 'missing',
    says: /policy of table ip filter/,
    harm: [
      'iptables-nft -P FORWARD DROP',
      'iptables-nft -N DOCKER-USER',
      'iptables-nft -A FORWARD -j DOCKER-USER',
      'iptables-nft -A DOCKER-USER -j RETURN',
      'iptables-nft -A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    ],
  },
  {
    name: 'a rule in a chain of nft that is jumped to',
    state: 'missing',
    says: /rule \d+ of table inet other, chain onward by strict/,
    harm: [
      'nft add table inet other',
      'nft add chain inet other strict',
      'nft add chain inet other onward { type filter hook forward priority 10 \\; }',
      'nft add rule inet other onward ct state vmap { invalid : drop, new : jump strict }',
      'nft add rule inet other strict ip saddr 10.0.0.0/8 oifname != lo drop',
    ],
  },
  {
    name: 'an input chain that takes no questions',
    state: 'missing',
    says: /no address, or no names/,
    harm: [
      'nft add table inet other',
      'nft add chain inet other in { type filter hook input priority 0 \\; policy drop \\; }',
      'nft add rule inet other in tcp dport 22 accept',
    ],
  },
  {
    name: 'a drop behind an accept that depends on a mark',
    state: 'limited',
    says: /may be dropped by the policy of table inet other/,
    harm: [
      'nft add table inet other',
      'nft add chain inet other onward { type filter hook forward priority 0 \\; policy drop \\; }',
      'nft add rule inet other onward meta mark 7 accept',
    ],
  },
  {
    name: "a policy of drop in iptables' old tables",
    harm: ['iptables-legacy -P FORWARD DROP'],
    state: 'missing',
    says: /policy of iptables-legacy, table filter, chain FORWARD/,
  },
  {
    name: "a chain of iptables' old tables that takes no questions",
    state: 'missing',
    says: /rule 2 of iptables-legacy, table filter, chain INPUT by strict: instances get no address/,
    harm: [
      'iptables-legacy -N strict',
      'iptables-legacy -A INPUT -m conntrack --ctstate NEW -j strict',
      'iptables-legacy -A strict -i lo -m comment --comment "not \\"them\\" -j DROP" -j ACCEPT',
      'iptables-legacy -A strict ! -i docker+ -p udp -m udp --dport 60:70 -j REJECT',
    ],
  },
  {
    name: "a drop of what goes to guests, in iptables' old tables",
    state: 'missing',
    says: /rule 1 of iptables-legacy, table mangle, chain POSTROUTING/,
    harm: ['iptables-legacy -t mangle -A POSTROUTING -o mpqemubr0 -d 10.0.0.0/8 -j DROP'],
  },
  {
    name: 'a bridge table with a policy of drop',
    state: 'missing',
    says: /policy of table bridge other, chain at/,
    harm: [
      'nft add table bridge other',
      'nft add chain bridge other at { type filter hook input priority 0 \\; policy drop \\; }',
      'nft add rule bridge other at iifname eth0 accept',
    ],
  },
  {
    name: "a bridge table that drops what one guest's card sends",
    state: 'missing',
    says: /rule \d+ of table bridge other, chain at/,
    harm: [
      'nft add table bridge other',
      'nft add chain bridge other at { type filter hook prerouting priority 0 \\; }',
      `nft add rule bridge other at ether saddr ${mac} drop`,
    ],
  },
  {
    name: 'a bridge table that lets no ARP through',
    state: 'missing',
    says: /rule \d+ of table bridge other, chain at/,
    harm: [
      'nft add table bridge other',
      'nft add chain bridge other at { type filter hook postrouting priority 0 \\; }',
      `nft add rule bridge other at oifname ${tap} ether type arp drop`,
    ],
  },
  {
    name: 'a prerouting chain that drops DHCP',
    state: 'missing',
    says: /rule \d+ of table inet other, chain early: instances get no address/,
    harm: [
      'nft add table inet other',
      'nft add chain inet other early { type filter hook prerouting priority raw \\; }',
      `nft add rule inet other early iifname ${bridge} udp dport 67 drop`,
    ],
  },
  {
    name: 'a prerouting chain of addresses that drops all from the bridge',
    state: 'missing',
    says: /rule \d+ of table ip other, chain early/,
    harm: [
      'nft add table ip other',
      'nft add chain ip other early { type nat hook prerouting priority dstnat \\; }',
      `nft add rule ip other early iifname ${bridge} drop`,
    ],
  },
  {
    name: 'an output chain that keeps answers from guests',
    state: 'missing',
    says: /policy of table inet other, chain out: instances get no address/,
    harm: [
      'nft add table inet other',
      'nft add chain inet other out { type filter hook output priority 0 \\; policy drop \\; }',
      'nft add rule inet other out oifname lo accept',
    ],
  },
  {
    name: 'an ARP table that hears no questions',
    state: 'missing',
    says: /policy of table arp other, chain in/,
    harm: [
      'nft add table arp other',
      'nft add chain arp other in { type filter hook input priority 0 \\; policy drop \\; }',
    ],
  },
  {
    name: "a drop at the tap's own device",
    state: 'missing',
    says: /rule \d+ of table netdev other, chain at/,
    mend: ['nft delete table netdev other'],
    harm: [
      'nft add table netdev other',
      `nft add chain netdev other at { type filter hook ingress device ${tap} priority 0 \\; }`,
      'nft add rule netdev other at ip protocol udp drop',
    ],
  },
  {
    name: 'a VPN that takes half of the range',
    state: 'missing',
    says: /goes to vpn0/,
    mend: ['ip link delete vpn0'],
    harm: ['ip tuntap add dev vpn0 mode tun', 'ip link set vpn0 up', 'ip route add {net}.0/25 dev vpn0'],
  },
  {
    name: 'a VPN with a table of its own',
    state: 'missing',
    says: /goes to vpn0/,
    mend: ['ip link delete vpn0', 'ip rule delete pref 100'],
    harm: [
      'ip tuntap add dev vpn0 mode tun',
      'ip link set vpn0 up',
      'ip route add default dev vpn0 table 77',
      'ip rule add pref 100 lookup 77',
    ],
  },
  {
    name: "a VPN whose range holds the bridge's",
    state: 'limited',
    says: /range is part of 10\.\d+\.0\.0\/16, which vpn0 leads to/,
    mend: ['ip link delete vpn0'],
    harm: ['ip tuntap add dev vpn0 mode tun', 'ip link set vpn0 up', 'ip route add {wide} dev vpn0'],
  },
];

test.each(damages)('$name is told, and well again after it is undone', async ({ harm, state, says, mend }) => {
  expect(await look()).toMatchObject({ state: 'good' });
  const { subnet = '' } = await network.observe();
  stack.defer(async () => {
    for (const name of ['ip filter', 'inet other', 'ip other', 'bridge other', 'arp other', 'netdev other'])
      await execute('nft', ['delete', 'table', ...name.split(' ')]).catch(() => {}); // where it was not made
    for (const table of ['filter', 'mangle'])
      await execute('sh', ['-c', `iptables-legacy -t ${table} -P FORWARD ACCEPT; iptables-legacy -t ${table} -F`]);
  });
  const filled = (line: string): string =>
    line.replace('{net}', subnet.replace(/\.0\/24$/, '')).replace('{wide}', subnet.replace(/\.\d+\.0\/24$/, '.0.0/16'));
  for (const line of harm) await execute('sh', ['-c', filled(line)]);
  const found = await look();
  if (/dropped by/.test(found?.summary ?? '') && found?.state === 'missing')
    expect(await faults()).toContain('packets-dropped');
  expect(found).toMatchObject({ state, summary: expect.stringMatching(says), fix: expect.any(String) });
  for (const line of mend ?? [found?.command ?? 'false'])
    await execute('sh', ['-c', line.replaceAll('sudo ', '').replaceAll('iptables ', 'iptables-nft ')]);
  // what the guest needs goes through again
  await guest.dhcp();
  expect(await look()).toMatchObject({ state: 'good' });
});

test('rules of ours that another program flushed are told, and a new helper makes them again', async () => {
  await execute('nft', ['flush', 'ruleset']);
  expect(await look()).toMatchObject({
    state: 'missing',
    summary: expect.stringMatching(/nftables rules are missing/),
  });
  expect(await faults()).toEqual(['filter-gone']);
  await network.close();
  network = lab.network();
  await network.reconcile([attachment(1)], soon());
  expect(await look()).toMatchObject({ state: 'good' });
  expect(await faults()).toBeUndefined();
});

test('a bridge that was taken away is told, and the port with it', async () => {
  await execute('ip', ['link', 'delete', bridge]);
  const summary: unknown = expect.stringMatching(/bridge mpqemubr0 is missing/);
  expect(await look()).toMatchObject({ state: 'missing', summary });
  expect(await faults()).toEqual(['tap-off-bridge']);
});

test("rules for others, and drops of what is not the instances', are no obstacle", async () => {
  stack.defer(async () => {
    await execute('nft', ['delete', 'table', 'ip', 'filter']);
  });
  for (const line of [
    'nft add table ip filter',
    'nft add chain ip filter FORWARD { type filter hook forward priority 0 \\; policy drop \\; }',
    'nft add rule ip filter FORWARD iifname docker0 drop',
    'nft add rule ip filter FORWARD tcp dport 25 drop',
    'nft add rule ip filter FORWARD ip saddr 192.168.0.0/16 drop',
    `nft add rule ip filter FORWARD iifname ${bridge} accept`,
    `nft add rule ip filter FORWARD oifname { docker0, ${bridge} } ct state related,established accept`,
  ])
    await execute('sh', ['-c', line]);
  expect(await look()).toMatchObject({ state: 'good' });
});

test('rules that are too many to be followed are told, to all who ask meanwhile by one look', async () => {
  const addresses = Array.from({ length: 2000 }, (_, at) => `192.168.${Math.floor(at / 256)}.${at % 256}`);
  const file = path.join(lab.files.stateDirectory, 'rules.nft');
  await writeFile(
    file,
    `table ip other {
      chain blocked { ip saddr { ${addresses.join(', ')} } drop; }
      chain onward {
        type filter hook forward priority 0;
        ${'jump blocked;\n'.repeat(600)}
      }
    }`,
  );
  await execute('nft', ['-f', file]);
  stack.defer(async () => {
    await execute('nft', ['delete', 'table', 'ip', 'other']);
  });
  expect(await look()).toMatchObject({ state: 'unknown', summary: expect.stringMatching(/too many firewall rules/) });
  const [one, ...others] = await Promise.all(Array.from({ length: 5 }, () => network.examine(soon())));
  for (const other of others) expect(other).toBe(one);
  expect(await network.examine(soon())).not.toBe(one);
  expect(await faults()).toBeUndefined();
});

test.each([
  ['tap-down', `ip link set ${tap} down`, `ip link set ${tap} up`],
  ['tap-off-bridge', `ip link set ${tap} nomaster`, `ip link set ${tap} master ${bridge}`],
] as const)('%s is told of that instance alone, until it is undone', async (fault, harm, undo) => {
  const other = stack.use(await TapGuest.start(await network.attach(attachment(2), soon()), attachment(2)));
  await other.dhcp();
  expect(await faults()).toBeUndefined();
  await execute('sh', ['-c', harm]);
  expect([...(await network.examinePorts([instance, attachment(2).instance], soon()))]).toEqual([[instance, [fault]]]);
  await execute('sh', ['-c', undo]);
  expect(await faults()).toBeUndefined();
});

test('a lease that dnsmasq does not have is told, until the guest has one again', async () => {
  const { address, router: server } = await guest.dhcp();
  expect(await faults()).toBeUndefined();
  releaseLease({ bridge, server, mac, address });
  await expect.poll(faults).toEqual(['lease-gone']);
  await guest.dhcp();
  await expect.poll(faults).toBeUndefined();
});

async function look(): Promise<HostCheck | undefined> {
  const told = await checkNetwork(
    {
      runner: new LocalProcessRunner(),
      network,
      denialSource: () => ({ state: 'watching', detail: '' }),
      stateDirectory: lab.files.stateDirectory,
      gid: undefined,
      hostSecurity: new HostSecurity(lab.files.stateDirectory),
      quotas: new QuotaFile(lab.files.stateDirectory, pino({ level: 'silent' })),
      unusableImageSettings: () => ({ fault: undefined, remotes: { count: 0, names: [] } }),
      capabilities: async () => ({ accelerator: 'tcg', acceleratorReason: 'not asked', qemuVersion: '7.2' }),
    },
    soon(),
  );
  return told && inWords<HostCheck>(told);
}

async function faults(): Promise<readonly string[] | undefined> {
  return (await network.examinePorts([instance], soon())).get(instance);
}
