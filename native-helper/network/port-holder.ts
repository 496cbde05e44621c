// SPDX-License-Identifier: MIT
import { readdir, readFile, readlink } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import type { Reason } from '../core/said-error.ts';

/**
 * Who has a local port, by socket tables and descriptors in /proc (proc(5)); for an error's text, so whatever cannot be
 * read is passed over. Undefined when nobody is found.
 */
export async function findPortHolder(protocol: 'udp' | 'tcp', port: number): Promise<Reason | undefined> {
  const tables = await Promise.all(
    [`/proc/self/net/${protocol}`, `/proc/self/net/${protocol}6`].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const inodes = new Set(tables.flatMap((text) => text.split('\n')).flatMap((line) => inodeOf(line, port) ?? []));
  if (inodes.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    if (await hasSocket(pid, inodes)) {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined);
      return name === undefined
        ? sentence('network.nameless-process', { pid })
        : sentence('network.process', { name: name.trim(), pid });
    }
  }
  return sentence('network.unseen-process');
}

/** Columns: `sl local_address rem_address st … inode`, the port in hex behind the colon. */
function inodeOf(line: string, port: number): string | undefined {
  const columns = line.trim().split(/\s+/);
  return Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port && columns[9] !== '0' ? columns[9] : undefined;
}

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''));
}
