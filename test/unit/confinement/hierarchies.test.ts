// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { parseHierarchies } from '../../../native-helper/confinement/cgroups/hierarchies.ts';

it.each([
  [
    'one for all',
    '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate',
    { v2: '/sys/fs/cgroup', v1: {} },
  ],
  [
    'both',
    '31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n33 30 0:29 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices',
    { v2: '/sys/fs/cgroup/unified', v1: { cpu: '/sys/fs/cgroup/cpu,cpuacct', devices: '/sys/fs/cgroup/devices' } },
  ],
  [
    'a named one',
    '34 30 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
    { v2: undefined, v1: {} },
  ],
  ['none', '22 1 8:1 / / rw - ext4 /dev/vda rw', { v2: undefined, v1: {} }],
])('finds %s', (_, mountinfo, expected) => {
  expect(parseHierarchies(mountinfo)).toEqual(expected);
});
