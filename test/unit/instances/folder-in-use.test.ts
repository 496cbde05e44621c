// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { folderInUse } from '../../../native-helper/instances/memory/require-idle-folders.ts';

const line = (at: string, place: string): string =>
  `lrwxrwxrwx    1 0        0               0 Dec  1 02:00 /proc/${at} -> ${place}`;
const folders = ['/mnt/data', '/home/berth/my work'];

test.each([
  ['where a process stands', line('12/cwd', '/mnt/data'), { folder: '/mnt/data', pid: '12' }],
  ['a file that is open', line('7/fd/1', '/home/berth/my work/log'), { folder: '/home/berth/my work', pid: '7' }],
  ['a file that is gone', line('7/fd/3', '/mnt/data/x (deleted)'), { folder: '/mnt/data', pid: '7' }],
  ['a folder whose name begins alike', line('12/cwd', '/mnt/database'), undefined],
  ['a folder above', line('12/cwd', '/mnt'), undefined],
  ['an arrow in a name', line('7/fd/3', '/srv/a -> /mnt/data'), undefined],
  ['nothing', '', undefined],
])('%s', (_, listing, used) => {
  expect(folderInUse(listing, folders)).toEqual(used);
});
