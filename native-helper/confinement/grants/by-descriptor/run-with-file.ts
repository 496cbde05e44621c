// SPDX-License-Identifier: MIT
import type { FileHandle } from 'node:fs/promises';
import koffi from 'koffi';
import { becomeCommand } from '../../../posix/become-command.ts';
import { openFile } from './open-file.ts';
import { refuse } from './refusal.ts';

const dup2 = koffi.load('libc.so.6').func('int dup2(int from, int to)');

/** How it ends where the user could not open what is there, or nothing is. */
const refusedCode = 91;
/** As which descriptor the command has it. */
const place = 8;

/**
 * Becomes a command that is root and has as descriptor 8 the file or folder that a user could open by this path, in the
 * mounts below the directory ROOT: `/`, or the `root` of a process in other namespaces.
 */
export async function runWithFile([
  root = '',
  uid = '',
  gid = '',
  path = '',
  ...command
]: readonly string[]): Promise<void> {
  const file = await openFile(root, path, { uid: Number(uid), gid: Number(gid) }).catch((error: unknown) =>
    refuse(path, error, refusedCode),
  );
  if (file) becomeWith(file, command);
}

/** What had that number is closed: nothing of this program's is used any more. */
function becomeWith(file: FileHandle, command: readonly string[]): never {
  if (file.fd !== place && dup2(file.fd, place) < 0)
    throw new Error(`descriptor ${place} cannot be had (errno ${koffi.errno()})`);
  becomeCommand(command, [0, 1, 2, place]);
}
