// SPDX-License-Identifier: MIT
/**
 * A program of its own: `may-open ACCESS PATH` becomes the user of a machine and tries, by its exit code, whether he
 * may open a file (`r` or `rw`) or pass through a folder (`x`). What is no regular file is found, and not opened.
 *
 * Not a shell with that user's rights: a machine in an attacker's hands runs as the same user, and would leave its
 * namespaces through the root directory of any process of his that it may trace. Who has changed his user himself, with
 * no program after it, may be traced by nobody but root (ptrace(2), PR_SET_DUMPABLE).
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { atSelf } from '../../../posix/at.ts';
import { becomeUser } from '../../../posix/become-user.ts';
import { oPath } from '../../../posix/o-path.ts';

const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const [access, path = ''] = process.argv.slice(2);

becomeUser();
try {
  if (access === 'x') process.chdir(path);
  else {
    const found = openSync(path, oPath);
    if (!fstatSync(found).isFile()) throw new Error('no file');
    closeSync(openSync(atSelf(found), (access === 'rw' ? O_RDWR : O_RDONLY) | O_NONBLOCK));
  }
} catch {
  process.exitCode = 1;
}
