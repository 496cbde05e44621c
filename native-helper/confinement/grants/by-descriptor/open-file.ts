// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { oPath } from '../../../posix/o-path.ts';
import { openBeneath } from '../../../posix/open-beneath.ts';

interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Opens the file or folder of an absolute path without a link on the way, below this root directory, to be read. As
 * `user` by its effective numbers alone: its real ones stay root's, so nobody of the user's may look into this process,
 * take its descriptors or put others in their place (ptrace(2), pidfd_getfd(2)).
 *
 * @throws NodeJS.ErrnoException EINVAL for what is neither, ELOOP at a link
 */
export async function openFile(root: string, path: string, user: User): Promise<FileHandle> {
  // with root's rights: nobody else may go to another process's
  const directory = await open(root, oPath | constants.O_DIRECTORY);
  become(user);
  try {
    return await openBeneath(directory.fd, path.replace(/^\/+/, ''), {
      flags: constants.O_RDONLY | constants.O_NONBLOCK,
      mayCrossMounts: true,
    });
  } finally {
    becomeRoot();
    await directory.close();
  }
}

function become({ uid, gid }: User): void {
  process.setgroups?.([]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  if (process.geteuid?.() !== uid || process.getegid?.() !== gid) throw new Error(`could not become user ${uid}`);
}

function becomeRoot(): void {
  process.seteuid?.(0);
  process.setegid?.(0);
}
