// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { appendFile, chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signalProcess } from '../../support/signal-process.ts';
import { TapGuest } from '../../support/tap-guest.ts';
import { attachment, execute, hostState, NetworkLab, soon } from './lab.ts';

let stack: AsyncDisposableStack;
let lab: NetworkLab;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  lab = stack.use(await NetworkLab.create());
});

afterEach(() => stack.disposeAsync());

test('a new helper takes over dnsmasq, taps and leases without a pause', async () => {
  const first = lab.network();
  await first.reconcile([], soon());
  const guest = stack.use(await TapGuest.start(await first.attach(attachment(1), soon()), attachment(1)));
  const { address, router } = await guest.dhcp();
  await expect.poll(() => first.leaseFor(attachment(1).mac)).toBeDefined();
  const pids = await lab.dnsmasqPids();
  await first.close();

  const second = lab.network();
  await second.reconcile([attachment(1)], soon());
  expect(await lab.dnsmasqPids()).toEqual(pids);
  expect(second.leaseFor(attachment(1).mac)?.address).toBe(address);
  expect(await guest.canPing(router)).toBe(true);
  await second.attach(attachment(2), soon());
  expect(await guest.canPing(router)).toBe(true);
  expect(await second.observe()).toMatchObject({ taps: [attachment(1).tap, attachment(2).tap], dnsmasq: 'running' });

  // the adopted dnsmasq is no child of this helper, and still its end is noticed
  signalProcess(Math.min(...pids), 'SIGKILL');
  await expect.poll(() => lab.dnsmasqPids(), { timeout: 5000 }).not.toEqual(pids);
  await expect.poll(async () => (await second.observe()).dnsmasq, { timeout: 5000 }).toBe('running');
  expect((await guest.dhcp()).address).toBe(address);
});

test('a lease given while no helper lives is known to the next one', async () => {
  const first = lab.network();
  await first.reconcile([], soon());
  const guest = stack.use(await TapGuest.start(await first.attach(attachment(1), soon()), attachment(1)));
  await first.close();
  const { address } = await guest.dhcp();
  const events = path.join(lab.files.network, 'lease-events');
  await expect
    .poll(() => readFile(events, 'utf8'))
    .toMatch(new RegExp(`^add ${attachment(1).mac} ${address} \\d+$`, 'm'));
  await appendFile(events, `del ${attachment(1).mac} ${address} 1\n`); // an old line is no news
  const second = lab.network();
  const told: (string | undefined)[] = [];
  second.onLease((_mac, lease) => told.push(lease?.address));
  await second.reconcile([attachment(1)], soon());
  expect(second.leaseFor(attachment(1).mac)?.address).toBe(address);
  // the script empties a file that grew too long, and the helper goes on with what comes next
  await appendFile(events, `${'x'.repeat(70_000)}\n`);
  await expect.poll(() => told).toEqual([address]);
  await second.detach(attachment(9).tap);
  await expect.poll(async () => (await readFile(events)).length).toBeLessThan(1000);
  const other = stack.use(await TapGuest.start(await second.attach(attachment(2), soon()), attachment(2)));
  const given = await other.dhcp();
  await expect.poll(() => second.leaseFor(attachment(2).mac)?.address).toBe(given.address);
});

test('a new helper without machines removes what an earlier one left, and nothing else', async () => {
  await execute('ip', ['tuntap', 'add', 'dev', 'tap-0000abcd', 'mode', 'tap']); // our pattern, not our mark
  stack.defer(async () => {
    await execute('ip', ['link', 'delete', 'tap-0000abcd']);
  });
  const before = await hostState();
  const first = lab.network();
  await first.attach(attachment(1), soon());
  await first.attach(attachment(2), soon());
  await first.close();
  const second = lab.network();
  await second.reconcile([attachment(2)], soon());
  expect(await second.observe()).toMatchObject({ taps: [attachment(2).tap] });
  await second.close();
  await lab.network().reconcile([], soon());
  expect(await hostState()).toEqual(before);
});

test('dnsmasq killed is started again, and killed again as well', async () => {
  const network = lab.network();
  const guest = stack.use(await TapGuest.start(await network.attach(attachment(1), soon()), attachment(1)));
  for (let round = 0; round < 2; round += 1) {
    const pids = await lab.dnsmasqPids();
    expect(pids.length).toBeGreaterThan(0);
    signalProcess(Math.min(...pids), 'SIGKILL');
    await expect
      .poll(async () => (await lab.dnsmasqPids()).some((pid) => !pids.includes(pid)), { timeout: 5000 })
      .toBe(true);
  }
  expect((await guest.dhcp()).address).toBe(network.addressFor(attachment(1).mac));
});

