// SPDX-License-Identifier: MIT
// What holds of a folder in a guest by whichever transport it comes there.
import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { MountSummary } from '#contract/mounts.ts';
import type { InstanceClient } from './instance-client.ts';
import type { MountClient } from './mount-client.ts';
import { oddNames } from './odd-names.ts';
import { SharedFolder } from './shared-folder.ts';

/** The instance `one`, which has a folder of the test's own at `/home/berth/shared`. */
export interface Sharing {
  readonly client: InstanceClient;
  /** By this transport where a folder is added. */
  readonly mounts: MountClient;
  readonly transport: NonNullable<MountSummary['transport']>;
}

type Answer = Awaited<ReturnType<InstanceClient['exec']>>;

/** A line of shell in the guest, with words that it does not read. */
async function sh({ client }: Sharing, line: string, ...words: readonly string[]): Promise<Answer> {
  return await client.exec('one', 'sh', '-c', line, 'sh', ...words);
}

async function expectRefused({ client }: Sharing, lines: readonly string[]): Promise<void> {
  for (const line of lines)
    expect([line, (await client.exec('one', 'sudo', 'sh', '-c', line)).exitCode]).not.toEqual([line, 0]);
}

/**
 * Not the guest's root either changes a folder that is read-only at `/mnt/fixed`, in no way of this transport alone
 * either.
 */
export async function expectReadOnly(sharing: Sharing, more: readonly string[] = []): Promise<void> {
  const { mounts, transport } = sharing;
  await using fixed = await SharedFolder.create('fixed');
  await writeFile(fixed.in('f'), 'kept');
  expect(await mounts.add('one', fixed.path, { target: '/mnt/fixed', isReadOnly: true })).toMatchObject({
    state: 'connected',
    transport,
  });
  expect(await sh(sharing, 'cat /mnt/fixed/f')).toMatchObject({ stdout: 'kept' });
  const remount = 'mount -o remount,rw /mnt/fixed';
  await expectRefused(sharing, [
    'echo x > /mnt/fixed/f',
    'rm /mnt/fixed/f',
    'mkdir /mnt/fixed/d',
    `${remount}; echo x > /mnt/fixed/g`,
    `${remount}; rm -f /mnt/fixed/f`,
    ...more,
  ]);
  expect(await readdir(fixed.path)).toEqual(['f']);
  expect(await readFile(fixed.in('f'), 'utf8')).toBe('kept');
  expect(await mounts.remove('one', '/mnt/fixed')).toHaveLength(1);
}

/** Files go through under every name that Linux takes. What is made here is seen there `staleSeconds` later at most. */
export async function expectEveryName(sharing: Sharing, folder: SharedFolder, staleSeconds = 0): Promise<void> {
  for (const name of oddNames) {
    expect(await sh(sharing, 'cd shared && printf %s "$1" > "./$1"', name)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await readFile(folder.in(name), 'utf8')).toBe(name);
  }
  // no UTF-8
  await writeFile(Buffer.concat([Buffer.from(`${folder.path}/f`), Buffer.from([0xff, 0xfe, 0x80])]), 'bytes');
  expect(
    await sh(
      sharing,
      `sleep ${staleSeconds}; cd shared && cat "$(printf "f\\377\\376\\200")" && printf x > "$(printf "g\\377")"`,
    ),
  ).toMatchObject({ stdout: 'bytes', exitCode: 0 });
  expect(
    (await readdir(folder.path, { encoding: 'buffer' })).some((name) => name.equals(Buffer.from([0x67, 0xff]))),
  ).toBe(true);
}

/** A folder of that name comes to a target of that name, which goes with it. */
export async function expectMountByName(sharing: Sharing, name: string): Promise<void> {
  const { mounts, transport } = sharing;
  await using odd = await SharedFolder.create(name);
  await writeFile(odd.in('f'), 'inside');
  expect(await mounts.add('one', odd.path)).toMatchObject({
    state: 'connected',
    transport,
    target: `/home/berth/${name}`,
  });
  expect(await sh(sharing, 'cat "./$1/f"', name)).toMatchObject({ stdout: 'inside' });
  await mounts.remove('one', `/home/berth/${name}`);
  expect(await sh(sharing, '[ ! -e "./$1" ]', name)).toMatchObject({ exitCode: 0 });
}

/** Links, FIFOs and devices of the folder lead to nothing of this computer, and the guest makes no devices in it. */
export async function expectNoWayOut(sharing: Sharing, folder: SharedFolder): Promise<void> {
  await mkdir(folder.in('special'));
  for (const [name, ...node] of [
    ['fifo', 'p'],
    ['disk', 'b', '254', '0'],
    ['zero', 'c', '1', '5'],
  ] as const)
    execFileSync('mknod', ['-m', '666', folder.in('special', name), ...node]);
  await symlink('/etc/hostname', folder.in('special', 'out'));
  // Each is seen there, and the link shows the guest's own file: links are resolved there.
  expect(await sh(sharing, 'cd shared/special && ls && cat out')).toMatchObject({
    stdout: 'disk\nfifo\nout\nzero\none\n',
  });
  const there = '/home/berth/shared/special';
  // The guest's kernel serves a FIFO itself: what is written there does not come out here.
  await expectRefused(sharing, [
    `timeout 2 sh -c "echo x > ${there}/fifo"`,
    `head -c 1 ${there}/disk`,
    `head -c 1 ${there}/zero`,
    `mknod ${there}/new c 1 3`,
  ]);
  expect((await lstat(folder.in('special', 'fifo'))).isFIFO()).toBe(true);
  expect((await readdir(folder.in('special'))).sort()).toEqual(['disk', 'fifo', 'out', 'zero']);
  expect(await sh(sharing, 'rm -r shared/special')).toMatchObject({ exitCode: 0, stderr: '' });
}
