// SPDX-License-Identifier: MIT
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SftpSession } from '../../../client/sftp/sftp-session.ts';
import type { CopyObserver } from '../../../client/transfer/copier.ts';
import { copy } from '../../../client/transfer/copy.ts';
import type { FileTree } from '../../../client/transfer/file-tree.ts';
import { localFiles } from '../../../client/transfer/local-files.ts';
import { openGuestFiles } from '../../../client/transfer/open-guest-files.ts';
import { findSource, scan, ScanBudget } from '../../../client/transfer/scan.ts';
import { hostileSftp } from '../../support/hostile-sftp.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'berth-hostile-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Copies the guest's `/d` into {@link folder}; returns what failed. */
async function copyFrom(
  guest: Duplex,
  observer: Partial<CopyObserver> = {},
  to: FileTree = localFiles,
): Promise<string[]> {
  const failed: string[] = [];
  using opened = await openGuestFiles(guest);
  const all: CopyObserver = {
    progress: () => undefined,
    choose: () => Promise.resolve('replace'),
    copied: () => undefined,
    skipped: () => undefined,
    failed: (where, reason) => void failed.push(`${where}: ${reason}`),
    ...observer,
  };
  await copy(
    { from: opened.files, to, sources: [Buffer.from('/d')], destination: { folder: Buffer.from(folder) } },
    all,
    new AbortController().signal,
  );
  return failed;
}

async function modeOf(...names: string[]): Promise<number> {
  return (await stat(path.join(folder, ...names))).mode & 0o7777;
}

test.each([0o677, 0o377, 0o077, 0o577, 0o477, 0o777, 0o4755, 0o1777])(
  "a guest's folder of mode %o gives nobody more than the umask does",
  async (mode) => {
    // Worker threads cannot set it; whatever it is, a folder made with all rights shows it.
    await localFiles.makeFolder(Buffer.from(path.join(folder, 'all')), 0o777);
    const allowed = await modeOf('all');
    const whileFilled: number[] = [];
    const to: FileTree = {
      ...localFiles,
      create: async (...given) => {
        whileFilled.push(await modeOf('d'));
        return await localFiles.create(...given);
      },
    };
    expect(await copyFrom(hostileSftp([Buffer.from('file')], { mode: 0o040000 | mode, content: 'x' }), {}, to)).toEqual(
      [],
    );
    expect((await modeOf('d')).toString(8)).toBe((mode & allowed).toString(8));
    expect(whileFilled).toEqual([(mode & 0o700) === 0o700 ? mode & allowed : 0o700]);
    await rm(path.join(folder, 'd'), { recursive: true });
  },
);

test.each([
  [{ entries: 2000, pathBytes: 1e9 }, 'more than 2000 files and folders'],
  [{ entries: 1e9, pathBytes: 64 * 1024 }, 'more than 64 KiB'],
])('an endless tree ends with a sentence: %j', async (limits, sentence) => {
  using guest = await openGuestFiles(
    hostileSftp([], {
      list: (turn) => (turn === 0 ? ['a', 'b'].map((name) => ({ name, mode: 0o040755 })) : undefined),
    }),
  );
  const options = {
    signal: new AbortController().signal,
    budget: new ScanBudget(limits),
    onFound: () => undefined,
    onFailure: () => undefined,
  };
  await expect(scan(guest.files, await findSource(guest.files, Buffer.from('/d')), options)).rejects.toThrow(sentence);
});

test('a tree that only goes deeper is left at a depth', async () => {
  const failed = await copyFrom(
    hostileSftp([], { list: (turn) => (turn === 0 ? [{ name: 'a', mode: 0o040755 }] : undefined) }),
  );
  expect(failed).toEqual([expect.stringMatching(/^\/d(?:\/a){256}: its folders go too deep$/)]);
});

test('a folder whose names have no end is none', async () => {
  const session = await SftpSession.open(hostileSftp([], { list: () => [{ name: Buffer.alloc(400_000, 'x') }] }));
  await expect(session.list(Buffer.from('/d'))).rejects.toThrow('lists too much in one folder');
  session.end();
});

test('an answer without a name is no listing', async () => {
  const session = await SftpSession.open(hostileSftp([], { list: () => [] }));
  await expect(session.list(Buffer.from('/d'))).rejects.toThrow('nothing and no end');
  session.end();
});

test('what a listing says beside the names is not kept', async () => {
  const longName = 'x'.repeat(400_000);
  const session = await SftpSession.open(
    hostileSftp([], { list: (turn) => (turn < 500 ? [{ name: `file-${turn}`, longName }] : undefined) }),
  );
  const entries = await session.list(Buffer.from('/d'));
  const kept = new Set(entries.map(({ name }) => name.buffer));
  expect(entries).toHaveLength(500);
  expect([...kept].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(1024 * 1024);
  session.end();
});

test.each([
  ['nothing', ''],
  ['more than was asked for', 'x'.repeat(300_000)],
])('%s is no answer to who reads a file', async (_, content) => {
  const session = await SftpSession.open(hostileSftp([], { content }));
  await expect(session.read(Buffer.from('f'), 0, 1000)).rejects.toThrow('other bytes');
  session.end();
});