test("a foreign device of the bridge's name is refused and left alone", async () => {
  await execute('ip', ['link', 'add', 'mpqemubr0', 'type', 'bridge']);
  stack.defer(async () => {
    await execute('ip', ['link', 'delete', 'mpqemubr0']);
  });
  const before = await hostState();
  const network = lab.network();
  await network.reconcile([], soon());
  await expect(network.attach(attachment(1), soon())).rejects.toMatchObject({
    code: 'network.bridge-conflict',
    params: { bridge: 'mpqemubr0' },
  });
  expect(await hostState()).toEqual(before);
  expect(await network.observe()).toMatchObject({ bridge: 'foreign' });
  await lab.network('berthbr1').attach(attachment(1), soon());
  await lab.network('berthbr1').reconcile([], soon());
});

test('a port that another server holds is named with its holder, and nothing is left', async () => {
  const before = await hostState();
  const holder = createSocket('udp4').bind(67, '0.0.0.0');
  await once(holder, 'listening');
  stack.defer(() => {
    holder.close();
  });
  const network = lab.network();
  const failure = network.attach(attachment(1), soon());
  await expect(failure).rejects.toMatchObject({ code: 'network.dnsmasq-failed' });
  await expect(failure).rejects.toThrow(new RegExp(`port 67 is held by .*process ${process.pid}`));
  expect(await hostState()).toEqual(before);
});

test('a run directory that dnsmasq cannot enter is refused, and nothing is left', async () => {
  const before = await hostState();
  await chmod(lab.files.runDirectory, 0o700);
  await expect(lab.network().attach(attachment(1), soon())).rejects.toThrow(`cannot enter ${lab.files.runDirectory}`);
  expect(await hostState()).toEqual(before);
});

test('many attaches and detaches at once come out right', async () => {
  const before = await hostState();
  const network = lab.network();
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  await Promise.all(numbers.map((number) => network.attach(attachment(number), soon())));
  const addresses = new Set(numbers.map((number) => network.addressFor(attachment(number).mac)));
  expect(addresses.size).toBe(12);
  expect((await network.observe()).taps).toHaveLength(12);
  await Promise.all(numbers.map((number) => network.detach(attachment(number).tap)));
  expect(await hostState()).toEqual(before);
});

test('an attach that is called off leaves nothing', async () => {
  const before = await hostState();
  const network = lab.network();
  for (const afterMs of [0, 5, 20, 60]) {
    const controller = new AbortController();
    const attaching = network.attach(attachment(1), controller.signal);
    setTimeout(() => controller.abort(), afterMs);
    const outcome = await attaching.then(
      () => 'attached',
      (error: unknown) => (error as Error).name,
    );
    expect(['attached', 'AbortError']).toContain(outcome);
    if (outcome === 'attached') await network.detach(attachment(1).tap);
    expect(await hostState()).toEqual(before);
  }
});

test('the subnet avoids what is routed, and a state that cannot be read is set aside', async () => {
  const first = lab.network();
  await first.attach(attachment(1), soon());
  const { subnet } = await first.observe();
  await first.detach(attachment(1).tap);
  await execute('ip', ['route', 'add', 'unreachable', subnet ?? '', 'table', '77']);
  stack.defer(async () => {
    await execute('ip', ['route', 'delete', 'unreachable', subnet ?? '', 'table', '77']);
  });
  const second = lab.network();
  await second.attach(attachment(1), soon());
  expect((await second.observe()).subnet).not.toBe(subnet);
  await second.detach(attachment(1).tap);
  await writeFile(lab.files.networkState, '{"schema":1,"res');
  await lab.network().attach(attachment(1), soon());
  const aside = (await readdir(lab.files.stateDirectory)).filter((name) => name.startsWith('network.json.corrupt-'));
  expect(aside).toHaveLength(1);
  expect(await readFile(path.join(lab.files.stateDirectory, aside[0] ?? ''), 'utf8')).toBe('{"schema":1,"res');
});

test('a tap is opened for QEMU, which takes it in a network namespace of its own', async () => {
  const network = lab.network();
  const tap = await network.attach(attachment(1), soon());
  const fd = tap.openFd();
  expect(() => tap.openFd()).toThrow(/cannot be opened/);
  const qemu = spawn(
    'unshare',
    [
      '--net',
      'setpriv',
      '--reuid=1000',
      '--regid=1000',
      '--clear-groups',
      'qemu-system-x86_64',
      '-machine',
      'q35,accel=tcg',
      '-m',
      '32',
      '-S',
      '-display',
      'none',
      '-nodefaults',
      '-netdev',
      'tap,id=n0,fd=3,vhost=off',
      '-device',
      `virtio-net-pci,netdev=n0,mac=${attachment(1).mac}`,
      '-qmp',
      'stdio',
    ],
    { stdio: ['pipe', 'pipe', 'pipe', fd] },
  );
  closeSync(fd);
  const ended = once(qemu, 'exit');
  stack.defer(async () => {
    qemu.kill('SIGKILL');
    await ended;
  });
  let output = '';
  qemu.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  qemu.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  qemu.stdio[0]?.write('{"execute":"qmp_capabilities"}{"execute":"query-rx-filter"}');
  await expect.poll(() => output, { timeout: 20_000 }).toContain(attachment(1).mac);
  const { stdout } = await execute('ip', ['-br', 'link', 'show', tap.name]);
  expect(stdout).toContain('LOWER_UP');
});
