// SPDX-License-Identifier: MIT
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { readLauncherScript } from '../core/assets.ts';
import { HelperError } from '../core/errors.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import { byDescriptor } from './grants/by-descriptor/command.ts';
import { givenFields, nodeArgument } from './launcher.ts';
import type { FileAccess } from './machine-access.ts';
import type { DeviceNode } from './private-dev.ts';

const limitMs = 10_000;

interface NodesChange {
  readonly pid: number;
  readonly owner: Credentials;
  /** All that it may use beyond the base; what it has besides is removed. */
  readonly devices: readonly DeviceNode[];
  readonly assetsDirectory: string;
}

interface WrittenChange extends Pick<NodesChange, 'pid' | 'assetsDirectory'> {
  /** Its own, which lie where nobody else changes a name. */
  readonly own: readonly string[];
  readonly given: readonly FileAccess[];
}

/** Makes and removes nodes in the /dev of a machine that runs. */
export async function changeNodes(
  runner: ProcessRunner,
  { pid, owner, devices, assetsDirectory }: NodesChange,
  signal: AbortSignal,
): Promise<void> {
  const script = await readLauncherScript(assetsDirectory, 'machine-nodes.sh');
  const args = [
    '--mount',
    '--target',
    String(pid),
    '--',
    '/bin/sh',
    '-c',
    script,
    'machine-nodes',
    String(owner.uid),
    String(owner.gid),
    ...devices.map(nodeArgument),
  ];
  await runner.run({ program: 'nsenter', args, confinement: 'none-needed' }, { signal, timeoutMs: limitMs });
}

/**
 * Lets a machine that runs write these files of the host, and no others: what it inherited of the host is read-only.
 */
export async function changeWritten(runner: ProcessRunner, change: WrittenChange, signal: AbortSignal): Promise<void> {
  const { pid, own, given, assetsDirectory } = change;
  const inside = (...command: readonly string[]): string[] => [
    '--mount',
    '--target',
    String(pid),
    '--',
    '/bin/sh',
    '-c',
    ...command,
  ];
  const [writes = '', binds = ''] = await Promise.all(
    ['machine-writes.sh', 'bind-given.sh'].map((name) => readLauncherScript(assetsDirectory, name)),
  );
  const writing = {
    program: 'nsenter',
    args: inside(writes, 'machine-writes', ...own, ...given.map((file) => file.path)),
    confinement: 'none-needed',
  } as const;
  const missing = (await runner.run(writing, { signal, timeoutMs: limitMs })).stdout.split('\n');
  for (const file of given.filter((each) => missing.includes(each.path))) {
    const [uid, gid, ...what] = givenFields(file);
    // opened from here, for neither Node nor the program may be seen in there
    const giving = byDescriptor(
      'run',
      `/proc/${pid}/root`,
      uid,
      gid,
      file.path,
      'nsenter',
      ...inside(inWritableDev, 'give', binds, ...what, '-'),
    );
    // as at a start, QEMU says what it misses
    await runner.run({ ...giving, confinement: 'none-needed' }, { signal, timeoutMs: limitMs }).catch(ifElsewhere);
  }
}

/** bind-given.sh needs a place of root's for a moment; the answer is its own. */
const inWritableDev = `set -euf
mount -n -o remount,rw /dev
trap 'mount -n -o remount,ro /dev' EXIT
text=$1
shift
/bin/sh -c "$text" bind-given "$@"`;

/** Gone, hidden in there, or another file by now (by-descriptor, bind-given.sh). */
function ifElsewhere(error: unknown): void {
  const isElsewhere =
    error instanceof HelperError &&
    error.code === 'process.failed' &&
    ['exit code 91', 'exit code 92'].includes(String(error.params['status']));
  if (!isElsewhere) throw error;
}

/** Whether a process has a file open: what is open stays open, whatever its profile says from now on. */
export async function hasOpen(pid: number, file: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(path.join(directory, fd)).catch(() => undefined)),
  ); // closed meanwhile
  return links.includes(file);
}
