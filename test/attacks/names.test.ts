// SPDX-License-Identifier: MIT
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { renameSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { visibleText } from '#contract/visible-text.ts';
import { copy } from '../../client/transfer/copy.ts';
import { resolveDestination } from '../../client/transfer/destination.ts';
import { localFiles } from '../../client/transfer/local-files.ts';
import { openGuestFiles } from '../../client/transfer/open-guest-files.ts';
import { listGuestFolder } from '../../electron/link/list-guest-folder.ts';
import { instanceName } from '#contract/names.ts';
import { hostileSftp } from '../support/hostile-sftp.ts';
import { SharedFolder } from '../support/shared-folder.ts';

/** A guest that has put a program of its own in the place of its SFTP server. */
let home: SharedFolder;

beforeEach(async () => {
  home = await SharedFolder.create('home');
  await writeFile(home.in('.bashrc'), 'mine');
  await mkdir(home.in('work'));
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
});

/**
 * `berth transfer -r vm:ASKED DESTINATION`, replacing what is there, as the command does by default; what could not be
 * copied.
 */
async function copyOut(
  lies: Parameters<typeof hostileSftp>,
  asked: string,
  destination = home.in('work'),
): Promise<string[]> {
  const failed: string[] = [];
  using guest = await openGuestFiles(hostileSftp(...lies));
  const observer = {
    progress: () => undefined,
    choose: () => Promise.resolve('replace' as const),
    copied: () => undefined,
    skipped: () => undefined,
    failed: (file: string, reason: string): void => void failed.push(`${file}: ${reason}`),
  };
  const to = await resolveDestination(localFiles, Buffer.from(destination), 1);
  await copy(
    { from: guest.files, to: localFiles, sources: [Buffer.from(asked)], destination: to },
    observer,
    AbortSignal.timeout(60_000),
  );
  return failed;
}

test.each(['..', '/home/..', '.', '/home/.', 'a\0b', '', '/home/..//'])(
  'a folder that the guest calls %j is refused by that name, and nothing is written',
  async (realPath) => {
    for (const asked of ['.', '..', '', './', '../..']) {
      await expect(copyOut([[Buffer.from('.bashrc')], { realPath, content: 'theirs' }], asked)).rejects.toThrow(
        'a file cannot have the name',
      );
    }
    expect(await readFile(home.in('.bashrc'), 'utf8')).toBe('mine');
    expect(await readdir(home.in('work'))).toEqual([]);
  },
);

test('names that lead elsewhere cost themselves alone, and are named', async () => {
  const names = ['../.bashrc', '/etc/passwd', 'a/b', '', 'nul\0', 'good'].map((name) => Buffer.from(name));
  const failed = await copyOut([names, { content: 'theirs' }], '/folder');
  expect(failed.map((line) => /"(.*)"$/.exec(line)?.[1])).toEqual(['../.bashrc', '/etc/passwd', 'a/b', '', 'nul\\x00']);
  expect(await readdir(home.in('work', 'folder'))).toEqual(['good']);
  expect(await readFile(home.in('.bashrc'), 'utf8')).toBe('mine');
});

test('a folder of the destination that turns into a link while the copy runs leads nowhere', async () => {
  await mkdir(home.in('work', 'shared'));
  await mkdir(home.in('secret'));
  const names = Array.from({ length: 30 }, (_, index) => Buffer.from(`f${index}`));
  let isSwapped = false;
  const onOpen = (): void => {
    if (isSwapped) return;
    isSwapped = true;
    renameSync(home.in('work', 'shared'), home.in('work', 'was'));
    symlinkSync('../secret', home.in('work', 'shared'));
  };
  const failed = await copyOut([names, { content: 'theirs', onOpen }], '/shared');
  expect(await readdir(home.in('secret'))).toEqual([]);
  expect(failed.length).toBeGreaterThan(0);
});

test('a folder that was swapped for a link before the copy comes to it is not gone into', async () => {
  await mkdir(home.in('secret'));
  await symlink('../secret', home.in('work', 'shared'));
  expect(await copyOut([[Buffer.from('f')], { content: 'theirs' }], '/shared')).toHaveLength(1);
  expect(await readdir(home.in('secret'))).toEqual([]);
  await rename(home.in('work', 'shared'), home.in('work', 'link'));
});

test('the window lists no name that leads elsewhere, and chooses none', async () => {
  const open = (...lies: Parameters<typeof hostileSftp>) =>
    listGuestFolder({
      name: instanceName.parse('vm'),
      folder: '.',
      openSftp: () => Promise.resolve(hostileSftp(...lies)),
    });
  const { entries } = await open(['../up', 'a/b', 'nul\0', '/etc', 'good'].map((name) => Buffer.from(name)));
  expect(entries.map(({ name }) => name)).toEqual(['good']);
});

test('a name shows what is in it: no control of a terminal, no turned direction, nothing without width', () => {
  expect(visibleText('a\u001b[2J\u0007\u009b1m\n\u202egnp.exe\u2066\u200b\ufeff\u00ad')).toBe(
    'a\\x1b[2J\\x07\\x9b1m\\n\\u202egnp.exe\\u2066\\u200b\\ufeff\\xad',
  );
  expect(visibleText('Übersicht 日本語 👩‍👩‍👧 עברית')).toBe('Übersicht 日本語 👩‍👩‍👧 עברית');
});
