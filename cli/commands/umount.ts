// SPDX-License-Identifier: MIT
import type { CommandContext } from '../command-context.ts';
import { splitGuestPath } from '../guest-path.ts';

/** `berth umount`: takes one mounted folder away, or all of an instance. */
export async function umount(context: CommandContext, destination: string): Promise<void> {
  const { name, path: target } = splitGuestPath(destination);
  const connection = await context.connect();
  const removed = await connection.request('mounts.remove', { name, ...(target === undefined ? {} : { target }) });
  if (removed.length === 0) process.stderr.write(`Nothing is mounted in ${name}.\n`);
}
