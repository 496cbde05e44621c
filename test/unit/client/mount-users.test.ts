// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { parseMountUsers } from '../../../client/mount-users.ts';

const output = `lrwxrwxrwx 1 0 0 0 Nov 26 09:00 /proc/1/cwd -> /
lrwxrwxrwx    1 1000     1000             0 Nov 26 09:00 /proc/812/cwd -> /home/berth/src/deep er

/proc/1/fd:
total 0
lrwx------ 1 0 0 64 Nov 26 09:00 0 -> /dev/console
lrwx------ 1 0 0 64 Nov 26 09:00 10 -> socket:[4711]

/proc/700/fd:
total 0
lr-x------ 1 1000 1000 64 Nov 26 09:00 3 -> /home/berth/src
l-wx------ 1 1000 1000 64 Nov 26 09:00 4 -> /home/berth/src/log -> odd

/proc/701/fd:
total 0
lr-x------ 1 1000 1000 64 Nov 26 09:00 3 -> /home/berth/src-2/file
==> /proc/1/comm <==
init

==> /proc/700/comm <==
tail

==> /proc/701/comm <==
cat

==> /proc/812/comm <==
sh
`;

test('programs that stand in a folder or have something of it open are told, those beside it are not', () => {
  expect(parseMountUsers(output, '/home/berth/src')).toEqual([
    { pid: 700, command: 'tail' },
    { pid: 812, command: 'sh' },
  ]);
  expect(parseMountUsers(output, '/srv')).toEqual([]);
  expect(parseMountUsers('', '/srv')).toEqual([]);
});
