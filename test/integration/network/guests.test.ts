// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MacAddress } from '#contract/names.ts';
import type { Lease } from '../../../native-helper/core/seams/network.ts';
import type { LinuxNetwork } from '../../../native-helper/network/linux-backend.ts';
import { NetworkNamespace } from '../../support/netns.ts';
import { TapGuest } from '../../support/tap-guest.ts';
import { attachment, execute, hostState, NetworkLab, soon } from './lab.ts';

let stack: AsyncDisposableStack;
let lab: NetworkLab;
let network: LinuxNetwork;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  lab = stack.use(await NetworkLab.create());
  network = lab.network();
  await network.reconcile([], soon());
});

afterEach(() => stack.disposeAsync());

test('a guest gets its reserved address, its lease is told, and its name is answered', async () => {
  const leases: [MacAddress, Lease | undefined][] = [];
  network.onLease((mac, lease) => leases.push([mac, lease]));
  const guest = await attachGuest(1);
  const given = await guest.dhcp();
  expect(given.address).toBe(network.addressFor(attachment(1).mac));
  expect(given.dns).toBe(given.router);
  await expect.poll(() => network.leaseFor(attachment(1).mac)?.address).toBe(given.address);
  expect(Math.abs(Date.now() - (network.leaseFor(attachment(1).mac)?.at.getTime() ?? 0))).toBeLessThan(30_000);
  expect(leases.map(([mac, lease]) => [mac, lease?.address])).toEqual([[attachment(1).mac, given.address]]);
  const resolver = new Resolver();
  resolver.setServers([given.router]);
  expect(await resolver.resolve4('guest-1.multipass')).toEqual([given.address]);
  expect(await resolver.reverse(given.address)).toEqual(['guest-1.multipass']);
  expect(await guest.namespace.run('busybox', 'nslookup', 'guest-1.multipass', given.router)).toContain(given.address);
});

test('detaching ends the lease and its name, and a later attach gives the same address', async () => {
  await attachGuest(2);
  const first = await attachGuest(1);
  const { address, router } = await first.dhcp();
  await expect.poll(() => network.leaseFor(attachment(1).mac)).toBeDefined();
  await first[Symbol.asyncDispose]();
  await network.detach(attachment(1).tap);
  await expect.poll(() => network.leaseFor(attachment(1).mac)).toBeUndefined();
  const resolver = new Resolver();
  resolver.setServers([router]);
  await expect(resolver.resolve4('guest-1.multipass')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  const again = await attachGuest(1);
  expect((await again.dhcp()).address).toBe(address);
});

test('a guest reaches the internet by NAT and the host only for addresses, names and echo', async () => {
  const internet = stack.use(await NetworkNamespace.create());
  await execute('ip', [
    'link',
    'add',
    'berth-up',
    'type',
    'veth',
    'peer',
    'name',
    'inet0',
    'netns',
    String(internet.pid),
  ]);
  stack.defer(async () => {
    await execute('ip', ['link', 'delete', 'berth-up']);
  });
  await execute('ip', ['addr', 'add', '203.0.113.2/24', 'dev', 'berth-up']);
  await execute('ip', ['link', 'set', 'berth-up', 'up']);
  await internet.run('ip', 'addr', 'add', '203.0.113.1/24', 'dev', 'inet0');
  await internet.run('ip', 'link', 'set', 'inet0', 'up');
  const guest = await attachGuest(1);
  const { router } = await guest.dhcp();
  // the other side has no route to the guest's address: an answer proves that the host's was shown
  await expect.poll(() => guest.canPing('203.0.113.1')).toBe(true);
  expect(await guest.canPing(router)).toBe(true);
  const server = createServer((socket) => socket.end()).listen(8099, '0.0.0.0');
  await once(server, 'listening');
  stack.defer(() => {
    server.close();
  });
  expect(await guest.namespace.succeeds('busybox', 'nc', '-w', '1', router, '53', '-e', 'true')).toBe(true);
  expect(await guest.namespace.succeeds('busybox', 'nc', '-w', '1', router, '8099', '-e', 'true')).toBe(false);
});

test('guests cannot reach one another', async () => {
  const [one, two] = [await attachGuest(1), await attachGuest(2)];
  const { address: first, router } = await one.dhcp();
  const { address: second } = await two.dhcp();
  // where the kernel shows bridged frames to the IP rules, those would hide a port that is not isolated
  // kernels without br_netfilter have no such file
  await writeFile('/proc/sys/net/bridge/bridge-nf-call-iptables', '0').catch(() => {});
  expect(await one.canPing(router)).toBe(true);
  expect(await one.canPing(second)).toBe(false);
  // nor through the host, when both agree to send it what is meant for the other
  await one.namespace.run('ip', 'route', 'replace', `${second}/32`, 'via', router);
  await two.namespace.run('ip', 'route', 'replace', `${first}/32`, 'via', router);
  expect(await one.canPing(second)).toBe(false);
});

test('a guest cannot send with another address or MAC', async () => {
  const guest = await attachGuest(1);
  const { address, router } = await guest.dhcp();
  const foreign = address.replace(/\.\d+$/, (host) => (host === '.9' ? '.10' : '.9'));
  await guest.namespace.run('ip', 'addr', 'add', `${foreign}/24`, 'dev', 'eth0');
  expect(await guest.canPing(router, address)).toBe(true);
  expect(await guest.canPing(router, foreign)).toBe(false);
  await guest.namespace.run('ip', 'link', 'set', 'eth0', 'address', '52:54:00:aa:00:99');
  expect(await guest.canPing(router, address)).toBe(false);
  await expect(guest.dhcp()).rejects.toThrow();
});

test('the last detach leaves the host as it was', async () => {
  const before = await hostState();
  const guest = await attachGuest(1);
  await attachGuest(2);
  await guest.dhcp();
  expect(await hostState()).not.toEqual(before);
  await network.detach(attachment(1).tap);
  expect(await network.observe()).toMatchObject({
    bridge: 'present',
    dnsmasq: 'running',
    table: 'present',
    taps: [attachment(2).tap],
  });
  await network.detach(attachment(2).tap);
  expect(await hostState()).toEqual(before);
  expect(await network.observe()).toEqual({
    bridge: 'absent',
    dnsmasq: 'absent',
    table: 'absent',
    taps: [],
    files: 'absent',
  });
  await network.detach(attachment(2).tap);
});

async function attachGuest(number: number): Promise<TapGuest> {
  const tap = await network.attach(attachment(number), soon());
  return stack.use(await TapGuest.start(tap, attachment(number)));
}
