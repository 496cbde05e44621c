// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';

export interface JailedServer {
  /** What the helper started: it makes the jail and waits outside of it. */
  readonly outer: number;
  /** What serves in there. */
  readonly inner: number;
}

/** The servers of a folder that are this program, whoever else of this computer is served by it too. */
export function jailedServers(source: string, program: 'sftp-server' | 'virtiofsd' | 'diod'): JailedServer[] {
  return ps('-eo', 'pid,args')
    .filter((line) => line.includes(source) && line.includes('unshare') && line.includes(program))
    .map((line) => Number(line.trim().split(' ')[0]))
    .map((outer) => ({ outer, inner: Number(ps('--ppid', String(outer), '-o', 'pid=')[0]) }));
}

/** The one that there is. */
export function jailedServer(source: string, program: Parameters<typeof jailedServers>[1]): JailedServer {
  const [server, another] = jailedServers(source, program);
  if (server === undefined || another !== undefined) throw new Error(`not one ${program} serves ${source}`);
  return server;
}

function ps(...args: readonly string[]): string[] {
  try {
    return execFileSync('ps', args, { encoding: 'utf8' }).trim().split('\n');
  } catch {
    return []; // it ends with 1 where it has nothing to show
  }
}
