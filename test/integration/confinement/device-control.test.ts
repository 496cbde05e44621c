// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readlink, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeviceControl } from '../../../native-helper/confinement/cgroups/device-control.ts';
import { anyNumber } from '../../../native-helper/confinement/cgroups/device-program.ts';
import { findHierarchies } from '../../../native-helper/confinement/cgroups/hierarchies.ts';

const { v2 } = await findHierarchies();
if (v2 === undefined)
  throw new Error('these tests need a cgroup v2 hierarchy: mount -t cgroup2 none /sys/fs/cgroup/unified');
const cgroup = path.join(v2, `berth-test-${process.pid}`);
const [nullNode, zero, urandom, fuse] = [
  { type: 'c', major: 1, minor: 3 },
  { type: 'c', major: 1, minor: 5 },
  { type: 'c', major: 1, minor: 9 },
  { type: 'c', major: 10, minor: 229 },
] as const;

beforeEach(() => mkdir(cgroup));
afterEach(() => rmdir(cgroup));

/** What the shell says to opening a device inside the cgroup; empty where it may. */
function open(device: string, redirection = '<>'): string {
  const result = spawnSync(
    '/bin/sh',
    ['-c', 'echo $$ > "$1/cgroup.procs" && eval "exec 7$2$3"', 'x', cgroup, redirection, device],
    { encoding: 'utf8' },
  );
  return result.status === 0 ? '' : (result.stderr.trim().split(': ').at(-1) ?? '');
}
const bpfDescriptors = async (): Promise<number> => {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.includes('bpf')).length;
};
const denied = 'Operation not permitted';

it('is there on a kernel that has such programs', () => {
  expect(DeviceControl.isAvailable(cgroup)).toBe(true);
  expect(DeviceControl.isAvailable('/proc')).toBe(false);
});

it('denies everything until something is allowed, and only that', () => {
  expect(open('/dev/zero')).toBe('');
  using control = DeviceControl.open(cgroup);
  expect([open('/dev/null'), open('/dev/zero')]).toEqual([denied, denied]);
  control.allow(nullNode, 'rw');
  expect([open('/dev/null'), open('/dev/zero'), open('/dev/urandom', '<')]).toEqual(['', denied, denied]);
  control.deny(nullNode);
  expect(open('/dev/null')).toBe(denied);
});

it('tells reading from writing, and characters from blocks', () => {
  using control = DeviceControl.open(cgroup);
  control.allow(zero, 'r');
  expect([open('/dev/zero', '<'), open('/dev/zero')]).toEqual(['', denied]);
  control.allow({ type: 'b', major: 1, minor: 9 }, 'rw');
  expect(open('/dev/urandom', '<')).toBe(denied);
  expect([
    control.permissions(zero),
    control.permissions(urandom),
    control.permissions({ type: 'b', major: 1, minor: 9 }),
  ]).toEqual(['r', '', 'rw']);
});

it('asks for the very device, then its major, then its minor, then all', () => {
  using control = DeviceControl.open(cgroup);
  control.allow({ type: 'c', major: anyNumber, minor: anyNumber }, 'r');
  expect([open('/dev/zero', '<'), open('/dev/zero')]).toEqual(['', denied]);
  control.allow({ type: 'c', major: anyNumber, minor: 5 }, 'rw');
  expect([open('/dev/zero'), open('/dev/null')]).toEqual(['', denied]);
  control.allow({ type: 'c', major: 1, minor: anyNumber }, 'w');
  expect([open('/dev/zero', '<'), open('/dev/zero', '>')]).toEqual([denied, '']);
  control.allow(zero, 'r');
  expect([open('/dev/zero', '<'), open('/dev/zero', '>')]).toEqual(['', denied]);
});

it('lets nobody make a node', () => {
  using control = DeviceControl.open(cgroup);
  control.allow(nullNode, 'rw');
  const result = spawnSync(
    '/bin/sh',
    ['-c', 'echo $$ > "$1/cgroup.procs" && mknod "/tmp/berth-node-$$" c 1 3', 'x', cgroup],
    { encoding: 'utf8' },
  );
  expect(result.stderr).toContain(denied);
});

it('grows by copy and swap, without a gap and with one program', async () => {
  const before = await bpfDescriptors();
  using control = DeviceControl.open(cgroup, 2);
  control.allow(nullNode, 'rw');
  for (let minor = 0; minor < 20; minor += 1) control.allow({ type: 'c', major: 240, minor }, 'rw');
  expect([control.size, control.entries().length]).toEqual([32, 21]);
  expect([open('/dev/null'), open('/dev/zero')]).toEqual(['', denied]);
  expect(await bpfDescriptors()).toBe(before + 2);
});

it('is found again by another helper, with what it allows; no descriptor stays', async () => {
  const before = await bpfDescriptors();
  {
    using control = DeviceControl.open(cgroup);
    control.allow(nullNode, 'rw');
  }
  expect(await bpfDescriptors()).toBe(before);
  expect([open('/dev/null'), open('/dev/zero')]).toEqual(['', denied]);
  expect(DeviceControl.entriesOf(cgroup)).toBe(1);
  {
    using again = DeviceControl.open(cgroup);
    expect(again.permissions(nullNode)).toBe('rw');
    again.allow(fuse, 'rw');
    expect(again.entries()).toHaveLength(2);
  }
  expect(await bpfDescriptors()).toBe(before);
});
