// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { propagationOf } from '../../../native-helper/system/propagation.ts';

it.each([
  ['shared', '23 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw', 'shared'],
  ['a slave that is shared on', '23 1 254:0 / / rw shared:7 master:1 - ext4 /dev/vda rw', 'shared'],
  ['slave', '23 1 254:0 / / rw master:1 - ext4 /dev/vda rw', 'slave'],
  ['private', '23 1 254:0 / / rw,relatime - ext4 /dev/vda rw', 'private'],
  ['unbindable', '23 1 254:0 / / rw unbindable - ext4 /dev/vda rw', 'unbindable'],
  ['the upper of two', '23 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n24 23 0:30 / / rw - tmpfs tmpfs rw', 'private'],
  ['another place alone', '23 1 254:0 / /home rw shared:1 - ext4 /dev/vda rw', 'not mounted'],
])('reads %s', (_, mountinfo, expected) => {
  expect(propagationOf(mountinfo, '/')).toBe(expected);
});
