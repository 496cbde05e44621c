// SPDX-License-Identifier: MIT
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { CommandContext } from '../command-context.ts';
import { splitGuestPath } from '../guest-path.ts';

/** `berth remount`: attaches one mounted folder of an instance anew, or all, and says what came of it. */
export async function remount(context: CommandContext, destination: string): Promise<void> {
  const { name, path: target } = splitGuestPath(destination);
  const connection = await context.connect();
  const mounts = await connection.request('mounts.reconnect', { name, ...(target === undefined ? {} : { target }) });
  for (const mount of mounts) process.stdout.write(`${mount.target}\n`);
  if (mounts.length === 0) process.stderr.write(`Nothing is mounted in ${name}.\n`);
  if (mounts.some(({ state }) => state === 'waiting')) process.stderr.write(`It is mounted as soon as ${name} runs.\n`);
  const failed = mounts.find(({ state, reason }) => state === 'not-connected' && reason !== undefined);
  if (failed?.reason) throw new HelperCallError(failed.reason);
}
