// SPDX-License-Identifier: MIT
import { chmod, chown, readFile, statfs } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError, storageError } from '../../core/errors.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { removeTree } from '../../posix/remove-tree.ts';

/** statfs(2): HUGETLBFS_MAGIC of linux/magic.h. */
const hugetlbfsMagic = 0x958458f6;
const limitMs = 10_000;

export interface HugetlbMount {
  readonly place: string;
  readonly pageBytes: number;
}

/** Where this host has huge pages mounted; the smallest pages where there are several sizes. */
export async function findHugetlbMount(): Promise<HugetlbMount> {
  const mounts = parseHugetlbMounts(await readFile('/proc/self/mountinfo', 'utf8'));
  const [smallest] = mounts.toSorted((a, b) => a.pageBytes - b.pageBytes);
  if (!smallest)
    throw new HelperError('hardware.unavailable', {
      what: sentence('security.huge-pages'),
      reason: sentence('security.no-hugetlbfs'),
    });
  return smallest;
}

/** Lines of mountinfo (proc(5)); the option pagesize of the file system is `2M`, `1024M` or `1G`. */
export function parseHugetlbMounts(mountinfo: string): HugetlbMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [, place, options = ''] = /^\S+ \S+ \S+ \S+ (\S+) .* - hugetlbfs \S+ (\S+)/.exec(line) ?? [];
    const [, count, unit] = /(?:^|,)pagesize=(\d+)([KMG])/.exec(options) ?? [];
    if (place === undefined || count === undefined) return [];
    return [{ place, pageBytes: Number(count) * { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit as 'K' | 'M' | 'G'] }];
  });
}

/** The directory of one machine's pages on that mount. */
export function hugepagesDirectory({ place }: HugetlbMount, machine: string): string {
  return path.join(place, 'berth', machine);
}

/** Made for the machine's user alone. */
export async function prepareHugepages(directory: string, { uid, gid }: Credentials): Promise<void> {
  try {
    await makeDirectory(path.dirname(directory), 0o711);
    await makeDirectory(directory, 0o700);
    await chown(directory, uid, gid);
    await chmod(directory, 0o700);
  } catch (error) {
    throw storageError('prepare', directory, error);
  }
}

/** After the machine's end; its pages went with it. */
export async function removeHugepages(machine: string): Promise<void> {
  const mounts = parseHugetlbMounts(await readFile('/proc/self/mountinfo', 'utf8'));
  for (const mount of mounts) await removeTree(hugepagesDirectory(mount, machine));
}

/**
 * A hugetlbfs that was mounted after the machine's start is propagated into its namespace only where the target was
 * there; below its own /dev it is not. The directory is made and mounted inside then, as libvirt does when it
 * reconnects (qemuProcessReconnect). Nothing is done for a machine without huge pages.
 */
export async function ensureHugepagesInside(
  pid: number,
  directory: string,
  mount: HugetlbMount,
  {
    runner,
    owner,
    script,
    signal,
  }: {
    readonly runner: ProcessRunner;
    readonly owner: Credentials;
    readonly script: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const isThere = await statfs(`/proc/${pid}/root${directory}`).then(
    ({ type }) => type === hugetlbfsMagic,
    () => false,
  ); // absent
  if (isThere) return;
  const args = [
    '--mount',
    '--target',
    String(pid),
    '--',
    '/bin/sh',
    '-c',
    script,
    'machine-hugepages',
    directory,
    String(mount.pageBytes),
    String(owner.uid),
    String(owner.gid),
  ];
  await runner.run({ program: 'nsenter', args, confinement: 'none-needed' }, { signal, timeoutMs: limitMs });
}
