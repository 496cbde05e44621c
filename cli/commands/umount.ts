// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { say } from '#messages/say.ts';
import { mountUsers } from '../../client/mount-users.ts';
import type { CommandContext } from '../command-context.ts';
import type { HelperConnection } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { splitGuestPath } from '../guest-path.ts';
import { canAsk, confirm } from '../prompts.ts';
import { escapeForTerminal } from '../render/escape.ts';
import { tell } from '../output.ts';

/**
 * `berth umount`: takes one mounted folder away, or all of an instance. Asks, where somebody can answer, before it
 * takes one that is in use.
 */
export async function umount(
  context: CommandContext,
  destination: string,
  options: { readonly force?: boolean | undefined },
): Promise<number> {
  const { name, path: target } = splitGuestPath(destination);
  const connection = await context.connect();
  if (options.force !== true && canAsk() && !(await isAgreed(connection, name, target))) return exitCodes.failed;
  const removed = await connection.request('mounts.remove', { name, ...(target === undefined ? {} : { target }) });
  if (removed.length === 0) tell(say('cli.mount.nothing', { name }));
  return exitCodes.success;
}

async function isAgreed(connection: HelperConnection, name: InstanceName, asked: string | undefined): Promise<boolean> {
  const mounts = (await connection.request('mounts.list', { name })).filter(
    ({ state, target }) =>
      state === 'connected' && (asked === undefined || target === asked || target.endsWith(`/${asked}`)),
  );
  for (const { target } of mounts) {
    const users = (await mountUsers(connection, name, target)) ?? [];
    const list = users.map(({ pid, command }) => `${escapeForTerminal(command)} (${pid})`).join(', ');
    if (
      users.length > 0 &&
      !(await confirm(say('cli.umount.in-use', { target: escapeForTerminal(target), name, users: list })))
    )
      return false;
  }
  return true;
}
