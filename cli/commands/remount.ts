// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { CommandContext } from '../command-context.ts';
import { splitGuestPath } from '../guest-path.ts';
import { print, tell } from '../output.ts';

/** `berth remount`: attaches one mounted folder of an instance anew, or all, and says what came of it. */
export async function remount(context: CommandContext, destination: string): Promise<void> {
  const { name, path: target } = splitGuestPath(destination);
  const connection = await context.connect();
  const mounts = await connection.request('mounts.reconnect', { name, ...(target === undefined ? {} : { target }) });
  for (const mount of mounts) print(mount.target);
  if (mounts.length === 0) tell(say('cli.mount.nothing', { name }));
  if (mounts.some(({ state }) => state === 'waiting')) tell(say('cli.mount.waiting', { name }));
  const failed = mounts.find(({ state, reason }) => state === 'not-connected' && reason !== undefined);
  if (failed?.reason) throw new HelperCallError(failed.reason);
}
