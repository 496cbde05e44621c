// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { guestOutput } from './guest-output.ts';
import type { HelperConnection } from './helper-connection.ts';

/** A program of a guest that has something of a folder open, or stands in it. */
export interface MountUser {
  readonly pid: number;
  readonly command: string;
}

const answerLimitMs = 5_000;
/** The guest may say anything: so many are shown, and so much of a name, which the kernel keeps to 15 bytes. */
const mostUsers = 1000;
const longestCommand = 64;

/**
 * proc(5): what every process has open and where it stands, then what each is called. Needs no program but a shell's.
 */
const look = 'ls -ln /proc/[0-9]*/cwd /proc/[0-9]*/fd 2> /dev/null; head -n 1 /proc/[0-9]*/comm 2> /dev/null';
/** As root, where the user may; else it shows the user's own processes. */
const asRoot = 'if sudo -n true 2> /dev/null; then exec sudo -n sh -c "$1"; else exec sh -c "$1"; fi';

/** Who in the guest uses a mounted folder. Undefined where the guest does not tell in time. */
export async function mountUsers(
  connection: HelperConnection,
  name: InstanceName,
  target: string,
): Promise<readonly MountUser[] | undefined> {
  try {
    return parseMountUsers(
      await guestOutput(connection, name, ['sh', '-c', asRoot, 'sh', look], AbortSignal.timeout(answerLimitMs)),
      target,
    );
  } catch {
    return undefined; // a guest that hangs must not keep its folders
  }
}

/** Reads what {@link look} prints, of GNU's or busybox's ls and head. */
export function parseMountUsers(output: string, target: string): readonly MountUser[] {
  const namesAt = output.indexOf('==> /proc/');
  const names = commandNames(namesAt < 0 ? '' : output.slice(namesAt));
  const users = processesIn(namesAt < 0 ? output : output.slice(0, namesAt), target);
  return [...users]
    .sort((a, b) => a - b)
    .slice(0, mostUsers)
    .map((pid) => ({ pid, command: (names.get(pid) ?? '?').slice(0, longestCommand) }));
}

function processesIn(listing: string, target: string): Set<number> {
  const found = new Set<number>();
  let ofFolder: number | undefined;
  for (const line of listing.split('\n')) {
    const folder = /^\/proc\/(\d+)\/fd:$/.exec(line);
    if (folder) ofFolder = Number(folder[1]);
    const [, standing, path = ''] = / (?:\/proc\/(\d+)\/cwd|\d+) -> (.*)$/.exec(line) ?? [];
    const pid = standing === undefined ? ofFolder : Number(standing);
    if (pid !== undefined && isWithin(path, target)) found.add(pid);
  }
  return found;
}

function commandNames(listing: string): ReadonlyMap<number, string> {
  return new Map(
    [...listing.matchAll(/^==> \/proc\/(\d+)\/comm <==\n(.*)$/gm)].map(([, pid, command]) => [
      Number(pid),
      command ?? '',
    ]),
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
