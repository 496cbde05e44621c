// SPDX-License-Identifier: MIT
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localHost } from '#contract/hosts.ts';
import { instanceName } from '#contract/names.ts';
import type { Transfer } from '#contract/transfers.ts';
import { LinkError } from '../../../electron/link/error-data.ts';
import { TransferHost } from '../../../electron/link/transfer-host.ts';
import { SftpServer } from '../../support/sftp-server.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

const name = instanceName.parse('one');
let here: SharedFolder;
let there: SharedFolder;
let servers: SftpServer[];
let host: TransferHost;
let told: readonly Transfer[];
let wake: () => void;

beforeEach(async () => {
  here = await SharedFolder.create('here');
  there = await SharedFolder.create('there');
  servers = [];
  told = [];
  wake = () => undefined;
  host = new TransferHost({
    openSftp: async (_, asked) => {
      if (asked !== name) throw new LinkError('instance.not-found', { name: asked });
      const server = new SftpServer(there.path);
      servers.push(server);
      return await Promise.resolve(server.stream);
    },
    onChange: (transfers) => {
      told = transfers;
      wake();
    },
  });
});

afterEach(async () => {
  await host.stop();
  for (const server of servers) await server[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

/** Resolves with a copy once it is as asked. */
async function until(id: string, isReached: (transfer: Transfer) => boolean): Promise<Transfer> {
  for (;;) {
    const found = told.find((transfer) => transfer.id === id);
    if (found && isReached(found)) return found;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

test('a copy is told from its beginning to its end, and is put away when asked', async () => {
  await writeFile(here.in('a'), 'content');
  const id = host.copyIn(localHost, { name, paths: [here.in('a')] });
  expect(await until(id, ({ state }) => state !== 'running')).toMatchObject({
    state: 'done',
    direction: 'in',
    instance: 'one',
    names: ['a'],
    folder: there.path,
    progress: { filesDone: 1, filesTotal: 1, bytesDone: 7, bytesTotal: 7 },
    failures: [],
    skipped: 0,
  });
  expect(await readFile(there.in('a'), 'utf8')).toBe('content');
  host.dismiss(id);
  const past = await until(id, ({ isPutAway }) => isPutAway);
  expect(Date.parse(past.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(past.startedAt));
});

test('a question waits for its own answer; an answer for all is the last question', async () => {
  for (const file of ['a', 'b', 'c']) for (const folder of [here, there]) await writeFile(folder.in(file), folder.path);
  const id = host.copyIn(localHost, { name, paths: ['a', 'b', 'c'].map((file) => here.in(file)) });
  const first = await until(id, ({ conflict }) => conflict !== undefined);
  expect(first.conflict).toMatchObject({ number: 1, path: there.in('a'), existing: { isFolder: false } });
  host.answer({ id, conflict: 7, choice: 'skip', isForAll: true });
  host.answer({ id, conflict: 1, choice: 'replace', isForAll: false });
  await until(id, ({ conflict }) => conflict?.number === 2);
  host.answer({ id, conflict: 2, choice: 'keep-both', isForAll: true });
  expect(await until(id, ({ state }) => state !== 'running')).toMatchObject({
    state: 'done',
    progress: { filesDone: 3 },
  });
  expect((await readdir(there.path)).sort()).toEqual(['a', 'b', 'b (2)', 'c', 'c (2)']);
});

test('stopping cancels what runs, and resolves when nothing half-copied is left', async () => {
  await writeFile(here.in('large'), '');
  await truncate(here.in('large'), 2 * 1024 ** 3);
  const id = host.copyIn(localHost, { name, paths: [here.in('large')] });
  await until(id, ({ progress }) => progress.bytesDone > 0);
  await host.stop();
  expect(await readdir(there.path)).toEqual([]);
});

test('a copy out goes to the folder named, and says what is not there', async () => {
  await mkdir(there.in('logs'));
  await writeFile(there.in('logs', 'last'), 'x');
  const good = host.copyOut(localHost, { name, paths: ['logs'], folder: here.path });
  expect(await until(good, ({ state }) => state !== 'running')).toMatchObject({
    state: 'done',
    direction: 'out',
    folder: here.path,
  });
  expect(await readFile(here.in('logs', 'last'), 'utf8')).toBe('x');
  const bad = host.copyOut(localHost, { name, paths: ['nothing'], folder: here.path });
  expect(await until(bad, ({ state }) => state !== 'running')).toMatchObject({
    state: 'failed',
    error: { message: 'nothing: there is no such file or folder' },
  });
});

test('what the helper refuses is told with its way out; what cannot be meant is refused at once', async () => {
  await writeFile(here.in('a'), 'x');
  const id = host.copyIn(localHost, { name: instanceName.parse('other'), paths: [here.in('a')] });
  expect(await until(id, ({ state }) => state !== 'running')).toMatchObject({
    state: 'failed',
    error: { message: 'There is no instance named other.', hint: expect.stringContaining('berth list') },
  });
  expect(() => host.copyIn(localHost, { name, paths: ['relative'] })).toThrow('no absolute path');
});
