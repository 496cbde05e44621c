// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { findHierarchies } from '../../../native-helper/confinement/cgroups/hierarchies.ts';
import {
  prepareMachineCgroups,
  removeMachineCgroups,
} from '../../../native-helper/confinement/cgroups/machine-cgroups.ts';

const name = `test.${process.pid}`;
const limits = { memoryBytes: 512 * 1024 ** 2, processes: 100, cpus: 2 };
const kvm = { name: 'kvm', mode: 'rw', type: 'c', major: 10, minor: 232 } as const;
const { v2, v1 } = await findHierarchies();
afterEach(() => removeMachineCgroups(name));

const mayOpen = (cgroup: string, device: string): Promise<boolean> =>
  promisify(execFile)('sh', ['-c', 'echo $$ > "$1/cgroup.procs" && exec 7<> "$2"', 'sh', cgroup, device]).then(
    () => true,
    () => false,
  );

it('are joined in every hierarchy and removed from each', async () => {
  const directories = await prepareMachineCgroups({ name, devices: [kvm], limits });
  expect(directories).toHaveLength(
    new Set([v2, v1.memory, v1.pids, v1.cpu].filter(Boolean)).size + (v2 === undefined ? 1 : 0),
  );
  expect(await prepareMachineCgroups({ name, devices: [], limits }), 'again, as after a helper that died').toEqual(
    directories,
  );
  await removeMachineCgroups(name);
  for (const directory of directories) expect(existsSync(directory)).toBe(false);
});

it("deny by the older hierarchy's list where there is no program", async () => {
  const root =
    v1.devices ??
    expect.fail('this host has no devices hierarchy: mount -t cgroup -o devices none /sys/fs/cgroup/devices');
  const [directory = ''] = await prepareMachineCgroups(
    { name, devices: [], limits },
    { v2: undefined, v1: { devices: root } },
  );
  expect(directory).toBe(path.join(root, 'berth.slice', name));
  expect((await readFile(path.join(directory, 'devices.list'), 'utf8')).trim().split('\n')).toEqual([
    'c 1:3 rw',
    'c 1:5 rw',
    'c 1:7 rw',
    'c 1:8 rw',
    'c 1:9 rw',
  ]);
  expect([
    await mayOpen(directory, '/dev/null'),
    await mayOpen(directory, '/dev/fuse'),
    await mayOpen(directory, '/dev/net/tun'),
  ]).toEqual([true, false, false]);
});

it('hold the limits that were asked for', async () => {
  const directories = await prepareMachineCgroups({ name, devices: [], limits });
  const values = await Promise.all(
    directories.flatMap((directory) =>
      ['memory.max', 'memory.limit_in_bytes', 'pids.max'].map((file) =>
        readFile(path.join(directory, file), 'utf8').catch(() => ''),
      ),
    ),
  );
  expect(values.map((value) => value.trim())).toEqual(expect.arrayContaining([String(limits.memoryBytes), '100']));
});
