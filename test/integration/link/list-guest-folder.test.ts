// SPDX-License-Identifier: MIT
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { listGuestFolder } from '../../../electron/link/list-guest-folder.ts';
import { SftpServer } from '../../support/sftp-server.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

const name = instanceName.parse('one');

test('a folder is listed, folders first; links tell where they lead, names that are no text are marked', async () => {
  await using home = await SharedFolder.create();
  await using server = new SftpServer(home.path);
  await mkdir(home.in('z-folder'));
  await symlink('z-folder', home.in('to-folder'));
  await symlink('nowhere', home.in('dangling'));
  await writeFile(home.in('b.txt'), 'four');
  await writeFile(Buffer.concat([Buffer.from(home.in('a')), Buffer.from([0xff])]), '');
  const { folder, entries, hidden, chosen } = await listGuestFolder({
    name,
    folder: '~',
    openSftp: async () => await Promise.resolve(server.stream),
  });
  expect([folder, hidden, chosen]).toEqual([home.path, 0, undefined]);
  expect(entries.map((entry) => [entry.name, entry.kind, entry.isFolder, entry.isNamed])).toEqual([
    ['to-folder', 'link', true, true],
    ['z-folder', 'folder', true, true],
    ['a\\xff', 'file', false, false],
    ['b.txt', 'file', false, true],
    ['dangling', 'link', false, true],
  ]);
});

test('the path of a file means its folder with the file chosen; what is not there is said', async () => {
  await using home = await SharedFolder.create();
  await mkdir(home.in('sub'));
  await writeFile(home.in('sub', 'file'), '');
  await using first = new SftpServer(home.path);
  expect(
    await listGuestFolder({ name, folder: 'sub/file', openSftp: async () => await Promise.resolve(first.stream) }),
  ).toMatchObject({ folder: home.in('sub'), chosen: 'file' });
  await using second = new SftpServer(home.path);
  await expect(
    listGuestFolder({ name, folder: '/no/such', openSftp: async () => await Promise.resolve(second.stream) }),
  ).rejects.toMatchObject({ data: { code: 'guest.no-folder', params: { path: '/no/such' } } });
});
