// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { chmod, chown, lchown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuardedSocketServer } from '../../../native-helper/rpc/guarded-socket-server.ts';
import { RunDirectoryClaim } from '../../../native-helper/rpc/run-directory-claim.ts';

const log = pino({ level: 'silent' });
const somebody = 1000;
const group = 4242;
let top: string;
let run: string;

beforeEach(async () => {
  delete process.env['SUDO_UID'];
  top = await mkdtemp(path.join(os.tmpdir(), 'berth-run-'));
  run = path.join(top, 'run');
});
afterEach(async () => await rm(top, { recursive: true, force: true }));

async function take(runDirectory = run): Promise<void> {
  (await RunDirectoryClaim.take({ runDirectory, rpcSocket: path.join(runDirectory, 'helper.sock') }, log)).release();
}

test.each<[string, () => Promise<void>, () => string]>([
  ['belongs to somebody', async () => await chown(run, somebody, somebody), () => run],
  ['can be written by others', async () => await chmod(run, 0o1777), () => run],
  ["can be written by root's group", async () => await chmod(run, 0o775), () => run],
  ["is in somebody's directory", async () => await chown(top, somebody, somebody), () => top],
  ['is in a directory that others write', async () => await chmod(top, 0o777), () => top],
  [
    'is in a directory that a group writes',
    async () => {
      await chown(top, 0, group);
      await chmod(top, 0o770);
    },
    () => top,
  ],
])('a run directory that %s is refused', async (_, harm, place) => {
  await mkdir(run);
  await take();
  await harm();
  await expect(take()).rejects.toMatchObject({
    code: 'helper.run-directory-unsafe',
    params: { path: run, place: place() },
  });
});

test('it may be in a directory of whoever started the helper by sudo, but not be his', async () => {
  await mkdir(run);
  await chown(top, somebody, somebody);
  process.env['SUDO_UID'] = String(somebody);
  await take();
  await chown(run, somebody, somebody);
  await expect(take()).rejects.toMatchObject({ params: { place: run } });
});

test("a link on the way to it may be root's alone, and is followed to what it leads to", async () => {
  const link = path.join(top, 'link');
  await mkdir(path.join(top, 'real/run'), { recursive: true });
  await symlink('./nothing/../real', link);
  await mkdir(path.join(top, 'nothing'));
  await take(path.join(link, 'run'));
  await chown(path.join(top, 'real'), somebody, somebody);
  await expect(take(path.join(link, 'run'))).rejects.toMatchObject({ params: { place: path.join(top, 'real') } });
  await chown(path.join(top, 'real'), 0, 0);
  await rm(link);
  await symlink(path.join(top, 'real'), link);
  await lchown(link, somebody, somebody);
  await expect(take(path.join(link, 'run'))).rejects.toMatchObject({ params: { place: link } });
});

test('one in a place like /tmp is taken, and made where it is not there', async () => {
  await chmod(top, 0o1777);
  await take();
  expect((await stat(run)).mode & 0o777).toBe(0o755);
});

test('a link that takes the place of the socket leads the helper to nothing of its own', async () => {
  const secret = path.join(top, 'secret');
  await writeFile(secret, 'x', { mode: 0o600 });
  await mkdir(run);
  await using swapper = new Swapper(secret);
  const ends = new Set<string>();
  for (let round = 0; round < 200 && ends.size < 2; round += 1) {
    const socket = path.join(run, `${round}.sock`);
    const swapping = swapper.swap(path.join(run, `.${round}.new`), (round % 10) / 2); // where it is made
    const served = GuardedSocketServer.listen({
      path: socket,
      gid: group,
      allowHalfOpen: false,
      connections: 1,
      reservedForRoot: 1,
      lingerMs: 1,
      log,
      quota: 'max_connections',
      connectionsPerUser: () => 1,
      refusal: () => '',
      onConnection: () => undefined,
    });
    const [end] = await Promise.allSettled([served, swapping]);
    if (end.status === 'fulfilled') await end.value.close();
    ends.add(end.status === 'fulfilled' ? 'served' : (end.reason as { readonly code: string }).code);
    const { mode, gid, uid } = await stat(secret);
    expect([mode & 0o7777, uid, gid]).toEqual([0o600, 0, 0]);
  }
  // both were seen: a link that came in time, and one that came too late
  expect([...ends].toSorted()).toEqual(['helper.socket-blocked', 'served']);
});

/** Puts a link in the place of a socket as soon as it is there, from a thread: at any moment of the helper's. */
class Swapper {
  readonly #worker: Worker;

  constructor(target: string) {
    this.#worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const fs = require('node:fs');
       parentPort.on('message', ({ socket, waitMs }) => {
         fs.symlinkSync(workerData, socket + '.link');
         const begun = performance.now();
         while (!fs.existsSync(socket)) if (performance.now() - begun > 10_000) break;
         const seen = performance.now();
         while (performance.now() - seen < waitMs);
         fs.renameSync(socket + '.link', socket);
         parentPort.postMessage('done');
       });`,
      { eval: true, workerData: target },
    );
  }

  async swap(socket: string, waitMs: number): Promise<void> {
    const done = once(this.#worker, 'message');
    this.#worker.postMessage({ socket, waitMs });
    await done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
