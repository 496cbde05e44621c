// SPDX-License-Identifier: MIT
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { readLauncherScript } from '../core/assets.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import { nodeArgument } from './launcher.ts';
import type { DeviceNode } from './private-dev.ts';

const limitMs = 10_000;

interface NodesChange {
  readonly pid: number;
  readonly owner: Credentials;
  /** All that it may use beyond the base; what it has besides is removed. */
  readonly devices: readonly DeviceNode[];
  readonly assetsDirectory: string;
}

/** Makes and removes nodes in the /dev of a machine that runs. */
export async function changeNodes(runner: ProcessRunner, { pid, owner, devices, assetsDirectory }: NodesChange, signal: AbortSignal): Promise<void> {
  const script = await readLauncherScript(assetsDirectory, 'machine-nodes.sh');
  const args = ['--mount', '--target', String(pid), '--', '/bin/sh', '-c', script, 'machine-nodes', String(owner.uid), String(owner.gid), ...devices.map(nodeArgument)];
  await runner.run({ program: 'nsenter', args, confinement: 'none-needed' }, { signal, timeoutMs: limitMs });
}

/** Whether a process has a file open: what is open stays open, whatever its profile says from now on. */
export async function hasOpen(pid: number, file: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(directory)).map((fd) => readlink(path.join(directory, fd)).catch(() => undefined))); // closed meanwhile
  return links.includes(file);
}
