// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at } from '../../../native-helper/posix/at.ts';
import { openBeneath } from '../../../native-helper/posix/open-beneath.ts';
import { openRegular } from '../../../native-helper/posix/open-regular.ts';
import { renameNew } from '../../../native-helper/posix/rename-new.ts';

let room: string;
let directory: FileHandle;
const inRoom = (name: string): string => path.join(room, name);
beforeEach(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'berth-open-'));
  await mkdir(inRoom('a/b'), { recursive: true });
  await writeFile(inRoom('a/b/file'), 'text', { mode: 0o600 });
  await symlink('b', inRoom('a/link'));
  await symlink('a/b/file', inRoom('file'));
  execFileSync('mkfifo', [inRoom('fifo')]);
  directory = await open(room, constants.O_RDONLY | constants.O_DIRECTORY);
});
afterEach(async () => {
  await directory.close();
  await rm(room, { recursive: true, force: true });
});

describe('opening beneath a directory', () => {
  const flags = constants.O_RDONLY;

  it('opens what is there, without a link on the way', async () => {
    await using file = await openBeneath(directory.fd, 'a/b/file', { flags });
    expect(await file.readFile('utf8')).toBe('text');
  });

  it.each([
    ['a/link/file', 'ELOOP'],
    ['file', 'ELOOP'],
    ['../x', 'EXDEV'],
    ['/etc/passwd', 'EXDEV'],
    ['none', 'ENOENT'],
    ['fifo', 'EINVAL'],
  ])('refuses %s: %s', async (name, code) => {
    await expect(openBeneath(directory.fd, name, { flags })).rejects.toMatchObject({ code });
  });

  it('crosses a mount only when told to', async () => {
    await using root = await open('/', constants.O_RDONLY | constants.O_DIRECTORY);
    await expect(openBeneath(root.fd, 'proc/version', { flags })).rejects.toMatchObject({ code: 'EXDEV' });
    await using file = await openBeneath(root.fd, 'proc/version', { flags, mayCrossMounts: true });
    expect(await file.readFile('utf8')).toContain('Linux');
  });
});

describe('opening a regular file', () => {
  it('opens one by its name and by its directory', async () => {
    for (const name of [inRoom('a/b/file'), at(directory.fd, 'a').toString() + '/b/file']) {
      await using file = await openRegular(name, {
        owner: process.getuid?.() ?? 0,
        mustBePrivate: true,
        mustBeSingle: true,
      });
      expect(await file.readFile('utf8')).toBe('text');
    }
  });

  it('refuses a link, a FIFO, a directory, another owner, a second name and an open mode', async () => {
    await expect(openRegular(inRoom('file'))).rejects.toMatchObject({ code: 'ELOOP' });
    for (const name of ['fifo', 'a'])
      await expect(openRegular(inRoom(name))).rejects.toMatchObject({ code: 'storage.failed' });
    const file = inRoom('a/b/file');
    await expect(openRegular(file, { owner: 4242 })).rejects.toMatchObject({ code: 'storage.failed' });
    await chmod(file, 0o640);
    await expect(openRegular(file, { mustBePrivate: true })).rejects.toMatchObject({ code: 'storage.failed' });
    await link(file, inRoom('second'));
    await expect(openRegular(file, { mustBeSingle: true })).rejects.toMatchObject({ code: 'storage.failed' });
  });
});

describe('names', () => {
  it('are single plain ones', () => {
    for (const name of ['', '.', '..', 'a/b', '/a', 'a\0b']) expect(() => at(3, name)).toThrow(/not the name/);
    expect(at(3, 'x').toString()).toBe('/proc/self/fd/3/x');
  });

  it('that something has are not taken by a rename', async () => {
    await expect(renameNew(inRoom('fifo'), inRoom('a/b/file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await renameNew(inRoom('a/b/file'), inRoom('a/new'));
    expect(await readFile(inRoom('a/new'), 'utf8')).toBe('text');
  });
});
