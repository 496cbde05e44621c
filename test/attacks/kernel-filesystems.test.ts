// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, realpath } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { resolveSource } from '../../native-helper/shares/source.ts';
import { BareShare } from '../support/bare-share.ts';
import { SharedFolder } from '../support/shared-folder.ts';

/**
 * A member who shares, or gets root to mount into what he shares, what is the kernel's own: magic links of proc(5) lead
 * out of any jail.
 */
const root = { uid: 0, gid: 0 };
const signal = AbortSignal.timeout(110_000);
let folder: SharedFolder;
let share: BareShare;
const mounted: string[] = [];

beforeAll(async () => {
  folder = await SharedFolder.create('src');
  await chmod(folder.path, 0o777);
  share = await BareShare.create();
});
afterEach(async () => {
  await share.stop();
  for (const target of mounted.splice(0).toReversed()) execFileSync('umount', [target]);
});
afterAll(async () => {
  await share[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function mountThere(target: string, ...args: readonly string[]): void {
  execFileSync('mount', [...args, target]);
  mounted.push(target);
}

it.each(['/proc', '/proc/self', '/proc/1/root/proc', '/sys/kernel', '/dev/pts'])(
  '%s is no source, when it is asked for and at each start',
  async (source) => {
    const real = await realpath(source).catch(() => source);
    const denied = { code: 'mount.source-denied' };
    await expect(
      resolveSource(source, root, { runner: new LocalProcessRunner(), assetsDirectory, signal }),
    ).rejects.toMatchObject(denied);
    if (!real.startsWith('/proc/'))
      await expect(share.sftp({ source: real, owner: root })).rejects.toMatchObject({
        ...denied,
        params: { reason: expect.stringContaining('a file system of the kind') as string },
      });
  },
);

it.each([['proc'], ['mqueue'], ['tmpfs']])('%s that is mounted on the folder after it was chosen', async (type) => {
  mountThere(folder.path, '-t', type, type);
  const outcome = await share.sftp({ source: folder.path, owner: root }).then(
    () => 'served',
    (error: { code?: string }) => error.code,
  );
  expect(outcome).toBe(type === 'tmpfs' ? 'served' : 'mount.source-denied');
});

it('what is mounted below, before or later, is an empty folder', async () => {
  for (const name of ['before', 'later']) await mkdir(folder.in(name), { mode: 0o755 });
  mountThere(folder.in('before'), '-t', 'proc', 'proc');
  const sftp = await share.sftp({ source: folder.path, owner: root });
  mountThere(folder.in('later'), '-t', 'proc', 'proc');
  const nineP = async (): Promise<unknown> =>
    await (await share.nineP({ source: folder.path, owner: root })).list(['later']);
  for (const name of ['before', 'later']) {
    expect(await sftp.list(`/share/${name}`)).toEqual(['.', '..']);
    for (const way of ['1/root/etc/hostname', 'self/root/etc/hostname', 'self/environ'])
      expect(await sftp.readFile(`/share/${name}/${way}`)).toMatch(/^refused/);
  }
  expect(await nineP()).toEqual(['.', '..']);
});
